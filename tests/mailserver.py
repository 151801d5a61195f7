"""A real SMTP server on this machine for tests, which can be away and come back on the same port."""

from __future__ import annotations

import email
import email.policy
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from stack.ports import free_ports

USER, PASSWORD = "flyover", "a password of this test"


@dataclass
class MailServer:
    """Where it is and what it took."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """addresses it does not know"""
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    needs_login: bool = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 taken"

    @contextmanager
    def running(self) -> Iterator[MailServer]:
        """Answer while the context lasts."""
        options: dict[str, Any] = {"ssl_context": self.tls} if self.implicit else {"tls_context": self.tls}
        if self.tls and not self.implicit:
            options["require_starttls"] = True
        if self.needs_login:
            options |= {"authenticator": _authenticate, "auth_required": True}
        controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


def new(**how: Any) -> MailServer:
    """A server that does not run yet, on a free port."""
    (port,) = free_ports(1)
    return MailServer(port, **how)


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    """The letter's part of one kind."""
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    assert isinstance(given, LoginPassword)
    return AuthResult(handled=False, success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()))
