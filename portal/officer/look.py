"""How pages of the officer's desk are made: one frame, the names of agencies and rules, times of the province."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from connectors import registry
from connectors.registry import Agency, Language
from expectations.decisions.people import Actor
from expectations.rules import reasons, suites
from expectations.rules.suites import Rule, Text
from pipeline.settings import Settings
from pipeline.zone import ZONE
from portal import door, frame
from portal.officer import words
from portal.officer.visitor import Visit
from portal.sessions import Session
from portal.words import REFUSALS, say

HOME = door.OFFICERS.home


def page(visit: Visit, template: str, *, at: str = "", status: int = 200, **facts: Any) -> Response:
    """A page for someone who has signed in; ``at`` is the place in the menu."""
    content = frame.rendered(
        f"officer/{template}.html.j2",
        visit.language,
        **facts,
        **vocabulary(agencies(visit)),
        because=lambda told: because(told, visit.language),
        at=at,
        actor=visit.actor,
        may_decide=visit.actor.may("officer"),
        sees_reports=visit.actor.may("officer") and visit.actor.agencies is None,
        mark=frame.mark(visit.request, visit.session, door.OFFICERS),
        here=_other_language(visit.request),
    )
    return frame.page(visit.request, content, {}, status)


def way_in(
    request: Request, session: Session, *, wanted: str, name: str = "", told: str = "", status: int = 200
) -> Response:
    """The sign-in page."""
    mark = frame.mark(request, session, door.OFFICERS)
    facts = {"mark": mark, "told": told, "name": name, "wanted": wanted, "actor": None, "here": "?"}
    content = frame.rendered("officer/sign_in.html.j2", door.language(request), **facts)
    return frame.with_session(request, frame.page(request, content, {}, status), session, door.OFFICERS)


def agencies(visit: Visit) -> Mapping[str, Agency]:
    """Agencies this person answers for, as their yml files stand now."""
    return agencies_of(visit.settings, visit.actor)


def agencies_of(settings: Settings, actor: Actor) -> Mapping[str, Agency]:
    """Agencies someone answers for, as their yml files stand now."""
    folder = settings.agencies_dir
    newest = max((path.stat().st_mtime_ns for path in folder.glob("*.yml")), default=0)
    return {code: each for code, each in _registered(folder, newest).items() if actor.may("viewer", code)}


def rule_of(rule_id: str) -> Rule | None:
    """The rule as its suite says it; None for the reader's and the contract's own reasons, and for one taken out."""
    suite = suites.load().get(rule_id.partition(".")[0])
    return next((rule for rule in suite.rules if rule.id == rule_id), None) if suite else None


def vocabulary(known: Mapping[str, Agency]) -> dict[str, Any]:
    """What every template may say."""
    explained = reasons.known()
    return {
        "agency_name": lambda code: (
            Text(known[code].name_zh, known[code].name_en) if code in known else Text(code, code)
        ),
        "is_simulated": lambda code: code in known and known[code].area == "simulated",
        "why": lambda rule_id: reasons.explain(rule_id, explained),
        "local": lambda at: at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if at else "—",
        "day": lambda at: at.astimezone(ZONE).strftime("%Y-%m-%d") if at else "—",
        "link": link,
        "measure": measure,
        "rule_of": rule_of,
        "w": words,
    }


def measure(value: object) -> str:
    """A measured value as a person reads it: numbers without a tail of digits, nothing where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "…" if value in (None, "") else str(value)
    return f"{int(value):,}" if value == int(value) else f"{value:,.4g}"


def because(told: object, language: Language) -> str:
    """Why a threshold is what it is, as the judge wrote it down."""
    return str(told.get(language, "")) if isinstance(told, dict) else str(told)


def link(place: str, **asked: Any) -> str:
    """An address of this desk; what is None or empty is left out."""
    given = urlencode({name: str(value) for name, value in asked.items() if value not in (None, "")})
    return f"{HOME}{place}{'?' if given else ''}{given}"


def refused(visit: Visit, code: str, **facts: Any) -> str:
    """A refusal in words."""
    return say(REFUSALS[code], visit.language).format_map(facts)


def _other_language(request: Request) -> str:
    """Before ``lang=…``: where this page can be asked for again; a page that answers a form leads home."""
    if request.method != "GET":
        return f"{HOME}?"
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"?{urlencode(kept)}{'&' if kept else ''}"


@functools.lru_cache(2)
def _registered(folder: Path, newest: int) -> Mapping[str, Agency]:
    return registry.load_all(folder)
