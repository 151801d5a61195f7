"""Two desks as one web service: the agencies' and the quality officer's; and the published numbers, for everyone.

Listens on loopback; see docs/reference.

Pages for people (a session in a signed cookie), and the same for machines under ``/api/v1`` (a token a request). An
agency is shown its own alone, an officer the agencies they answer for; anyone else's is not there (404).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pipeline.db import DataError, OperationalError
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings
from portal import door, frame, metrics, numbers
from portal.agency import api, incoming, pages
from portal.config import Config
from portal.door import Service
from portal.officer import api as officer_api
from portal.officer import batches, deciding, feeds, lineage, reports, rows
from portal.officer import pages as officer_pages
from portal.officer.visitor import NotSignedIn
from portal.refusals import NotTaken
from portal.words import REFUSALS, say

log = logging.getLogger(__name__)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def create(settings: Settings, config: Config) -> FastAPI:
    """The service; uploads that an earlier life had begun are removed.

    :raises ConfigurationError: when this state directory is older than the desk
    """
    app = FastAPI(title="Flyover desk", version="1", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    app.state.service = Service(settings, config, door.session_keys(settings))
    if left := incoming.sweep(settings):
        log.warning("%s uploads of an earlier life were removed", left)
    app.include_router(frame.router)
    app.include_router(numbers.router)
    app.include_router(metrics.router)
    app.include_router(pages.router)
    app.include_router(api.router)
    for part in (officer_pages, rows, deciding, batches, feeds, lineage, reports, officer_api):
        app.include_router(part.router)
    app.add_exception_handler(NotTaken, _not_taken)
    app.add_exception_handler(NotSignedIn, officer_pages.not_signed_in)
    app.add_exception_handler(DataError, _unfit)
    for trouble in (SystemTrouble, OperationalError):
        app.add_exception_handler(trouble, _away)
    app.add_middleware(_Headers, is_https=config.is_https)
    return app


def _not_taken(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotTaken)  # noqa: S101 - registered for it alone
    message = say(REFUSALS[error.code], door.language(request)).format_map(error.facts)
    headers = {"retry-after": str(error.facts["wait"])} if "wait" in error.facts else {}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    if frame.wants_page(request):
        return frame.message(request, message, error.status, headers)
    return JSONResponse({"code": error.code, "message": message}, error.status, headers)


def _unfit(request: Request, error: Exception) -> Response:
    """What no column can hold (a NUL, a number beyond all) is about nothing that is here."""
    log.warning("%s at %s", type(error).__name__, request.scope["route"].path)
    return _not_taken(request, NotTaken("nothing_here", 404))


def _away(request: Request, error: Exception) -> Response:
    log.error("%s", str(error).splitlines()[0] if isinstance(error, SystemTrouble) else type(error).__name__)
    message = say(REFUSALS["away"], door.language(request))
    if frame.wants_page(request):
        return frame.message(request, message, 503, {"retry-after": "10"})
    return JSONResponse({"code": "away", "message": message}, 503, {"retry-after": "10"})


class _Headers:
    """Puts the security headers on every answer that has not set its own."""

    def __init__(self, app: Callable[..., Awaitable[None]], *, is_https: bool) -> None:
        self._app = app
        headers = {**HEADERS, **({"strict-transport-security": "max-age=31536000"} if is_https else {})}
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(h for h in self._headers if h[0] not in given)]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
