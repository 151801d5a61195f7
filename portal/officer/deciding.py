"""Decisions about rows, one or many: asked once more with the count, carried out, and what came of it in plain words.

The desk takes no decision itself: it hands what was chosen to ``expectations.decisions``, the way the terminal does.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import Response

from connectors import producer
from expectations.decisions import quarantine
from expectations.decisions.days import today
from expectations.decisions.people import Actor, NotAllowed
from expectations.decisions.quarantine import Replay, Selection
from pipeline.errors import BadInput, FlyoverError
from pipeline.settings import Settings
from portal.officer import look, visitor, waiting
from portal.officer.rows import Filter, offered
from portal.officer.visitor import Form, Visit, Visiting
from portal.officer.words import ROW_ACTIONS
from portal.refusals import NotTaken

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False, prefix="/officer")
MOST_LEFT = 50
"""How many of the rows that were left a page names."""


@dataclass(frozen=True)
class Meant:
    """What a form says is to be decided."""

    action: str
    wanted: Filter
    entries: tuple[int, ...]
    total: int
    """rows that fitted when the page was made"""

    @property
    def selection(self) -> Selection:
        """The rows chosen one by one, or as many of the oldest that fit as the person was told of."""
        if self.entries:
            return Selection(entries=self.entries)
        return self.wanted.selection(limit=self.total)


@dataclass(frozen=True)
class Outcome:
    """What came of a decision."""

    decided: int
    left: tuple[tuple[int, str], ...] = ()
    batches: tuple[uuid.UUID, ...] = ()
    """whose rows were decided; of a replay, the new ones"""
    decision_id: int | None = None
    superseded: int = 0
    sources: frozenset[str] = field(default_factory=frozenset)
    """whose staged rows are to be published"""


@router.post("/rows/confirm")
def confirm(visit: Visiting, given: Form) -> Response:
    """Say once more what would be decided, about how many rows, and ask why."""
    meant = _meant(given)
    return _asked(visit, meant)


@router.post("/rows/decide")
def decide(visit: Visiting, given: Form) -> Response:
    """Carry a decision out."""
    visit.need("officer")
    meant = _meant(given)
    reason, until = given.get("reason", [""])[-1].strip(), _day(given.get("until", [""])[-1])
    if not reason:
        return _asked(visit, meant, told=look.refused(visit, "no_reason"), status=400)
    if meant.action == "waive" and (until is None or until < today()):
        return _asked(visit, meant, told=look.refused(visit, "no_such_day"), reason=reason, status=400)
    try:
        outcome = carry_out(visit.settings, visit.actor, meant.action, meant.selection, reason=reason, until=until)
    except NotAllowed:
        raise NotTaken("nothing_here", 404) from None
    except BadInput as error:
        told = look.refused(visit, "not_decided", problem=error.problem)
        return _asked(visit, meant, told=told, reason=reason, status=409)
    return _told(visit, meant.action, outcome, meant.wanted)


@router.post("/decisions/{decision}/undo")
def undo(visit: Visiting, decision: int, given: Form) -> Response:
    """Take a decision about rows back, for all of them that nothing has happened to since."""
    visit.need("officer")
    with visitor.opened(visit.settings, visit.actor) as connection:
        entries = waiting.entries_of(connection, decision)
    if not entries:
        raise NotTaken("nothing_here", 404)
    meant = Meant("reopen", Filter(), entries, len(entries))
    reason = given.get("reason", [""])[-1].strip()
    if not reason:
        return _asked(visit, meant, place=f"/decisions/{decision}/undo")
    outcome = carry_out(visit.settings, visit.actor, "reopen", meant.selection, reason=reason)
    return _told(visit, "reopen", outcome, Filter())


def carry_out(
    settings: Settings,
    actor: Actor,
    action: str,
    selection: Selection,
    *,
    reason: str,
    until: dt.date | None = None,
) -> Outcome:
    """Hand a decision to the one place where decisions are taken.

    :raises NotAllowed: when rows of another agency are named
    :raises BadInput: when it cannot be taken at all
    """
    if action in ("replay", "resend"):
        as_is = selection.rule if action == "resend" else None
        return _replayed(quarantine.replay_all(settings, selection, actor=actor, reason=reason, rule=as_is))
    if action == "waive":
        assert until is not None  # noqa: S101 - callers have asked for the day
        done = quarantine.waive(settings, selection, reason=reason, expires_on=until, actor=actor)
    else:
        take = {"return": quarantine.return_, "refuse": quarantine.refuse, "reopen": quarantine.reopen}[action]
        done = take(settings, selection, reason=reason, actor=actor)
    return Outcome(done.decided, done.left, done.batches, done.decision_id)


def publish(settings: Settings, source: str) -> None:
    """Send what a replay staged, once the answer is out; where Kafka is away it goes with the next publishing."""
    try:
        producer.publish(settings, source=source)
    except FlyoverError as error:
        log.error("replayed rows of %s wait to be published: %s", source, error)


def publish_all(settings: Settings, sources: frozenset[str]) -> None:
    """Send what replays staged of each source."""
    for source in sorted(sources):
        publish(settings, source)


def _replayed(replays: list[Replay]) -> Outcome:
    return Outcome(
        decided=sum(replay.rows + replay.superseded for replay in replays),
        batches=tuple(replay.batch_id for replay in replays if replay.batch_id),
        superseded=sum(replay.superseded for replay in replays),
        sources=frozenset(replay.delivery.source for replay in replays if replay.rows),
    )


def _meant(given: Mapping[str, list[str]]) -> Meant:
    """What a form means.

    :raises NotTaken: when it means nothing
    """
    one = {name: values[-1] for name, values in given.items()}
    action = one.get("action", "")
    if action not in ROW_ACTIONS:
        raise NotTaken("nothing_here", 404)
    is_all = one.get("scope") == "all"
    entries = () if is_all else tuple(int(e) for e in given.get("entry", ()) if e.isdigit() and len(e) < 16)
    if not entries and not is_all:
        raise NotTaken("nothing_chosen", 400)
    status = one.get("status", "open")
    wanted = Filter(one.get("agency", ""), one.get("table", ""), one.get("rule", ""), one.get("batch", ""))
    if status in (*waiting.STATES, "any"):
        wanted = replace(wanted, status=status)  # type: ignore[arg-type]
    total = one.get("total", "")
    if is_all and not (total.isdigit() and len(total) < 12):
        raise NotTaken("nothing_chosen", 400)
    return Meant(action, wanted, entries, len(entries) if not is_all else int(total))


def _asked(
    visit: Visit,
    meant: Meant,
    *,
    told: str = "",
    reason: str = "",
    status: int = 200,
    place: str = "/rows/decide",
) -> Response:
    visit.need("officer", meant.wanted.agency or None)
    if meant.action == "resend" and meant.action not in offered(meant.wanted):
        raise NotTaken("nothing_here", 404)
    try:
        count = quarantine.count(visit.settings, meant.selection, actor=visit.actor)
    except NotAllowed:
        raise NotTaken("nothing_here", 404) from None
    return look.page(
        visit,
        "confirm",
        at="rows",
        status=status,
        meant=meant,
        act=ROW_ACTIONS[meant.action],
        count=count,
        told=told,
        reason=reason,
        place=place,
        first_day=today(),
        last_day=today() + dt.timedelta(days=30),
    )


def _told(visit: Visit, action: str, outcome: Outcome, wanted: Filter) -> Response:
    answer = look.page(
        visit,
        "done",
        at="rows",
        act=ROW_ACTIONS[action],
        action=action,
        outcome=outcome,
        left=outcome.left[:MOST_LEFT],
        wanted=wanted,
    )
    if outcome.sources:
        answer.background = BackgroundTask(publish_all, visit.settings, outcome.sources)
    return answer


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
