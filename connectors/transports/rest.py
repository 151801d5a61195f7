"""The client of an agency's server, asked as the ``params`` of its yml want it: what every REST transport shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from connectors.http import Client
from connectors.http_logins import Login
from connectors.registry import Agency


def client(
    agency: Agency, login: Login, sleep: Callable[[float], None], headers: Mapping[str, str] | None = None
) -> Client:
    """A client by ``url``, ``requests_per_second``, ``timeout_s``, ``patience_s`` and ``ca_file``."""
    params = agency.params
    return Client(
        agency,
        params["url"],
        authorise=login,
        requests_per_second=float(params.get("requests_per_second", "5")),
        timeout_s=float(params.get("timeout_s", "30")),
        patience_s=float(params.get("patience_s", "300")),
        headers=headers,
        ca_file=Path(params["ca_file"]) if "ca_file" in params else None,
        sleep=sleep,
    )
