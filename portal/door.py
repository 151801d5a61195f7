"""Who is calling: a person's session or a machine's token, and what the service knows while it runs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import Request

from connectors import registry
from connectors.registry import Agency, Language
from pipeline import names
from pipeline.db import connect
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from portal import sessions, tokens
from portal.config import Config
from portal.limits import Crowd, Failures
from portal.refusals import NotTaken
from portal.sessions import Session
from portal.tokens import Keyring, Token

log = logging.getLogger(__name__)
LANGUAGE_COOKIE = "flyover_language"
Caller = TypeVar("Caller")


@dataclass(frozen=True)
class Desk:
    """One of the two desks: where it begins, its cookie, its tokens. Nothing of one opens the other."""

    kind: str
    """of whoever sits at it; stands before their name in the audit trail"""
    home: str
    cookie: str
    ring: Keyring


AGENCIES = Desk("agency", "/", "flyover_desk", tokens.AGENCIES)
OFFICERS = Desk("officer", "/officer", "flyover_officer", tokens.OFFICERS)


@dataclass
class Service:
    """What requests share."""

    settings: Settings
    config: Config
    session_keys: Mapping[str, bytes] = field(repr=False)
    """by kind of desk"""
    failures: Failures = field(default_factory=Failures)
    crowd: Crowd = field(default_factory=Crowd)


def session_keys(settings: Settings) -> Mapping[str, bytes]:
    """What each desk signs its sessions with.

    :raises ConfigurationError: when this state directory is older than the desk
    """
    return {desk.kind: tokens.signing_key(settings, f"session {desk.kind}") for desk in (AGENCIES, OFFICERS)}


def service(request: Request) -> Service:
    """The service a request came to."""
    found: Service = request.app.state.service
    return found


def session(request: Request, desk: Desk) -> Session:
    """The caller's session at a desk; a new one of nobody where there is none."""
    ours = service(request)
    kept = sessions.read(request.cookies.get(desk.cookie), ours.session_keys[desk.kind])
    return kept or sessions.begin(ours.config.session_hours)


def is_still_valid(request: Request, visit: Session, desk: Desk) -> bool:
    """Whether someone has signed in, and the token they did it with is still valid."""
    if visit.owner is None or visit.token_id is None:
        return False
    return tokens.still_valid(service(request).settings, visit.token_id, visit.owner, ring=desk.ring)


def signed_in(request: Request, visit: Session) -> Agency | None:
    """The agency of a session whose token is still valid."""
    if visit.owner is None or not is_still_valid(request, visit, AGENCIES):
        return None
    agency = agency_of(service(request).settings, visit.owner)
    request.state.agency = agency
    return agency


def check_token(
    request: Request,
    token: str,
    desk: Desk,
    find: Callable[[Settings, str], Caller | None],
    *,
    named: str | None = None,
) -> tuple[Token, Caller]:
    """The owner of a token as ``find`` knows them; who must be the one ``named``, where someone is.

    :raises NotTaken: for a wrong token, or when this caller has failed too often
    """
    ours, caller = service(request), caller_of(request)
    if wait := ours.failures.wait_s(caller):
        raise NotTaken("too_often", 429, wait=wait)
    found = tokens.owner(ours.settings, token, ring=desk.ring)
    owner = find(ours.settings, found.owner) if found else None
    if found is None or owner is None or named not in (None, found.owner):
        ours.failures.note(caller)
        note(ours.settings, desk, "nobody", "desk.sign_in_failed", f"caller {caller}", {})
        raise NotTaken("wrong_token", 401)
    return found, owner


def check_agency(request: Request, token: str, *, named: str | None = None) -> tuple[Token, Agency]:
    """The agency whose token this is.

    :raises NotTaken: for a wrong token, or when this caller has failed too often
    """
    found, agency = check_token(request, token, AGENCIES, agency_of, named=named)
    request.state.agency = agency
    return found, agency


def bearer(request: Request) -> Agency:
    """The agency whose token a machine shows; each use is noted.

    :raises NotTaken: without a valid one
    """
    found, agency = check_agency(request, shown_token(request))
    note_call(request, AGENCIES, found)
    return agency


def shown_token(request: Request) -> str:
    """The token in a request's header, if there is one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def note_call(request: Request, desk: Desk, token: Token) -> None:
    """Write to the audit trail that a machine called."""
    detail = {"method": request.method, "path": request.url.path}
    note(service(request).settings, desk, token.owner, "desk.called", f"token {token.token_id}", detail)


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


def language(request: Request, agency: Agency | None = None) -> Language:
    """What to speak: as asked, as last asked, as the agency's yml says, as the browser says."""
    for told in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if told in ("zh", "en"):
            return "zh" if told == "zh" else "en"
    if agency is not None or (agency := getattr(request.state, "agency", None)) is not None:
        return agency.language
    first = request.headers.get("accept-language", "zh").lower()
    return "en" if first.startswith("en") else "zh"


def note(settings: Settings, desk: Desk, who: str, action: str, what: str, detail: dict[str, Any]) -> None:
    """Write to the audit trail; never a token, and no file's name."""
    with connect(settings, desk.ring.checker) as connection:
        connection.execute(
            "insert into audit.entry (actor, action, object, detail) values (%s, %s, %s, %s)",
            (f"{desk.kind} {who}", action, what, json.dumps(detail)),
        )
