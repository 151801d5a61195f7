"""Puts rows into landing as if they had been delivered and judged: for tests that begin at the released views."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from pipeline import contracts, envelope
from pipeline.contract_struct import ENVELOPE_COLUMNS
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.released_seq import next_released_seq
from pipeline.settings import Settings

OFFICE, SENIOR_UNIVERSITY, LEARNING_SYSTEM = "hr-of-tests", "sen-of-tests", "lms-of-tests"
Row = dict[str, Any]


def a_world(settings: Settings, registry: Path) -> Released:
    """A database whose registry, written into a folder, has an agency of each sector with persons."""
    for known in settings.agencies_dir.glob("*.yml"):
        shutil.copy(known, registry)
    _register(registry, OFFICE, "human_resources", "hr")
    _register(registry, SENIOR_UNIVERSITY, "senior_university", "senior")
    _register(registry, LEARNING_SYSTEM, "open_university", "xapi")
    return Released(replace(settings, agencies_dir=registry))


def _register(registry: Path, code: str, sector: str, source: str) -> None:
    sister = yaml.safe_load((registry / "ou-zhejiang.yml").read_text())
    document = {**sister, "agency_code": code, "sector": sector, "source": source}
    (registry / f"{code}.yml").write_text(yaml.safe_dump(document, allow_unicode=True))


@dataclass(frozen=True)
class Released:
    """A database whose landing is filled by hand. Rows are given by column; keys make the record id."""

    settings: Settings

    def release(self, table: str, agency: str, rows: Iterable[Row], *, quarantined: Sequence[Row] = ()) -> uuid.UUID:
        """Land one batch of ``source__entity`` and release it; rows may carry columns of the envelope (_version, …)."""
        source, entity = table.split("__")
        contract = contracts.load_all(self.settings.contracts_dir)[source, entity]
        batch_id, good = uuid.uuid4(), list(rows)
        with connect(self.settings, "flyover_owner") as connection:
            everything = [*good, *quarantined]
            _land(connection, contract, agency, batch_id, everything)
            for at in range(len(good), len(everything)):
                _quarantine(connection, contract, agency, batch_id, at, everything[at])
            connection.execute(
                "insert into quality.batch (batch_id, delivery_id, agency_code, source, entity, status, received, "
                "released, quarantined, max_row_id, released_seq) select %(batch)s, %(batch)s, %(agency)s, %(source)s, "
                "%(entity)s, 'released', %(good)s + %(bad)s, %(good)s, %(bad)s, %(most)s, %(seq)s",
                {
                    "batch": batch_id, "agency": agency, "source": source, "entity": entity, "good": len(good),
                    "bad": len(quarantined), "most": 2**62, "seq": next_released_seq(connection),
                },
            )  # fmt: skip
        return batch_id

    def withdraw(self, batch_id: uuid.UUID) -> None:
        """Take a released batch back, all its rows refused."""
        self._decide(
            "update quality.batch set status = 'refused', refused = released + refused, released = 0, "
            "released_seq = %(seq)s where batch_id = %(batch)s",
            batch_id,
        )

    def waive(self, batch_id: uuid.UUID) -> None:
        """Let a batch's quarantined rows pass."""
        self._decide(
            "update quarantine.entry set status = 'waived', released_seq = %(seq)s where batch_id = %(batch)s", batch_id
        )

    def lapse(self, batch_id: uuid.UUID) -> None:
        """End the waiver of a batch's quarantined rows."""
        self._decide(
            "update quarantine.entry set status = 'open', released_seq = %(seq)s where batch_id = %(batch)s", batch_id
        )

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Answer of the warehouse to a query."""
        with connect(self.settings, "flyover_owner") as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def _decide(self, statement: str, batch_id: uuid.UUID) -> None:
        with connect(self.settings, "flyover_owner") as connection:
            connection.execute(statement, {"seq": next_released_seq(connection), "batch": batch_id})  # type: ignore[arg-type]


def _land(connection: Connection, contract: Contract, agency: str, batch_id: uuid.UUID, rows: Sequence[Row]) -> None:
    columns = [name for name, _ in ENVELOPE_COLUMNS] + [field.column for field in contract.landed_fields]
    connection.cursor().executemany(
        SQL("insert into landing.{} ({}) values ({})").format(
            Identifier(contract.table),
            SQL(", ").join(Identifier(name) for name in columns),
            SQL(", ").join(SQL("%s") for _ in columns),
        ),
        [
            [landed.get(name) for name in columns]
            for landed in (_landed(contract, agency, batch_id, at, row) for at, row in enumerate(rows))
        ],
    )


def _landed(contract: Contract, agency: str, batch_id: uuid.UUID, at: int, row: Row) -> Row:
    version, record_id = row.get("_version", 1), record_id_of(contract, row, at)
    landed = {
        **row,
        "_event_id": envelope.event_id(agency, contract.source, contract.entity, record_id, version),
        "_batch_id": batch_id,
        "_batch_seq": at,
        "_agency_code": agency,
        "_record_id": record_id,
        "_version": version,
        "_is_deleted": row.get("_is_deleted", False),
        "_published_at": row.get("_published_at", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    }
    if contract.bears_person:
        landed["_id_status"] = "valid" if row.get("_person_key") else "missing"
    if landed["_is_deleted"]:
        landed |= {field.column: None for field in contract.landed_fields}
    known = {field.column for field in contract.landed_fields}
    assert {name for name in row if not name.startswith("_")} <= known, f"{contract.table} has not all these columns"
    return landed


def _quarantine(
    connection: Connection, contract: Contract, agency: str, batch_id: uuid.UUID, at: int, row: Row
) -> None:
    connection.execute(
        SQL(
            "insert into quarantine.entry (entity_table, row_id, batch_id, batch_seq, agency_code, record_id, version, "
            "stage, rule_ids) select %s, _row_id, _batch_id, _batch_seq, %s, _record_id, _version, 'rule', "
            "'{{test.rule}}' from landing.{} where _batch_id = %s and _batch_seq = %s"
        ).format(Identifier(contract.table)),
        (contract.table, agency, batch_id, at),
    )


def record_id_of(contract: Contract, row: Row, at: int) -> str:
    """The record id the edge would give: keys joined; where rows repeat, their place tells them apart."""
    if "_record_id" in row:
        return str(row["_record_id"])
    keys = "|".join(str(row[field.column]) for field in contract.key_fields)
    return keys if contract.identity == "key" else f"{keys}|{at}"
