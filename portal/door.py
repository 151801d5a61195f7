"""Who is calling: a person's session or a machine's token, and what the service knows while it runs."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from connectors import registry
from connectors.registry import Agency, Language
from pipeline import names
from pipeline.db import connect
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from portal import sessions, tokens
from portal.agency import desk
from portal.agency.incoming import NotTaken
from portal.config import Config
from portal.limits import Crowd, Failures
from portal.sessions import Session
from portal.tokens import Token

log = logging.getLogger(__name__)
LANGUAGE_COOKIE = "flyover_language"


@dataclass
class Service:
    """What requests share."""

    settings: Settings
    config: Config
    session_key: bytes = field(repr=False)
    failures: Failures = field(default_factory=Failures)
    crowd: Crowd = field(default_factory=Crowd)


def service(request: Request) -> Service:
    """The service a request came to."""
    found: Service = request.app.state.service
    return found


def session(request: Request) -> Session:
    """The caller's session; a new one of nobody where there is none."""
    ours = service(request)
    kept = sessions.read(request.cookies.get(sessions.COOKIE), ours.session_key)
    return kept or sessions.begin(ours.config.session_hours)


def signed_in(request: Request, visit: Session) -> Agency | None:
    """The agency of a session whose token is still valid."""
    ours = service(request)
    if visit.agency_code is None or visit.token_id is None:
        return None
    if not tokens.still_valid(ours.settings, visit.token_id, visit.agency_code):
        return None
    agency = agency_of(ours.settings, visit.agency_code)
    request.state.agency = agency
    return agency


def check_token(request: Request, token: str, *, agency_code: str | None = None) -> tuple[Token, Agency]:
    """The owner of a token, which must be of that agency where one is named.

    :raises NotTaken: for a wrong token, or when this caller has failed too often
    """
    ours, caller = service(request), caller_of(request)
    if wait := ours.failures.wait_s(caller):
        raise NotTaken("too_often", 429, wait=wait)
    found = tokens.owner(ours.settings, token)
    agency = agency_of(ours.settings, found.agency_code) if found else None
    if found is None or agency is None or agency_code not in (None, found.agency_code):
        ours.failures.note(caller)
        note(ours.settings, "nobody", "desk.sign_in_failed", f"caller {caller}", {})
        raise NotTaken("wrong_token", 401)
    request.state.agency = agency
    return found, agency


def bearer(request: Request) -> Agency:
    """The agency whose token a machine shows; each use is noted.

    :raises NotTaken: without a valid one
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found, agency = check_token(request, token.strip() if scheme.lower() == "bearer" else "")
    detail = {"method": request.method, "path": request.url.path}
    note(service(request).settings, agency.agency_code, "desk.called", f"token {found.token_id}", detail)
    return agency


def agency_of(settings: Settings, code: str) -> Agency | None:
    """The agency as its yml stands now; None when it has been taken out."""
    path = settings.agencies_dir / f"{names.agency(code)}.yml"
    try:
        return registry.read(path) if path.exists() else None
    except ConfigurationError as error:
        log.error("%s", error)
        return None


def caller_of(request: Request) -> str:
    """Address of the caller."""
    return request.client.host if request.client else "unknown"


def language(request: Request, agency: Agency | None) -> Language:
    """What to speak: as asked, as last asked, as the agency's yml says, as the browser says."""
    for told in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if told in ("zh", "en"):
            return "zh" if told == "zh" else "en"
    if agency is not None or (agency := getattr(request.state, "agency", None)) is not None:
        return agency.language
    first = request.headers.get("accept-language", "zh").lower()
    return "en" if first.startswith("en") else "zh"


def note(settings: Settings, who: str, action: str, what: str, detail: dict[str, Any]) -> None:
    """Write to the audit trail; never a token, and no file's name."""
    with connect(settings, desk.ROLE) as connection:
        connection.execute(
            "insert into audit.entry (actor, action, object, detail) values (%s, %s, %s, %s)",
            (f"agency {who}", action, what, json.dumps(detail)),
        )
