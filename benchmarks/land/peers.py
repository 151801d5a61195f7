"""What others would use, each well tuned as its documentation says, in an environment of its own made on first use."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import server
from benchmarks.frame import Contender, Progress
from benchmarks.land import events, landed, race
from benchmarks.land.race import Field, Runner
from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT, Settings
from stack.state import cache_directory

FOLDER = CHECKOUT / "benchmarks" / "peers"
ROLE = "flyover_owner"
DLT, DLT_ARROW, QUIX, BYTEWAX, AIRFLOW = "dlt", "dlt, arrow tables by hand", "quixstreams", "Bytewax", "Airflow"


@dataclass(frozen=True)
class Peer:
    """One of them."""

    name: str
    module: str
    group: str
    """of dependencies, in benchmarks/peers/pyproject.toml"""
    library: str
    table: tuple[str, str] = ("landing", events.TABLE)

    def contender(self, ours: server.Server, filled: Settings, rows: int) -> Contender:
        """It lands the first ``rows`` of the records."""
        place = partial(_place, self, ours, filled, rows)
        return Contender(self.name, race.run, place, _ready, lambda place: landed.look(place.settings, self.table))


ALL = (
    Peer(DLT, "benchmarks.peers.dlt_rows", "streams", "dlt", ("peer", "results")),
    Peer(DLT_ARROW, "benchmarks.peers.dlt_arrow", "streams", "dlt", ("peer", "results")),
    Peer(QUIX, "benchmarks.peers.quix", "streams", "quixstreams"),
    Peer(BYTEWAX, "benchmarks.peers.bytewax_copy", "streams", "bytewax"),
    Peer(AIRFLOW, "benchmarks.peers.airflow_consume", "airflow", "apache-airflow-providers-apache-kafka"),
)


def install(peers: Sequence[Peer], progress: Progress) -> Mapping[str, str]:
    """Make their environments unless they are there; their libraries' versions.

    :raises SystemTrouble: when an environment cannot be made
    """
    for group in dict.fromkeys(peer.group for peer in peers):
        if not _python(group).exists():
            progress(f"installing what others would use ({group}; some minutes the first time)")
            _sync(group)
    return {peer.library: _version(peer) for peer in peers}


def _environment(group: str) -> Path:
    mark = hashlib.sha256((FOLDER / "uv.lock").read_bytes()).hexdigest()[:12]
    return cache_directory() / "peers" / f"{group}-{mark}"


def _python(group: str) -> Path:
    return _environment(group) / "bin" / "python"


def _sync(group: str) -> None:
    target = _environment(group)
    env = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(target)}
    command = [
        _uv(), "sync", "--frozen", "--only-group", group, "--compile-bytecode", "--quiet", "--python",
        sys.executable, "--project", str(FOLDER),
    ]  # fmt: skip
    done = subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        shutil.rmtree(target, ignore_errors=True)
        raise SystemTrouble(f"benchmark: the peers' environment could not be made: {done.stderr.strip()[-500:]}")


def _uv() -> str:
    """The uv that ./flyover found or installed."""
    kept = sorted(cache_directory().glob("uv-*/bin/uv"))
    found = shutil.which("uv") or (str(kept[-1]) if kept else None)
    if found is None:
        raise SystemTrouble("benchmark: the peers' environment needs uv, which ./flyover installs")
    return found


def _version(peer: Peer) -> str:
    asked = f"import importlib.metadata; print(importlib.metadata.version({peer.library!r}))"
    done = subprocess.run([str(_python(peer.group)), "-c", asked], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@contextmanager
def _place(peer: Peer, ours: server.Server, filled: Settings, rows: int) -> Iterator[Field]:
    with ours.copy(filled) as settings:
        job = {
            "bootstrap": settings.kafka_bootstrap,
            "topic": events.SHORT_TOPIC,
            "rows": rows,
            "host": settings.pg_host,
            "port": settings.pg_port,
            "database": settings.pg_database,
            "user": ROLE,
            "password": settings.secrets.pg_passwords[ROLE],
            "table": ".".join(peer.table),
            "group": f"bench-{settings.pg_database}",
        }
        yield Field(settings, (Runner(_python(peer.group), peer.module, job),))


def _ready() -> None:
    """The process that waits for the others does nothing of its own before."""
