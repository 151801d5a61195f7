"""An agency whose database is captured: its own PostgreSQL, Kafka Connect, and the way from there to released rows."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from cli import inline
from connectors import registry
from connectors.capture import feeds, worker
from connectors.capture.feeds import Feed
from connectors.delivery import Delivery
from connectors.pull import pull_live
from connectors.registry import Agency
from pipeline import kafka
from pipeline.db import connect
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings
from stack import personnel, postgres, simulated
from stack.kafka import connect as kafka_connect
from stack.ports import free_ports
from stack.processes import wait_gone
from stack.state import State, write_private
from stack.supervisor import Supervisor

PASSWORD, READER_PASSWORD = "administrators-own", "readers own \\ word"
AGENCY = "hr-lishui"


class Office:
    """One personnel office and everything that captures it; all of it ends with :meth:`close`."""

    def __init__(self, settings: Settings, agencies: Path, *, people: int = 40) -> None:
        rest, port = free_ports(2)
        self.state = State.open(settings.state_dir)
        self.supervisor = Supervisor(self.state)
        self.port = port
        agencies.mkdir()
        self.settings = dataclasses.replace(
            settings,
            agencies_dir=agencies,
            connect_url=f"http://127.0.0.1:{rest}",
            secrets=dataclasses.replace(settings.secrets, connect_password="rest-word"),
        )
        self.write_yml()
        credentials = settings.state_dir / "credentials"
        credentials.mkdir(mode=0o700, exist_ok=True)
        self.set_password(READER_PASSWORD)
        self.start_database()
        personnel.furnish(self.settings, self.feed, PASSWORD, READER_PASSWORD, people)

    def write_yml(self, **params: str) -> None:
        """The agency's yml, with other params where a test wants them."""
        given = {
            "host": "127.0.0.1",
            "port": str(self.port),
            "database": "personnel",
            "user": "flyover_reader",
            "tls": "disable",
            "tables": "employments=public.employment, skill_certificates=public.skill_certificate, "
            "trainings=public.training",
            **params,
        }
        document = {
            "agency_code": AGENCY, "name_zh": "丽水人社", "name_en": "Lishui personnel office",
            "sector": "human_resources", "source": "hr", "area": "simulated", "mode": "delta", "transport": "cdc",
            "time_zone": "Asia/Shanghai", "owner": "tests", "params": given, "secret_names": ["password"],
        }  # fmt: skip
        path = self.settings.agencies_dir / f"{AGENCY}.yml"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    @property
    def agency(self) -> Agency:
        return registry.read(self.settings.agencies_dir / f"{AGENCY}.yml")

    @property
    def feed(self) -> Feed:
        return feeds.of(self.agency, self.settings.contracts_dir)

    @property
    def worker(self) -> worker.Worker:
        return worker.of(self.settings)

    def set_password(self, word: str) -> None:
        path = self.settings.state_dir / "credentials" / f"{AGENCY}.json"
        write_private(path, json.dumps({"password": word}))

    def start_database(self, more: dict[str, str] | None = None) -> None:
        simulated.start(self.state, AGENCY, self.port, PASSWORD, more)

    def stop_database(self) -> None:
        self.supervisor.stop(simulated.service_name(AGENCY))

    def start_connect(self) -> None:
        kafka_connect.start(
            self.state, self.supervisor, self.settings, self.settings.secrets.connect_password, [self.feed], _say
        )

    def stop_connect(self) -> None:
        self.supervisor.stop(kafka_connect.NAME)

    def kill_connect(self) -> None:
        record = self.supervisor.running(kafka_connect.NAME)
        assert record is not None
        os.kill(record.pid, signal.SIGKILL)
        assert not wait_gone({record.pid: record.start_ticks}, 20)

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """As the office's administrator, each statement committed by itself; rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        office = personnel.administrator(self.settings, self.feed, PASSWORD)
        with connect(office, postgres.SUPERUSER, autocommit=True) as connection:
            for statement in statements:
                done = connection.execute(statement)  # type: ignore[arg-type]
                rows = done.fetchall() if done.description else []
        return rows

    def keys(self, table: str) -> set[str]:
        """Keys of the office's rows."""
        keys = {"employment": "employment_id", "skill_certificate": "certificate_no", "training": "training_id"}
        return {key for (key,) in self.sql(f"select {keys[table]} from {table}")}

    def rows(self) -> int:
        """All rows the office has."""
        return sum(len(self.keys(captured.table)) for captured in self.feed.tables)

    def raw_end(self) -> int:
        """Where the raw topic ends."""
        return sum(end.offset for end in kafka.ends(self.settings, [self.feed.topic]))

    def raw_messages(self) -> list[bytes]:
        """Everything the raw topic holds."""
        return self.messages([self.feed.topic])

    def messages(self, topics: list[str]) -> list[bytes]:
        """Everything these topics hold."""
        found = kafka.topics(self.settings, topics)
        positions = [kafka.Position(name, part, 0) for name, topic in found.items() for part in topic.partitions]
        with kafka.reader(self.settings, positions) as reader:
            wanted, told = sum(end - first for first, end in reader.bounds().values()), list[bytes]()
            while len(told) < wanted:
                told += [record.value for _, records in reader.poll(5_000) for record in records]
        return told

    def pull(self) -> list[Delivery]:
        return pull_live(self.settings, self.agency)

    def pull_until(self, holds: Callable[[list[Delivery]], bool], seconds: float = 60.0) -> list[Delivery]:
        """Pull as the DAG would when it is woken, until what was pulled so far is enough."""
        deadline, found = time.monotonic() + seconds, list[Delivery]()
        while True:
            try:
                found += self.pull()
            except SystemTrouble as error:
                _say(f"pull: {error}")
            if holds(found):
                return found
            assert time.monotonic() < deadline, f"not within {seconds} s; pulled {found}"
            time.sleep(0.25)

    def pull_rows(self, rows: int, seconds: float = 60.0) -> list[Delivery]:
        """Pull until so many rows were read."""
        return self.pull_until(lambda found: sum(d.read_rows for d in found) >= rows, seconds)

    def forward(self) -> None:
        """What was staged, up to the verdict."""
        inline.forward(self.settings, "hr", _say)

    def released(self, entity: str, column: str) -> dict[str, Any]:
        """One column of the present records, by record id."""
        return {record: value for record, (value, gone) in self._latest(entity, column).items() if not gone}

    def _latest(self, entity: str, column: str) -> dict[str, tuple[Any, bool]]:
        with connect(self.settings, "engineer") as connection:
            found = connection.execute(
                f"select distinct on (_record_id) _record_id, {column}, _is_deleted from released.hr__{entity} "  # type: ignore[arg-type]
                "order by _record_id, _version desc"
            )
            return {record: (value, gone) for record, value, gone in found}

    def close(self) -> None:
        self.supervisor.stop(kafka_connect.NAME)
        self.stop_database()
        simulated.erase(self.state)


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


def _say(message: str) -> None:
    sys.stderr.write(f"[capture] {message}\n")
