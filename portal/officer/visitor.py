"""Who sits at the officer's desk: a session or a token, the account as it stands now, and what it lets them do.

Every handler takes a :class:`Visit` or an :class:`Actor` from here, so none can forget to ask. The account is read anew
with each request: a role that was lowered, or an account that was ended, counts at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request

from connectors.registry import Language
from expectations.decisions.people import Actor, Role
from pipeline.db import Connection, connect
from pipeline.settings import Settings
from portal import door, frame, sessions
from portal.officer import accounts
from portal.refusals import NotTaken
from portal.sessions import Session

LONGEST_FORM, MOST_FIELDS = 1024 * 1024, 1_000
EVERYONE = "*"
ROLE = accounts.READER


class NotSignedIn(Exception):
    """Nobody has signed in; whoever does is led to where they wanted to go."""


@dataclass(frozen=True)
class Visit:
    """One request of someone who has signed in."""

    request: Request
    session: Session
    actor: Actor

    @property
    def settings(self) -> Settings:
        """Of the service."""
        return door.service(self.request).settings

    @property
    def language(self) -> Language:
        """What to speak."""
        return door.language(self.request)

    def need(self, role: Role, agency_code: str | None = None) -> None:
        """Let pass who may act as ``role``; what another's agency sent is not there.

        :raises NotTaken: 404 for an agency that is not theirs, 403 for a role that is too low
        """
        need(self.actor, role, agency_code)


def need(actor: Actor, role: Role, agency_code: str | None = None) -> None:
    """The one check of role and agency at this desk.

    :raises NotTaken: 404 for an agency that is not theirs, 403 for a role that is too low
    """
    if agency_code is not None and not actor.may("viewer", agency_code):
        raise NotTaken("nothing_here", 404)
    if not actor.may(role):
        raise NotTaken("not_your_role", 403, role=actor.role, needed=role)


def visit(request: Request) -> Visit:
    """Whoever has signed in, by their session.

    :raises NotSignedIn: nobody
    """
    session = door.session(request, door.OFFICERS)
    if not door.is_still_valid(request, session, door.OFFICERS):
        raise NotSignedIn
    officer = accounts.find(door.service(request).settings, session.owner or "")
    if officer is None:
        raise NotSignedIn
    return Visit(request, session, officer.actor)


def caller(request: Request) -> Actor:
    """The officer whose token a machine shows; each use is noted.

    :raises NotTaken: without a valid one
    """
    token, officer = door.check_token(request, door.shown_token(request), door.OFFICERS, accounts.find)
    door.note_call(request, door.OFFICERS, token)
    return officer.actor


async def form(request: Request) -> dict[str, list[str]]:
    """The fields of a form that a page of the caller's own session sent.

    :raises NotTaken: when it came from elsewhere
    """
    given = await frame.form(request, LONGEST_FORM, MOST_FIELDS)
    session = door.session(request, door.OFFICERS)
    frame.check_mark(request, session, door.OFFICERS, given.get(sessions.MARK_FIELD, [""])[-1])
    return given


Visiting = Annotated[Visit, Depends(visit)]
Calling = Annotated[Actor, Depends(caller)]
Form = Annotated[dict[str, list[str]], Depends(form)]


@contextmanager
def opened(settings: Settings, actor: Actor) -> Iterator[Connection[Any]]:
    """A read-only snapshot of what this person answers for; views of other agencies' data are empty."""
    seen = EVERYONE if actor.agencies is None else ",".join(sorted(actor.agencies))
    with connect(settings, ROLE) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        connection.execute("select set_config('flyover.officer_agencies', %s, true)", (seen,))
        yield connection


def way_back(wanted: str) -> str:
    """Where to lead someone who has signed in: a page of this desk, whatever else was asked for."""
    home, place = door.OFFICERS.home, urlsplit(wanted)
    is_ours = place.path == home or place.path.startswith(f"{home}/")
    is_elsewhere = place.scheme or place.netloc or any(sign in wanted for sign in ("\\", " ", "//", ".."))
    is_page = is_ours and not is_elsewhere and wanted.isprintable() and place.path != f"{home}/sign-in"
    return wanted if is_page else home
