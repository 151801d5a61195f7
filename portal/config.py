"""What an operator may set about the desk, by environment like the rest of the stack."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors import ConfigurationError

MEGABYTE = 1024 * 1024
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True)
class Config:
    """Settings of the service."""

    max_upload_bytes: int = 1024 * MEGABYTE
    """of one delivery, all its files together (``FLYOVER_PORTAL_MAX_MB``)"""
    public_url: str = ""
    """where agencies reach the desk, if not where it listens (``FLYOVER_PORTAL_URL``); https makes cookies secure"""
    proxy: str = ""
    """address of the proxy before it, which may say who is calling (``FLYOVER_PORTAL_PROXY``)"""
    metrics_from: tuple[Network, ...] = LOOPBACK
    """who may scrape ``/metrics``, by address (``FLYOVER_PORTAL_METRICS_FROM``, networks joined by commas)"""
    session_hours: int = 8
    silence_s: float = 60.0
    """a sender that says nothing for so long has gone"""
    spare_disk_bytes: int = 512 * MEGABYTE
    """left free whatever is sent"""

    @property
    def is_https(self) -> bool:
        """Whether agencies come over TLS."""
        return self.public_url.startswith("https://")


def load(environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings.

    :raises ConfigurationError: naming the one that is wrong
    """
    environ = os.environ if environ is None else environ
    megabytes = environ.get("FLYOVER_PORTAL_MAX_MB", "1024")
    url = environ.get("FLYOVER_PORTAL_URL", "").rstrip("/")
    if not megabytes.isdigit() or int(megabytes) == 0:
        raise ConfigurationError(f"FLYOVER_PORTAL_MAX_MB must be a number of megabytes, not {megabytes!r}")
    if url and not url.startswith(("https://", "http://")):
        raise ConfigurationError(f"FLYOVER_PORTAL_URL must begin with https:// or http://, not {url!r}")
    proxy = environ.get("FLYOVER_PORTAL_PROXY", "")
    # behind a proxy that does not say who is calling, everyone comes from this machine
    is_anyone = bool(url) and not proxy
    return Config(
        max_upload_bytes=int(megabytes) * MEGABYTE,
        public_url=url,
        proxy=proxy,
        metrics_from=_networks(environ.get("FLYOVER_PORTAL_METRICS_FROM", "")) or (() if is_anyone else LOOPBACK),
    )


def _networks(given: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in given.split(",") if part.strip())
    except ValueError as wrong:
        raise ConfigurationError(f"FLYOVER_PORTAL_METRICS_FROM must be networks joined by commas: {wrong}") from None
