"""A PostgreSQL of a benchmark's own, and a Kafka where it asks for one, never those of ./flyover up.

On free ports, in a directory that goes with them.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import migrations
from pipeline.db import SQL, Composed, Identifier, connect
from pipeline.settings import Settings, load
from stack import database, postgres
from stack.kafka import broker
from stack.ports import LOOPBACK, free_ports
from stack.secrets import ensure_secrets
from stack.state import State
from stack.supervisor import Supervisor

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Server:
    """A running server with one migrated database."""

    settings: Settings
    postmaster: int
    """process id, for its processor time"""

    @contextmanager
    def copy(self, of: Settings | None = None) -> Iterator[Settings]:
        """A database like the first one (or another), gone afterwards, with everything written to disk.

        So every round of every contender starts from the same state. Nobody may be connected to the original.
        """
        name = f"flyover_copy_{secrets.token_hex(4)}"
        original = of or self.settings
        with connect(replace(original, pg_database="postgres"), "flyover_owner", autocommit=True) as owner:
            owner.execute(
                SQL("create database {} template {} strategy file_copy").format(
                    Identifier(name), Identifier(original.pg_database)
                )
            )
            try:
                self._as_superuser(SQL("checkpoint"))
                yield replace(original, pg_database=name)
            finally:  # the superuser's word, since sessions of any role may still be ending
                self._as_superuser(SQL("drop database {} with (force)").format(Identifier(name)))

    def _as_superuser(self, statement: SQL | Composed) -> None:
        everyone = replace(self.settings, pg_database="postgres")
        with connect(everyone, postgres.SUPERUSER, autocommit=True) as superuser:
            superuser.execute(statement)


@contextmanager
def started(progress: Progress, *, with_kafka: bool = False) -> Iterator[Server]:
    """Start a server, bring its database to this release, and end and erase both at the end; a broker likewise."""
    state = State.open(Path(tempfile.mkdtemp(prefix="flyover-bench-")))
    supervisor = Supervisor(state)
    try:
        known = ensure_secrets(state)
        port, *kafka = free_ports(1 + len(broker.PORTS) * with_kafka)
        bootstrap = f"{LOOPBACK}:{kafka[0] if with_kafka else 0}"
        address = {"kafka_bootstrap": bootstrap, "pg_host": LOOPBACK, "pg_port": port, "pg_database": "flyover"}
        state.stack_file.write_text(json.dumps(address))
        settings = load({"FLYOVER_STATE": str(state.root)})
        progress(f"PostgreSQL {postgres.version()}: starting on port {port}")
        record = supervisor.start(postgres.prepare(state, port, known["pg_passwords"][postgres.SUPERUSER]))
        supervisor.wait_ready(postgres.NAME, lambda: postgres.answers(port), postgres.READY_SECONDS)
        if with_kafka:
            progress(f"Apache Kafka: starting on port {kafka[0]}")
            supervisor.start(broker.prepare(state, dict(zip(broker.PORTS, kafka, strict=True))))
        database.bootstrap(settings)
        migrations.apply(settings)
        if with_kafka:
            supervisor.wait_ready(broker.NAME, lambda: broker.answers(kafka[0]), broker.READY_SECONDS)
        yield Server(settings, record.pid)
    finally:
        supervisor.stop(broker.NAME)
        supervisor.stop(postgres.NAME)
        postgres.erase(state)
        shutil.rmtree(state.root, ignore_errors=True)
