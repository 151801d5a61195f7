"""The desk for people: sign in, hand in, watch, read receipts; in Chinese and English, usable without scripts."""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from connectors.registry import Agency, Language
from pipeline.settings import Settings
from portal import door, sessions
from portal.agency import answers, desk, handing_in, listing, receipt_page
from portal.agency.incoming import NotTaken
from portal.agency.receipt import Receipt
from portal.agency.receipt_page import TEMPLATES, TONES, Links
from portal.sessions import Session
from portal.words import REFUSALS, STATES, say

router = APIRouter(include_in_schema=False)
STATIC: Mapping[str, str] = {"desk.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8"}
_LONGEST_SIGN_IN = 8192


@router.get("/")
def home(request: Request, before: dt.datetime | None = None) -> Response:
    """The desk; for whoever has not signed in, the way in."""
    if _comes_from_elsewhere(request):
        return _again(request)
    visit = door.session(request)
    agency = door.signed_in(request, visit)
    if agency is None:
        return _sign_in(request, visit)
    return _desk(request, visit, agency, before=before)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Begin a session with an agency's code and token."""
    visit, given = door.session(request), await _small_form(request)
    ours = door.service(request)
    code = given.get("agency", "").strip().lower()
    try:
        _check_mark(request, visit, given.get(sessions.MARK_FIELD))
        token, agency = await run_in_threadpool(
            door.check_token, request, given.get("token", "").strip(), agency_code=code
        )
    except NotTaken as error:
        told = say(REFUSALS[error.code], door.language(request, None)).format_map(error.facts)
        return _sign_in(request, visit, told=told, code=code, status=error.status)
    what, detail = f"token {token.token_id}", {"caller": door.caller_of(request)}
    await run_in_threadpool(door.note, ours.settings, agency.agency_code, "desk.signed_in", what, detail)
    begun = sessions.begin(ours.config.session_hours, agency.agency_code, token.token_id)
    return _with_session(request, RedirectResponse("/", 303), begun)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    given = await _small_form(request)
    _check_mark(request, door.session(request), given.get(sessions.MARK_FIELD))
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(sessions.COOKIE, path="/")
    return answer


@router.post("/hand-in")
async def hand_in(request: Request) -> Response:
    """Take one delivery from the page; its mark comes in a header, or as a field before the first file."""
    visit = door.session(request)
    agency = await run_in_threadpool(door.signed_in, request, visit)
    if agency is None:
        raise NotTaken("stale_form", 403)
    in_header = request.headers.get(sessions.MARK_HEADER)

    def is_genuine(in_form: str | None) -> bool:
        return sessions.is_form_mark(in_header or in_form, visit, door.service(request).session_key)

    if in_header is not None and not is_genuine(None):
        raise NotTaken("stale_form", 403)
    taken = await handing_in.take(request, agency, is_genuine)
    if wants_page(request):
        return RedirectResponse("/", 303)
    return JSONResponse({"delivery": str(taken.upload_id), "origin": taken.origin}, 201)


@router.get("/list")
def deliveries(request: Request) -> Response:
    """The list alone, for a page that keeps itself fresh."""
    agency = door.signed_in(request, door.session(request))
    if agency is None:
        raise NotTaken("stale_form", 403)
    return HTMLResponse(_rendered(request, "_list.html.j2", agency, **_listed(request, agency, None)))


