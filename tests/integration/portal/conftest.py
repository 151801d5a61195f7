"""A desk that answers over HTTP, as ``./flyover up`` runs it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from pipeline.settings import CHECKOUT, Settings
from portal import tokens
from stack import portal as desk_process
from stack.ports import free_ports
from stack.supervisor import clean_environment

LIMIT_MB = 8


@dataclass(frozen=True)
class RunningDesk:
    """Its address, its process, and the settings it works on."""

    settings: Settings
    url: str
    pid: int

    def token(self, agency: str) -> str:
        """A fresh token of an agency."""
        return tokens.make(self.settings, agency, label="test", days=1)

    def machine(self, agency: str, token: str | None = None) -> httpx.Client:
        """A caller with a token."""
        headers = {"authorization": f"Bearer {token or self.token(agency)}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def browser(self) -> httpx.Client:
        """A caller that keeps cookies and asks for pages."""
        return httpx.Client(base_url=self.url, headers={"accept": "text/html"}, timeout=30)


@pytest.fixture(scope="module")
def running(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with serving(settings, tmp_path_factory.mktemp("desk") / "desk.log") as desk:
        yield desk


@contextmanager
def serving(settings: Settings, log: Path) -> Iterator[RunningDesk]:
    """A desk over these settings; its log may hold no token and no traceback."""
    (port,) = free_ports(1)
    environ = {name: value for name, value in clean_environment().items() if not name.startswith("FLYOVER_")}
    environ |= {
        "FLYOVER_STATE": str(settings.state_dir),
        "PYTHONPATH": str(CHECKOUT),
        "FLYOVER_PORTAL_MAX_MB": str(LIMIT_MB),
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", "--port", str(port)], cwd=CHECKOUT, env=environ, stdout=out, stderr=out
        )
    try:
        deadline = time.monotonic() + 60
        while not desk_process.answers(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield RunningDesk(settings, desk_process.url(port), process.pid)
    finally:
        process.terminate()
        process.wait(20)
    written = log.read_text()
    assert "fly-" not in written
    assert "Traceback" not in written, written
