"""The officer's desk for people: the way in, what waits, an agency, a rule, what was decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from connectors import calendar
from expectations.rules import reasons
from portal import door, frame, sessions
from portal.officer import accounts, look, reports, visitor, waiting
from portal.officer.visitor import Visiting
from portal.refusals import NotTaken
from portal.words import REFUSALS, say

router = APIRouter(include_in_schema=False, prefix="/officer")
MOST_PILES = 20


@router.get("")
def home(visit: Visiting) -> Response:
    """What waits for this person."""
    known = look.agencies(visit)
    with visitor.opened(visit.settings, visit.actor) as connection:
        held = waiting.batches(connection, status="held")
        piles = waiting.piles(connection)
        states = waiting.rows_by_status(connection)
        by_agency = waiting.rows_by_agency(connection)
        alerts = waiting.alerts(connection)
    feeds = calendar.feeds(visit.settings, known, dt.datetime.now(dt.UTC))
    return look.page(
        visit,
        "home",
        at="home",
        held=held,
        piles=piles,
        most=MOST_PILES,
        states=states,
        agency_rows=[*by_agency.items(), *((code, 0) for code in sorted(known) if code not in by_agency)],
        late=[feed for feed in feeds if feed.late_by is not None],
        alerts=alerts,
    )


@router.get("/agencies/{code}")
def agency(visit: Visiting, code: str) -> Response:
    """One agency: its rows by rule, its latest batches."""
    visit.need("viewer", code)
    with visitor.opened(visit.settings, visit.actor) as connection:
        piles = waiting.piles(connection, agency=code)
        states = waiting.rows_by_status(connection, agency=code)
        batches = waiting.batches(connection, agency=code, limit=20)
    if code not in look.agencies(visit) and not batches and not states:
        raise NotTaken("nothing_here", 404)
    about = reports.page_about(visit, "agency", code)
    facts: dict[str, Any] = {"code": code, "piles": piles, "states": states, "batches": batches, "report": about}
    return look.page(visit, "agency", at="home", **facts)


@router.get("/rules/{rule_id}")
def rule(visit: Visiting, rule_id: str) -> Response:
    """One rule: what it means, why, how to mend, and how many rows it keeps back."""
    with visitor.opened(visit.settings, visit.actor) as connection:
        piles = waiting.piles(connection, rule=rule_id, states=waiting.STATES)
    if not piles and rule_id not in reasons.known():
        raise NotTaken("nothing_here", 404)
    return look.page(
        visit,
        "rule",
        at="home",
        rule_id=rule_id,
        rule=look.rule_of(rule_id),
        report=reports.page_about(visit, "rule", rule_id),
        piles=[pile for pile in piles if pile.status == "open"],
        others=[pile for pile in piles if pile.status != "open"],
    )


@router.get("/trail")
def trail(visit: Visiting, before: dt.datetime | None = None, actor: str = "") -> Response:
    """Who decided what, the latest first."""
    with visitor.opened(visit.settings, visit.actor) as connection:
        found = waiting.trail(connection, actor=actor or None, before=before)
    shown = found[: waiting.PAGE]
    older = shown[-1].at if len(found) > waiting.PAGE else None
    return look.page(visit, "trail", at="trail", lines=shown, older=older, by=actor)


@router.get("/sign-in")
def way_in(request: Request) -> Response:
    """The way in, for whoever asks for it by name."""
    return look.way_in(request, door.session(request, door.OFFICERS), wanted=door.OFFICERS.home)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Begin a session with a name and a token, and lead to the page that was asked for."""
    visit, given = door.session(request, door.OFFICERS), await frame.small_form(request)
    name, wanted = given.get("name", "").strip(), visitor.way_back(given.get("wanted", ""))
    try:
        frame.check_mark(request, visit, door.OFFICERS, given.get(sessions.MARK_FIELD))
        token, officer = await run_in_threadpool(
            door.check_token, request, given.get("token", "").strip(), door.OFFICERS, accounts.find, named=name
        )
    except NotTaken as error:
        code = "wrong_officer" if error.code == "wrong_token" else error.code
        told = say(REFUSALS[code], door.language(request)).format_map(error.facts)
        return look.way_in(request, visit, wanted=wanted, name=name, told=told, status=error.status)
    ours = door.service(request)
    what, detail = f"token {token.token_id}", {"caller": door.caller_of(request)}
    await run_in_threadpool(door.note, ours.settings, door.OFFICERS, officer.name, "desk.signed_in", what, detail)
    begun = sessions.begin(ours.config.session_hours, officer.name, token.token_id)
    return frame.with_session(request, RedirectResponse(wanted, 303), begun, door.OFFICERS)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    given = await frame.small_form(request)
    visit = door.session(request, door.OFFICERS)
    frame.check_mark(request, visit, door.OFFICERS, given.get(sessions.MARK_FIELD))
    answer = RedirectResponse(door.OFFICERS.home, 303)
    answer.delete_cookie(door.OFFICERS.cookie, path=door.OFFICERS.home)
    return answer


def not_signed_in(request: Request, _: Exception) -> Response:
    """The way in, in place of the page that was asked for; a form that was sent by nobody is not taken."""
    if request.method != "GET":
        return frame.message(request, say(REFUSALS["stale_form"], door.language(request)), 403, {})
    if frame.comes_from_elsewhere(request):
        return frame.again(request)
    asked = f"{request.url.path}{'?' if request.url.query else ''}{request.url.query}"
    return look.way_in(request, door.session(request, door.OFFICERS), wanted=visitor.way_back(asked))