@router.get("/deliveries/{delivery}")
def delivery(request: Request, delivery: str, after: str = "") -> Response:
    """The receipt of one delivery."""
    if _comes_from_elsewhere(request):
        return _again(request)
    visit = door.session(request)
    agency = door.signed_in(request, visit)
    if agency is None:
        return _sign_in(request, visit)
    settings, words = door.service(request).settings, door.language(request, agency)
    _, receipt = answers.resolve(settings, agency, delivery)
    if receipt is None:
        return message(request, say(STATES["waiting"], words), 200, {"refresh": "3"})
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
    return _page(request, page, _receipt_policy(page))


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


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Style and script, from the two files there are."""
    if name not in STATIC:
        raise NotTaken("not_here", 404)
    return Response(_static(name), media_type=STATIC[name], headers={"cache-control": "max-age=600"})


@router.get("/health")
def health() -> Response:
    """That the service answers."""
    return JSONResponse({"status": "healthy"})


def receipt_alone(settings: Settings, agency: Agency, receipt: Receipt, language: Language) -> Response:
    """The receipt as a page of its own, as it can be kept."""
    with desk.opened(settings, agency.agency_code) as connection:
        page = receipt_page.render(connection, receipt, language)
    return HTMLResponse(page, headers=_receipt_policy(page))


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for a page, not a script or a machine."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def message(request: Request, text: str, status: int, headers: Mapping[str, str]) -> Response:
    """A page that says one thing."""
    page = _rendered(request, "message.html.j2", None, text=text, refresh=headers.get("refresh"))
    return HTMLResponse(page, status, {name: value for name, value in headers.items() if name != "refresh"})


def _sign_in(request: Request, visit: Session, *, told: str = "", code: str = "", status: int = 200) -> Response:
    page = _rendered(request, "sign_in.html.j2", None, mark=_mark(request, visit), told=told, code=code)
    return _with_session(request, _page(request, page, {}, status), visit)


def _desk(request: Request, visit: Session, agency: Agency, *, before: dt.datetime | None) -> Response:
    page = _rendered(
        request,
        "desk.html.j2",
        agency,
        mark=_mark(request, visit),
        limit_bytes=door.service(request).config.max_upload_bytes,
        refusals=REFUSALS,
        **_listed(request, agency, before),
    )
    return _page(request, page, {})


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
    agency = door.signed_in(request, door.session(request))
    if agency is None:
        raise NotTaken("stale_form", 403)
    _, receipt = answers.resolve(door.service(request).settings, agency, delivery)
    if receipt is None:
        raise NotTaken("not_here", 404)
    return agency, receipt


async def _small_form(request: Request) -> dict[str, str]:
    """A form without files."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > _LONGEST_SIGN_IN:
        raise NotTaken("stale_form", 403)
    form = await request.form(max_files=0, max_fields=8)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _mark(request: Request, visit: Session) -> str:
    return sessions.form_mark(visit, door.service(request).session_key)


def _check_mark(request: Request, visit: Session, given: str | None) -> None:
    if not sessions.is_form_mark(given, visit, door.service(request).session_key):
        raise NotTaken("stale_form", 403)


def _with_session(request: Request, answer: Response, visit: Session) -> Response:
    ours = door.service(request)
    answer.set_cookie(
        sessions.COOKIE,
        sessions.signed(visit, ours.session_key),
        max_age=ours.config.session_hours * 3600,
        httponly=True,
        samesite="strict",
        secure=ours.config.is_https,
        path="/",
    )
    return answer


def _page(request: Request, page: str, headers: Mapping[str, str], status: int = 200) -> Response:
    answer = HTMLResponse(page, status, dict(headers))
    if (asked := request.query_params.get("lang")) in ("zh", "en"):
        answer.set_cookie(door.LANGUAGE_COOKIE, str(asked), max_age=365 * 86_400, httponly=True, samesite="lax")
    return answer


def _receipt_policy(page: str) -> dict[str, str]:
    """A receipt carries its own style and runs nothing."""
    policy = f"default-src 'none'; style-src {receipt_page.style_hash(page)}; img-src data:; base-uri 'none'"
    return {"content-security-policy": f"{policy}; form-action 'none'; frame-ancestors 'none'"}


def _comes_from_elsewhere(request: Request) -> bool:
    """Whether a link of another site led here: the browser then keeps our strict cookie back this one time."""
    return request.headers.get("sec-fetch-site") == "cross-site"


def _again(request: Request) -> Response:
    return message(request, "…", 200, {"refresh": "0"})


def _rendered(request: Request, template: str, agency: Agency | None, **facts: Any) -> str:
    words = door.language(request, agency)
    zone = zoneinfo.ZoneInfo(agency.time_zone) if agency else dt.UTC
    return (
        receipt_page.environment()
        .get_template(template)
        .render(
            **facts,
            agency=agency,
            language=words,
            other=("English", "en") if words == "zh" else ("中文", "zh"),
            states=STATES,
            tones=TONES,
            t=lambda zh, en: zh if words == "zh" else en,
            say=lambda text: say(text, words),
            local=lambda at: at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        )
    )


@functools.cache
def _static(name: str) -> bytes:
    if name == "desk.css":
        return receipt_page.environment().get_template("desk.css.j2").render().encode()
    return (TEMPLATES.parent / "static" / name).read_bytes()
