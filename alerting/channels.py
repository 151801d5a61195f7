"""The ways out: e-mail over SMTP and signed webhooks. What cannot be sent now raises :class:`Unsent`; it is kept."""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import hmac
import json
import smtplib
import ssl
import time
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from alerting import config as configured
from alerting.config import MAIL_PASSWORD, Config, Mail, Recipient, Webhook
from pipeline.errors import ConfigurationError, FlyoverError
from pipeline.settings import Settings

SIGNATURE_HEADER, TIME_HEADER, ID_HEADER = "X-Flyover-Signature", "X-Flyover-Timestamp", "X-Flyover-Message"


class Unsent(FlyoverError):
    """A message that its server did not take; it stays and is tried again."""

    retriable = True

    def __init__(self, words: str, *, is_about_server: bool = True) -> None:
        self.is_about_server = is_about_server
        super().__init__(words)


def send(
    settings: Settings,
    config: Config,
    recipient: Recipient,
    channel: str,
    message_id: UUID,
    subject: str,
    body: Mapping[str, Any],
    written_at: dt.datetime,
) -> str | None:
    """Send one message over one channel; it returns when the server has taken it, with what was wrong all the same.

    :raises Unsent: when it has not; the words name no address
    """
    try:
        if channel == "mail":
            return _mail(settings, _known_mail(config), recipient, message_id, subject, body, written_at)
        _post(settings, config.webhooks[channel], message_id, body["document"])
    except ConfigurationError as error:
        raise Unsent(str(error)) from None
    return None


def _known_mail(config: Config) -> Mail:
    if config.mail is None:
        raise ConfigurationError("alerting.yml names no mail server any more")
    return config.mail


def _mail(
    settings: Settings,
    mail: Mail,
    recipient: Recipient,
    message_id: UUID,
    subject: str,
    body: Mapping[str, Any],
    written_at: dt.datetime,
) -> str | None:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = subject, mail.sender, ", ".join(recipient.mail)
    letter["Date"] = email.utils.format_datetime(written_at)
    # the same at every try, so that a server that took it before an answer was lost can tell the copy
    letter["Message-ID"] = f"<{message_id}@{mail.sender.rpartition('@')[2] or 'flyover'}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(body["text"])
    letter.add_alternative(body["html"], subtype="html")
    try:
        with _connected(mail) as server:
            if mail.user:
                server.login(mail.user, configured.secret(settings, MAIL_PASSWORD))
            refused = server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        raise Unsent(f"the mail server refuses all {len(error.recipients)} addresses", is_about_server=False) from None
    except smtplib.SMTPResponseException as error:
        raise Unsent(f"the mail server answers {error.smtp_code} ({type(error).__name__})") from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unsent(f"the mail server {mail.host}:{mail.port} cannot be used ({_kind(error)})") from None
    # sent again it would come twice to those who have it
    return f"the mail server refuses {len(refused)} of {len(recipient.mail)} addresses" if refused else None


def _connected(mail: Mail) -> smtplib.SMTP:
    """A connection as safe as it was asked for: a server that offers no STARTTLS gets neither login nor letter."""
    if mail.security == "none":
        return smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_s)
    trust = ssl.create_default_context(cafile=mail.ca_file)
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.timeout_s, context=trust)
    server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_s)
    try:
        server.starttls(context=trust)
    except BaseException:
        server.close()
        raise
    return server


def _kind(error: BaseException) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else type(error).__name__


def _post(settings: Settings, webhook: Webhook, message_id: UUID, document: Mapping[str, Any]) -> None:
    import httpx

    content = json.dumps({"message_id": str(message_id), **document}, ensure_ascii=False).encode()
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        ID_HEADER: str(message_id),
        TIME_HEADER: stamp,
        SIGNATURE_HEADER: signature(configured.secret(settings, webhook.secret), stamp, content),
    }
    try:
        answer = httpx.post(webhook.url, content=content, headers=headers, timeout=webhook.timeout_s)
    except httpx.HTTPError as error:
        raise Unsent(f"webhook {webhook.name} cannot be reached ({type(error).__name__})") from None
    if not answer.is_success:
        raise Unsent(f"webhook {webhook.name} answers {answer.status_code}")


def signature(key: str, stamp: str, content: bytes) -> str:
    """What stands in the signature's header: HMAC-SHA-256 over time stamp, a dot and the body."""
    return "sha256=" + hmac.new(key.encode(), f"{stamp}.".encode() + content, hashlib.sha256).hexdigest()
