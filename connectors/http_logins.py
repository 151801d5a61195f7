"""How an agency's server is told who asks: OAuth 2 client credentials, a bearer token, a name and password, or nothing.

A login holds no secret of its own: it is given functions that read one, and calls them anew whenever it needs it. So a
credential is rotated by writing the new one down; nothing is stopped for it.
"""

from __future__ import annotations

import base64
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

Credential = Callable[[], str]
"""Reads one secret; called at every use, never kept."""
Post = Callable[[str, Mapping[str, str], Mapping[str, str]], Any]
"""Posts a form: address, fields, headers; gives the JSON of the answer."""

_LIFE_USED = 0.9
"""Part of a token's life after which a new one is fetched, so that none ends on its way."""


class Login(Protocol):
    """What :class:`connectors.http.Client` asks before each request."""

    def headers(self, post: Post) -> Mapping[str, str]:
        """Headers that say who asks; ``post`` reaches the server that gives out tokens.

        :raises UnusableTokenError: there is none to show
        """
        ...

    def forget(self) -> None:
        """The server did not take what it was shown: read the credential anew before the next request."""
        ...


class NoLogin:
    """Open servers."""

    def headers(self, post: Post) -> Mapping[str, str]:
        """None are needed."""
        return {}

    def forget(self) -> None:
        """Nothing is kept."""


class Bearer:
    """A token the agency gave us once."""

    def __init__(self, token: Credential) -> None:
        self._token = token

    def headers(self, post: Post) -> Mapping[str, str]:
        """The token as it is written down now."""
        return {"Authorization": f"Bearer {_fit(self._token())}"}

    def forget(self) -> None:
        """Nothing is kept."""


class Basic:
    """A name and a password (HTTP basic authentication)."""

    def __init__(self, name: Credential, password: Credential) -> None:
        self._name, self._password = name, password

    def headers(self, post: Post) -> Mapping[str, str]:
        """Name and password as they are written down now."""
        return {"Authorization": _basic(self._name(), self._password())}

    def forget(self) -> None:
        """Nothing is kept."""


class ClientCredentials:
    """OAuth 2 client credentials (RFC 6749, 4.4): the secret buys a token, the token goes with each request.

    The client shows itself by HTTP basic authentication, as the standard demands every server to take.
    """

    def __init__(
        self,
        token_url: str,
        client_id: Credential,
        client_secret: Credential,
        scopes: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token_url, self._scopes, self._clock = token_url, tuple(scopes), clock
        self._client_id, self._client_secret = client_id, client_secret
        self._token: str | None = None
        self._renew_at: float | None = None

    def headers(self, post: Post) -> Mapping[str, str]:
        """The token in hand, or a new one where there is none or it ends soon."""
        if self._token is None or (self._renew_at is not None and self._clock() >= self._renew_at):
            self._token = self._bought(post)
        return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """The next token is bought with the credential as it is written down then."""
        self._token = None

    def _bought(self, post: Post) -> str:
        asked_at = self._clock()
        form = {"grant_type": "client_credentials"}
        if self._scopes:
            form["scope"] = " ".join(self._scopes)
        quoted = (urllib.parse.quote_plus(self._client_id()), urllib.parse.quote_plus(self._client_secret()))
        answer = post(self._token_url, form, {"Authorization": _basic(*quoted)})
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise UnusableTokenError
        lives_s = answer.get("expires_in")
        known = isinstance(lives_s, int | float) and lives_s > 0
        self._renew_at = asked_at + lives_s * _LIFE_USED if known else None
        return _fit(token)


class UnusableTokenError(ValueError):
    """There is no token, or none that fits into a header. Says nothing more: the client has the words for people."""


def _fit(token: str) -> str:
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise UnusableTokenError  # what would object later shows the token in its message
    return token


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
