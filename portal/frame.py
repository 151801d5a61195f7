"""What pages of both desks have in common: sessions, marks in forms, languages, plain messages, style and script."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jinja2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from connectors.registry import Language
from portal import door, sessions
from portal.agency.receipt_page import TEMPLATES, environment
from portal.door import Desk
from portal.refusals import NotTaken
from portal.sessions import Session
from portal.words import say

router = APIRouter(include_in_schema=False)
STYLES, SCRIPTS = ("desk.css", "officer.css"), ("desk.js", "officer.js")
LONGEST_FORM = 8192


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Style and script, from the files there are."""
    if name not in (*STYLES, *SCRIPTS):
        raise NotTaken("not_here", 404)
    kind = "text/css; charset=utf-8" if name in STYLES else "text/javascript; charset=utf-8"
    return Response(_static(name), media_type=kind, headers={"cache-control": "max-age=600"})


@router.get("/health")
def health() -> Response:
    """That the service answers."""
    return JSONResponse({"status": "healthy"})


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks for a page, not a script or a machine."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def desk_of(request: Request) -> Desk:
    """The desk an address belongs to."""
    path = request.url.path
    return door.OFFICERS if path == door.OFFICERS.home or path.startswith(f"{door.OFFICERS.home}/") else door.AGENCIES


def message(request: Request, text: str, status: int, headers: Mapping[str, str]) -> Response:
    """A page that says one thing."""
    desk = desk_of(request)
    facts = {"text": text, "refresh": headers.get("refresh"), "desk": desk}
    content = rendered("message.html.j2", door.language(request), agency=None, **facts)
    return HTMLResponse(content, status, {name: value for name, value in headers.items() if name != "refresh"})


def comes_from_elsewhere(request: Request) -> bool:
    """Whether a link of another site led here: the browser then keeps our strict cookie back this one time."""
    return request.headers.get("sec-fetch-site") == "cross-site"


def again(request: Request) -> Response:
    """A page that at once asks for itself, as a page of ours."""
    return message(request, "…", 200, {"refresh": "0"})


async def small_form(request: Request, *, longest: int = LONGEST_FORM, most_fields: int = 8) -> dict[str, str]:
    """A form without files; of fields that come several times, the last."""
    return {name: values[-1] for name, values in (await form(request, longest, most_fields)).items()}


async def form(request: Request, longest: int, most_fields: int) -> dict[str, list[str]]:
    """A form without files, every value of every field.

    :raises NotTaken: when it is longer than that, or does not say how long it is
    """
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > longest:
        raise NotTaken("stale_form", 403)
    given: dict[str, list[str]] = {}
    for name, value in (await request.form(max_files=0, max_fields=most_fields)).multi_items():
        if isinstance(value, str):
            given.setdefault(name, []).append(value)
    return given


def mark(request: Request, visit: Session, desk: Desk) -> str:
    """What a form of this session carries."""
    return sessions.form_mark(visit, door.service(request).session_keys[desk.kind])


def is_genuine(request: Request, visit: Session, desk: Desk, given: str | None) -> bool:
    """Whether a form came from a page of this session."""
    return sessions.is_form_mark(given, visit, door.service(request).session_keys[desk.kind])


def check_mark(request: Request, visit: Session, desk: Desk, given: str | None) -> None:
    """Refuse a form that came from elsewhere.

    :raises NotTaken: so
    """
    if not is_genuine(request, visit, desk, given):
        raise NotTaken("stale_form", 403)


def with_session(request: Request, answer: Response, visit: Session, desk: Desk) -> Response:
    """The answer, with the session in a cookie."""
    ours = door.service(request)
    answer.set_cookie(
        desk.cookie,
        sessions.signed(visit, ours.session_keys[desk.kind]),
        max_age=ours.config.session_hours * 3600,
        httponly=True,
        samesite="strict",
        secure=ours.config.is_https,
        path=desk.home,
    )
    return answer


def page(request: Request, content: str, headers: Mapping[str, str], status: int = 200) -> Response:
    """A page; the language it was asked in is kept."""
    answer = HTMLResponse(content, status, dict(headers))
    if (asked := request.query_params.get("lang")) in ("zh", "en"):
        answer.set_cookie(door.LANGUAGE_COOKIE, str(asked), max_age=365 * 86_400, httponly=True, samesite="lax")
    return answer


def rendered(template: str, language: Language, **facts: Any) -> str:
    """A template with the words every page needs."""
    made: jinja2.Template = environment().get_template(template)
    return made.render(
        **facts,
        language=language,
        other=("English", "en") if language == "zh" else ("中文", "zh"),
        t=lambda zh, en: zh if language == "zh" else en,
        say=lambda text: say(text, language),
    )


@functools.cache
def _static(name: str) -> bytes:
    if name in STYLES:
        return environment().get_template(f"{name}.j2").render().encode()
    return (TEMPLATES.parent / "static" / name).read_bytes()
