"""The desk for people: sign in, hand in, watch, read receipts; in Chinese and English, usable without scripts."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from connectors.registry import Agency, Language
from pipeline.settings import Settings
from portal import door, frame, sessions
from portal.agency import answers, desk, handing_in, listing, receipt_page
from portal.agency.receipt import Receipt
from portal.agency.receipt_page import TONES, Links
from portal.refusals import NotTaken
from portal.sessions import Session
from portal.words import REFUSALS, STATES, say

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, before: dt.datetime | None = None) -> Response:
    """The desk; for whoever has not signed in, the way in."""
    if frame.comes_from_elsewhere(request):
        return frame.again(request)
    visit = door.session(request, door.AGENCIES)
    agency = door.signed_in(request, visit)
    if agency is None:
        return _sign_in(request, visit)
    return _desk(request, visit, agency, before=before)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Begin a session with an agency's code and token."""
    visit, given = door.session(request, door.AGENCIES), await frame.small_form(request)
    ours = door.service(request)
    code = given.get("agency", "").strip().lower()
    try:
        frame.check_mark(request, visit, door.AGENCIES, given.get(sessions.MARK_FIELD))
        token, agency = await run_in_threadpool(door.check_agency, request, given.get("token", "").strip(), named=code)
    except NotTaken as error:
        told = say(REFUSALS[error.code], door.language(request, None)).format_map(error.facts)
        return _sign_in(request, visit, told=told, code=code, status=error.status)
    what, detail = f"token {token.token_id}", {"caller": door.caller_of(request)}
    await run_in_threadpool(door.note, ours.settings, door.AGENCIES, agency.agency_code, "desk.signed_in", what, detail)
    begun = sessions.begin(ours.config.session_hours, agency.agency_code, token.token_id)
    return frame.with_session(request, RedirectResponse("/", 303), begun, door.AGENCIES)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    given = await frame.small_form(request)
    frame.check_mark(request, door.session(request, door.AGENCIES), door.AGENCIES, given.get(sessions.MARK_FIELD))
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(door.AGENCIES.cookie, path="/")
    return answer


@router.post("/hand-in")
async def hand_in(request: Request) -> Response:
    """Take one delivery from the page; its mark comes in a header, or as a field before the first file."""
    visit = door.session(request, door.AGENCIES)
    agency = await run_in_threadpool(door.signed_in, request, visit)
    if agency is None:
        raise NotTaken("stale_form", 403)
    in_header = request.headers.get(sessions.MARK_HEADER)

    def is_genuine(in_form: str | None) -> bool:
        return frame.is_genuine(request, visit, door.AGENCIES, in_header or in_form)

    if in_header is not None and not is_genuine(None):
        raise NotTaken("stale_form", 403)
    taken = await handing_in.take(request, agency, is_genuine)
    if frame.wants_page(request):
        return RedirectResponse("/", 303)
    return JSONResponse({"delivery": str(taken.upload_id), "origin": taken.origin}, 201)


@router.get("/list")
def deliveries(request: Request) -> Response:
    """The list alone, for a page that keeps itself fresh."""
    agency = door.signed_in(request, door.session(request, door.AGENCIES))
    if agency is None:
        raise NotTaken("stale_form", 403)
    return HTMLResponse(_rendered(request, "_list.html.j2", agency, **_listed(request, agency, None)))


@router.get("/deliveries/{delivery}")
def delivery(request: Request, delivery: str, after: str = "") -> Response:
    """The receipt of one delivery."""
    if frame.comes_from_elsewhere(request):
        return frame.again(request)
    visit = door.session(request, door.AGENCIES)
    agency = door.signed_in(request, visit)
    if agency is None:
        return _sign_in(request, visit)
    settings, words = door.service(request).settings, door.language(request, agency)
    _, receipt = answers.resolve(settings, agency, delivery)
    if receipt is None:
        return frame.message(request, say(STATES["waiting"], words), 200, {"refresh": "3"})
    here = f"/deliveries/{receipt.receipt_id}"
    links = Links(
        home="/",
        here=here,
        other_language=f"{here}?lang={'en' if words == 'zh' else 'zh'}",
        csv=f"{here}/receipt.csv",
        json=f"{here}/receipt.json",
        mend=f"{here}/to-mend",
        receipts="/deliveries",
    )
    table, _, place = after.partition(":")
    begin = {table: int(place)} if place.isdigit() and len(place) < 10 else {}
    with desk.opened(settings, agency.agency_code) as connection:
        page = receipt_page.render(connection, receipt, words, links=links, after=begin)
    return frame.page(request, page, _receipt_policy(page))


