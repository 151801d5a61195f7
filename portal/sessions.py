"""Who is at a desk: a signed cookie, and a mark in every form that only its session's pages can carry.

The cookie holds no secret. It is bound to the token it was signed in with, so revoking that ends it. Before signing in
a visitor has a session of nobody, so that the sign-in form is protected too; signing in begins a new one. Each desk
signs with a key of its own, so a cookie of one is nothing at the other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass

MARK_FIELD, MARK_HEADER = "mark", "x-flyover-mark"


@dataclass(frozen=True)
class Session:
    """One visit; without an owner until it signs in."""

    nonce: str
    ends: int
    owner: str | None = None
    """code of an agency, or name of an officer"""
    token_id: str | None = None


def begin(hours: int, owner: str | None = None, token_id: str | None = None) -> Session:
    """A session that nobody had before."""
    return Session(secrets.token_urlsafe(18), int(time.time()) + hours * 3600, owner, token_id)


def signed(session: Session, key: bytes) -> str:
    """The session as a cookie's value."""
    body = base64.urlsafe_b64encode(json.dumps(asdict(session)).encode())
    return f"{body.decode()}.{_mac(key, b'session:' + body)}"


def read(cookie: str | None, key: bytes) -> Session | None:
    """The session of a cookie; None for one that has ended, or that we did not sign."""
    body, _, mac = (cookie or "").partition(".")
    if not hmac.compare_digest(mac.encode(), _mac(key, b"session:" + body.encode()).encode()):
        return None
    try:
        session = Session(**json.loads(base64.urlsafe_b64decode(body)))
    except (binascii.Error, ValueError, TypeError):
        return None
    return session if time.time() < session.ends else None


def form_mark(session: Session, key: bytes) -> str:
    """What a form of this session carries, and no other site can know."""
    return _mac(key, b"form:" + session.nonce.encode())


def is_form_mark(given: str | None, session: Session, key: bytes) -> bool:
    """Whether a form came from a page of this session."""
    return hmac.compare_digest((given or "").encode(), form_mark(session, key).encode())


def _mac(key: bytes, message: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode().rstrip("=")
