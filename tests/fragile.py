"""A PostgreSQL and a Kafka of their own for tests that stop, kill or empty them, so that no other test is disturbed."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from kafka.admin import KafkaAdminClient
from kafka.errors import UnknownTopicOrPartitionError

from pipeline import db
from pipeline.db import SQL, Identifier, connect
from pipeline.settings import Settings
from stack import control, postgres
from stack.kafka import broker
from stack.processes import wait_gone
from stack.state import State
from stack.supervisor import Supervisor


class FragileStack:
    """Servers a test may do anything to; what it stopped, :meth:`start` brings back where it was."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._template = self.start()

    def start(self) -> Settings:
        """Start what does not run, and wait until it answers."""
        return control.up(_say, with_airflow=False, state=self.state)

    def new_database(self) -> Settings:
        """A fresh migrated database, and a broker without topics; both go when the servers go."""
        forget_topics(self._template)
        name = f"flyover_test_{secrets.token_hex(4)}"
        with connect(replace(self._template, pg_database="postgres"), "flyover_owner", autocommit=True) as owner:
            owner.execute(
                SQL("create database {} template {}").format(Identifier(name), Identifier(self._template.pg_database))
            )
        home = self.state.root / name
        home.mkdir()
        return replace(self._template, pg_database=name, state_dir=home)

    def stop_postgres(self) -> None:
        """Stop the database as a power cut would: no goodbye, nothing written out."""
        self._end(postgres.NAME, signal.SIGQUIT)

    def kill_kafka(self) -> None:
        """Kill the broker."""
        self._end(broker.NAME, signal.SIGKILL)

    def empty_kafka(self) -> None:
        """Let the broker lose everything it had, and start it again."""
        self.kill_kafka()
        shutil.rmtree(self.state.root / "kafka" / "data")
        self.start()

    def _end(self, name: str, which: signal.Signals) -> None:
        record = Supervisor(self.state).running(name)
        assert record is not None, f"{name} does not run"
        os.kill(record.pid, which)
        assert not wait_gone({record.pid: record.start_ticks}, 60)


@dataclass
class Outage(logging.Handler):
    """Takes a server away when told to, and brings it back whenever the stage has said twice that it waits."""

    take: Callable[[], None]
    bring: Callable[[], object]
    patience: int = 2
    said: list[str] = field(default_factory=list)
    struck: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def strike(self) -> None:
        """Take the server away, the first time this is called."""
        if not self.struck:
            self.struck = True
            self.take()

    def emit(self, record: logging.LogRecord) -> None:
        """A stage says something; what it says before the server went is not about this."""
        if self.struck:
            self.said.append(record.getMessage())
            if len(self.said) % self.patience == 0:
                self.bring()

    __hash__ = logging.Handler.__hash__


@contextmanager
def outage(take: Callable[[], None], bring: Callable[[], object]) -> Iterator[Outage]:
    """An outage whose end is heard of; everything runs again afterwards, whatever happened."""
    planned = Outage(take, bring)
    db.log.addHandler(planned)
    try:
        yield planned
    finally:
        db.log.removeHandler(planned)
        bring()


def forget_topics(settings: Settings) -> None:
    """Delete every topic there is."""
    client = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        while present := [topic for topic in client.list_topics() if not topic.startswith("__")]:
            with suppress(UnknownTopicOrPartitionError):  # of several brokers one may not have heard of the end yet
                client.delete_topics(present)
    finally:
        client.close()


def _say(message: str) -> None:
    sys.stderr.write(f"[fragile stack] {message}\n")