@router.get("/deliveries/{delivery}/receipt.{form}")
def receipt_file(request: Request, delivery: str, form: str) -> Response:
    """The receipt as a file."""
    agency, receipt = _of_session(request, delivery)
    if form not in ("csv", "json"):
        raise NotTaken("not_here", 404)
    settings = door.service(request).settings
    return answers.document(settings, agency, receipt, form, door.language(request, agency))


@router.get("/deliveries/{delivery}/to-mend/{table}.{form}")
def rows_to_mend(request: Request, delivery: str, table: str, form: str) -> Response:
    """The rows of one table that can still be put right, to be filled in and handed in again."""
    agency, receipt = _of_session(request, delivery)
    settings = door.service(request).settings
    return answers.to_mend(settings, agency, receipt, table, form, door.language(request, agency))


def receipt_alone(settings: Settings, agency: Agency, receipt: Receipt, language: Language) -> Response:
    """The receipt as a page of its own, as it can be kept."""
    with desk.opened(settings, agency.agency_code) as connection:
        page = receipt_page.render(connection, receipt, language)
    return HTMLResponse(page, headers=_receipt_policy(page))


def _sign_in(request: Request, visit: Session, *, told: str = "", code: str = "", status: int = 200) -> Response:
    page = _rendered(
        request, "sign_in.html.j2", None, mark=frame.mark(request, visit, door.AGENCIES), told=told, code=code
    )
    return frame.with_session(request, frame.page(request, page, {}, status), visit, door.AGENCIES)


def _desk(request: Request, visit: Session, agency: Agency, *, before: dt.datetime | None) -> Response:
    page = _rendered(
        request,
        "desk.html.j2",
        agency,
        mark=frame.mark(request, visit, door.AGENCIES),
        limit_bytes=door.service(request).config.max_upload_bytes,
        refusals=REFUSALS,
        **_listed(request, agency, before),
    )
    return frame.page(request, page, {})


def _listed(request: Request, agency: Agency, before: dt.datetime | None) -> dict[str, Any]:
    with desk.opened(door.service(request).settings, agency.agency_code) as connection:
        lines = listing.page(connection, before=before)
    return {
        "lines": lines,
        "is_first": before is None,
        "older": lines[-1].at.isoformat() if len(lines) == listing.PAGE else None,
        "under_way": any(line.state in ("waiting", "processing") for line in lines),
    }


def _of_session(request: Request, delivery: str) -> tuple[Agency, Receipt]:
    agency = door.signed_in(request, door.session(request, door.AGENCIES))
    if agency is None:
        raise NotTaken("stale_form", 403)
    _, receipt = answers.resolve(door.service(request).settings, agency, delivery)
    if receipt is None:
        raise NotTaken("not_here", 404)
    return agency, receipt


def _receipt_policy(page: str) -> dict[str, str]:
    """A receipt carries its own style and runs nothing."""
    policy = f"default-src 'none'; style-src {receipt_page.style_hash(page)}; img-src data:; base-uri 'none'"
    return {"content-security-policy": f"{policy}; form-action 'none'; frame-ancestors 'none'"}


def _rendered(request: Request, template: str, agency: Agency | None, **facts: Any) -> str:
    zone = zoneinfo.ZoneInfo(agency.time_zone) if agency else dt.UTC
    return frame.rendered(
        template,
        door.language(request, agency),
        **facts,
        agency=agency,
        states=STATES,
        tones=TONES,
        local=lambda at: at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
    )
