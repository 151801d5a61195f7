"""Kafka Connect's REST interface, as far as we use it: one connector an agency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from pipeline.errors import FlyoverError, SystemTrouble
from pipeline.settings import Settings

USER = "flyover"
TIMEOUT_S = 60.0  # making a connector asks the agency's database
PROBE_TIMEOUT_S = 3.0


class Unusable(FlyoverError):
    """Connect refuses a connector's settings; its reason may quote the database's."""

    exit_code = 2


@dataclass(frozen=True)
class Health:
    """How a connector is: ``running``, ``failed``, ``stopped``, ``starting``, or ``absent``."""

    state: str
    trace: str = ""


@dataclass(frozen=True)
class Worker:
    """One worker at its address."""

    url: str
    password: str = field(repr=False)

    def answers(self) -> bool:
        """Whether it answers and takes our password."""
        try:
            with self._client(PROBE_TIMEOUT_S) as client:
                return client.get("/").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def connectors(self) -> list[str]:
        """Names of the connectors it has."""
        return list(self._ask("GET", "/connectors"))

    def config(self, name: str) -> dict[str, str] | None:
        """Settings of a connector, secrets still by reference; None when it is not there."""
        found: dict[str, str] | None = self._ask("GET", f"/connectors/{name}/config", missing=None)
        return found

    def put(self, name: str, config: Mapping[str, str]) -> None:
        """Make a connector, or give it other settings.

        :raises Unusable: with Connect's reason
        """
        self._ask("PUT", f"/connectors/{name}/config", dict(config))

    def delete(self, name: str) -> None:
        """Take a connector away; how far it read stays known."""
        self._ask("DELETE", f"/connectors/{name}", missing=None)

    def health(self, name: str) -> Health:
        """How a connector and its one task are."""
        found = self._ask("GET", f"/connectors/{name}/status", missing=None)
        if found is None:
            return Health("absent")
        parts = [found["connector"], *found["tasks"]]
        for part in parts:
            if part["state"] == "FAILED":
                return Health("failed", part.get("trace", ""))
        if found["connector"]["state"] in ("STOPPED", "PAUSED"):
            return Health("stopped")
        running = found["tasks"] and all(part["state"] == "RUNNING" for part in parts)
        return Health("running" if running else "starting")

    def restart(self, name: str) -> None:
        """Start a connector and its task anew."""
        self._ask("POST", f"/connectors/{name}/restart?includeTasks=true&onlyFailed=false")

    def stop(self, name: str) -> None:
        """Stop a connector: it lets its database go, and keeps its settings."""
        self._ask("PUT", f"/connectors/{name}/stop")

    def forget(self, name: str) -> None:
        """Have a stopped connector forget how far it has read."""
        self._ask("DELETE", f"/connectors/{name}/offsets")

    def resume(self, name: str) -> None:
        """Let a stopped connector go on."""
        self._ask("PUT", f"/connectors/{name}/resume")

    def _ask(self, verb: str, path: str, body: object = None, *, missing: Any = ...) -> Any:
        with self._client(TIMEOUT_S) as client, _trouble(self.url):
            answer = client.request(verb, path, json=body)
        if answer.status_code == httpx.codes.NOT_FOUND and missing is not ...:
            return missing
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise Unusable(_reason(answer))
        if answer.is_error:
            raise SystemTrouble(f"Kafka Connect at {self.url} answers {answer.status_code} ({_reason(answer)[:300]})")
        return answer.json() if answer.content else None

    def _client(self, seconds: float) -> httpx.Client:
        return httpx.Client(base_url=self.url, auth=(USER, self.password), timeout=seconds, trust_env=False)


def of(settings: Settings) -> Worker:
    """The worker of this stack.

    :raises SystemTrouble: when the stack was started without one
    """
    if settings.connect_url is None:
        raise SystemTrouble("Kafka Connect was never started here; ./flyover up starts it")
    return Worker(settings.connect_url, settings.secrets.connect_password)


def credentials_folder(state_dir: Path) -> Path:
    """Where passwords lie that connectors read; each file is its owner's alone."""
    return state_dir / "connect" / "credentials"


@contextmanager
def _trouble(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise SystemTrouble(
            f"Kafka Connect at {url} does not answer ({type(error).__name__}). See ./flyover status; "
            "./flyover up starts it again, and nothing is lost meanwhile"
        ) from error


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("message", ""))
    except ValueError:
        return answer.text[:300]
