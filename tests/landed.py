"""Lands deliveries by hand: manifests, quality.batch and typed rows as the sink leaves them, without a broker."""

from __future__ import annotations

import datetime as dt
import os
import signal
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline import contracts, envelope, names
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.settings import Settings

Values = Mapping[str, Any]
ENVELOPE = (
    "_event_id", "_batch_id", "_batch_seq", "_agency_code", "_record_id", "_version", "_is_deleted", "_published_at",
    "_id_status", "_replay_of",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a manifest: a row in landing, or what the sink put aside of it."""

    values: Values = field(default_factory=dict)
    version: int = 1
    deleted: bool = False
    copies: int = 1
    unread: str | None = None
    """stage under which the sink put it into quarantine: parse or decode"""
    undecodable: bool = False
    record_id: str | None = None
    id_status: str | None = None
    event_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Delivered:
    """A delivery that has landed."""

    delivery_id: uuid.UUID
    batches: Mapping[str, uuid.UUID]

    def __getitem__(self, entity: str) -> uuid.UUID:
        return self.batches[entity]


class Landing:
    """Writes deliveries of one source and agency into a test database."""

    def __init__(self, settings: Settings, source: str, agency: str | None = None) -> None:
        self.settings, self.source = settings, source
        self.agency = agency or f"test-{uuid.uuid4().hex[:8]}"
        self.contracts = {c.entity: c for c in contracts.of_source(settings.contracts_dir, source)}

    def deliver(
        self,
        tables: Mapping[str, Sequence[Line | Values]],
        *,
        status: str = "landed",
        replay_of: uuid.UUID | None = None,
        unchanged: int = 0,
        deliver_as: uuid.UUID | None = None,
    ) -> Delivered:
        """Write one delivery with one batch an entity."""
        delivery = deliver_as or uuid.uuid4()
        batches = {entity: envelope.batch_id(delivery, entity) for entity in tables}
        with connect(self.settings, "flyover_owner") as connection:
            self._delivery(connection, delivery)
            for entity, entries in tables.items():
                lines = [entry if isinstance(entry, Line) else Line(entry) for entry in entries]
                batch = batches[entity]
                self._manifest(connection, delivery, batch, entity, lines, status, replay_of, unchanged)
                for seq, line in enumerate(lines):
                    self._land(connection, self.contracts[entity], batch, seq, line, replay_of)
        return Delivered(delivery, batches)

    def land_copy(self, batch: uuid.UUID, entity: str, seq: int, line: Line) -> None:
        """Land one more copy of a line, as a broker redelivers it."""
        with connect(self.settings, "flyover_owner") as connection:
            self._land(connection, self.contracts[entity], batch, seq, line, None)
            connection.execute("update quality.batch set landed_rows = landed_rows + 1 where batch_id = %s", (batch,))

    def _delivery(self, connection: Connection, delivery: uuid.UUID) -> None:
        connection.execute(
            "insert into connect.delivery (delivery_id, agency_code, source, mode, origin, status, read_rows, "
            "started_at) values (%s, %s, %s, 'bulk', 'test', 'published', 0, now())",
            (delivery, self.agency, self.source),
        )

    def _manifest(
        self,
        connection: Connection,
        delivery: uuid.UUID,
        batch: uuid.UUID,
        entity: str,
        lines: Sequence[Line],
        status: str,
        replay_of: uuid.UUID | None,
        unchanged: int,
    ) -> None:
        rejected, deleted = sum(n.unread == "parse" for n in lines), sum(n.deleted for n in lines)
        connection.execute(
            "insert into connect.batch (batch_id, delivery_id, agency_code, source, entity, topic, expected_rows, "
            "unchanged_rows, deleted_rows, rejected_rows, replay_of, published_at) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now())",
            (
                batch, delivery, self.agency, self.source, entity, names.topic(self.source, entity), len(lines),
                unchanged, deleted, rejected, replay_of,
            ),
        )  # fmt: skip
        if lines:
            connection.execute(
                "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, received, "
                "landed_rows, replay_of) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    batch, delivery, self.agency, self.source, entity, status, len(lines),
                    sum(line.copies for line in lines), replay_of,
                ),
            )  # fmt: skip

    def _land(
        self,
        connection: Connection,
        contract: Contract,
        batch: uuid.UUID,
        seq: int,
        line: Line,
        replay: uuid.UUID | None,
    ) -> None:
        record = line.record_id or self.record_id(contract, line.values)
        event = line.event_id or envelope.event_id(self.agency, self.source, contract.entity, record, line.version)
        if line.undecodable:
            connection.execute(
                'insert into quarantine.undecodable (topic, topic_id, partition, "offset", batch_id, fingerprint, '
                "error) values ('t', gen_random_uuid(), 0, 0, %s, %s, 'not JSON')",
                (batch, uuid.uuid4().bytes),
            )
        elif line.unread:
            connection.execute(
                "insert into quarantine.entry (entity_table, batch_id, batch_seq, event_id, agency_code, record_id, "
                "version, stage, rule_ids, sealed) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    contract.table, batch, seq, event, self.agency, line.record_id, line.version, line.unread,
                    ["reader.ragged_row"], b"sealed",
                ),
            )  # fmt: skip
        else:
            row = {
                **dict(
                    zip(
                        ENVELOPE,
                        (
                            event, batch, seq, self.agency, record, line.version, line.deleted,
                            dt.datetime.now(dt.UTC), line.id_status, replay,
                        ),
                        strict=True,
                    )
                ),
                **({} if line.deleted else line.values),
            }  # fmt: skip
            statement = SQL("insert into landing.{} ({}) values ({})").format(
                Identifier(contract.table), SQL(", ").join(map(Identifier, row)), SQL(", ").join(SQL("%s") for _ in row)
            )
            for _ in range(line.copies):
                connection.execute(statement, tuple(row.values()))

    def record_id(self, contract: Contract, values: Values) -> str:
        """Record id of a row, with an occurrence number of its own where rows repeat."""
        key = "|".join(str(values.get(f.column)) for f in contract.key_fields)
        return key if contract.identity == "key" else f"{key}|{uuid.uuid4().hex[:12]}|1"


def land_tables(settings: Settings, source: str, agency: str, tables: Mapping[str, Iterable[Values]]) -> Delivered:
    """Land a large delivery quickly: typed rows by column, every row an event of its own."""
    landing, delivery, now = Landing(settings, source, agency), uuid.uuid4(), dt.datetime.now(dt.UTC)
    batches = {entity: envelope.batch_id(delivery, entity) for entity in tables}
    with connect(settings, "flyover_owner") as connection:
        landing._delivery(connection, delivery)
        for entity, rows in tables.items():
            contract, batch = landing.contracts[entity], batches[entity]
            columns = [f.column for f in contract.landed_fields]
            statement = SQL("copy landing.{} ({}) from stdin").format(
                Identifier(contract.table), SQL(", ").join(map(Identifier, (*ENVELOPE, *columns)))
            )
            seq = -1
            with connection.cursor().copy(statement) as copy:
                for seq, values in enumerate(rows):
                    record = landing.record_id(contract, values)
                    head = (uuid.uuid4(), batch, seq, agency, record, 1, False, now, None, None)
                    copy.write_row((*head, *(values.get(column) for column in columns)))
            landing._manifest(connection, delivery, batch, entity, [Line()] * (seq + 1), "landed", None, 0)
    return Delivered(delivery, batches)


def bulk_orgs(settings: Settings, agency: str, rows: int, wrong: int) -> uuid.UUID:
    """Land a large batch of organisations, the first ``wrong`` of them of an unknown kind."""
    orgs = (
        {
            "sourced_id": f"o{n}",
            "name": f"School {n}",
            "type": "scool" if n < wrong else "school",
            "identifier": f"2133{n:06d}",
            "division_code": "330102",
            "urban_rural_code": "111",
            "ownership": "public",
        }
        for n in range(rows)
    )
    return land_tables(settings, "oneroster", agency, {"orgs": orgs})["orgs"]


def judge_and_die(settings: Settings, source: str, step: str) -> None:
    """Judge, and be killed at a step; for a process of its own."""
    from expectations.judging import judge

    def kill_at(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    judge.judge_ready(settings, source, reached=kill_at)
