"""``alerting.yml`` in the state directory: who is told over which channel. Without it nobody is; the table stays.

Secrets are kept apart: ``./flyover alerts secret NAME``, or ``FLYOVER_ALERTS_<NAME>`` in the environment.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import yaml

from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

FILE = "alerting.yml"
OURS = "alerting"
"""Under this name the secrets are kept, beside those of the agencies."""
MAIL_PASSWORD = "mail_password"  # noqa: S105  the name of a secret
Security = Literal["starttls", "tls", "none"]
Language = Literal["both", "zh", "en"]


@dataclass(frozen=True)
class Mail:
    """The mail server. ``user`` logs in with the secret ``mail_password``; without one there is no login."""

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    ca_file: str | None = None
    timeout_s: float = 20.0


@dataclass(frozen=True)
class Webhook:
    """An address that gets JSON, signed with the secret ``<name>_key``."""

    name: str
    url: str
    timeout_s: float = 10.0

    @property
    def secret(self) -> str:
        """Name of the secret that it is signed with."""
        return f"{self.name}_key"


@dataclass(frozen=True)
class Recipient:
    """A group: ``engineers``, ``officers``, or an owner as agencies' yml name them."""

    name: str
    mail: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    language: Language = "both"

    @property
    def channels(self) -> tuple[str, ...]:
        """``mail`` and the webhooks' names."""
        return (*(("mail",) if self.mail else ()), *self.webhooks)


@dataclass(frozen=True)
class Thresholds:
    """When a condition counts; each can be set under ``thresholds``."""

    quarantine_share_pct: float = 10.0
    quarantine_least_rows: int = 20
    quarantine_days: int = 30
    refused_days: int = 7
    undecodable_days: int = 7
    waiver_days: int = 7
    core_behind_minutes: int = 60


@dataclass(frozen=True)
class Config:
    """The whole file."""

    mail: Mail | None = None
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    remind_after_hours: float = 24.0
    most_an_hour: int = 6
    """messages to one group"""
    runbooks_url: str = ""
    """what is put before ``docs/runbooks/…`` in a message, so that it can be clicked"""


def load(settings: Settings) -> Config:
    """Read the file; without one, what tells nobody.

    :raises ConfigurationError: naming what is wrong in it
    """
    path = settings.state_dir / FILE
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return _config(document)
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{path}: {' '.join(str(error).split())}. See docs/how-to/alerts.md") from None


def secret(settings: Settings, name: str) -> str:
    """A channel's secret, read anew at each use.

    :raises ConfigurationError: when it was never set
    """
    if value := os.environ.get(f"FLYOVER_ALERTS_{name.upper()}"):
        return value
    try:
        return settings.credential(OURS, name)
    except ConfigurationError as error:
        if "chmod" in str(error):
            raise
        raise ConfigurationError(f"no {name} is kept: ./flyover alerts secret {name}") from None


def _config(document: Mapping[str, Any]) -> Config:
    rest = dict(document)
    mail = Mail(**rest.pop("mail")) if rest.get("mail") else None
    webhooks = {name: Webhook(name, **words) for name, words in (rest.pop("webhooks", None) or {}).items()}
    recipients = {name: _recipient(name, words) for name, words in (rest.pop("recipients", None) or {}).items()}
    thresholds = Thresholds(**(rest.pop("thresholds", None) or {}))
    for name in ("mail", "webhooks", "recipients", "thresholds"):
        rest.pop(name, None)
    config = Config(mail, webhooks, recipients, thresholds, **rest)
    _check(config)
    return config


def _recipient(name: str, words: Mapping[str, Any]) -> Recipient:
    return Recipient(
        name, **{**words, "mail": tuple(words.get("mail") or ()), "webhooks": tuple(words.get("webhooks") or ())}
    )


def _check(config: Config) -> None:
    if config.mail:
        if config.mail.security not in get_args(Security):
            raise ValueError(f"mail.security must be one of {', '.join(get_args(Security))}")
        if config.mail.security == "none" and not is_here(config.mail.host):
            raise ValueError("mail.security none is for a server on this machine alone")
        if config.mail.ca_file and not Path(config.mail.ca_file).is_file():
            raise ValueError(f"mail.ca_file {config.mail.ca_file} is not there")
    for webhook in config.webhooks.values():
        parts = urlsplit(webhook.url)
        if parts.username or not (parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname))):
            raise ValueError(f"webhooks.{webhook.name}.url must begin with https:// and hold no password")
    for recipient in config.recipients.values():
        if recipient.language not in get_args(Language):
            raise ValueError(f"recipients.{recipient.name}.language must be one of {', '.join(get_args(Language))}")
        if recipient.mail and not config.mail:
            raise ValueError(f"recipients.{recipient.name} has mail addresses, but there is no mail server")
        if unknown := set(recipient.webhooks) - set(config.webhooks):
            raise ValueError(f"recipients.{recipient.name} names no webhook of ours: {', '.join(sorted(unknown))}")


def is_here(host: str | None) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
