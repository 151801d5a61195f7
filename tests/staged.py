"""Stages deliveries without files: rows handed to the outbox as a source would hand them."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors import outbox
from connectors.delivery import Arrival, Delivery
from connectors.registry import Agency
from connectors.sources.base import Rejected, Row, Table, TableMode
from pipeline.db import connect
from pipeline.settings import Settings

_numbers = itertools.count(1)


def new_agency(source: str = "oneroster") -> Agency:
    """An agency no other test has used."""
    return Agency(
        agency_code=f"test-{next(_numbers)}",
        name_zh="测试（模拟）",
        name_en="Test (simulated)",
        sector="school",
        source=source,
        area="simulated",
        mode="bulk",
        time_zone="Asia/Shanghai",
        owner="tests",
    )


def org(number: int | str, name: str = "校", **more: Any) -> Row:
    """A row of ``oneroster.orgs``; ``deleted`` and ``modified_at`` may be given beside values."""
    deleted = bool(more.pop("deleted", False))
    return Row(2, {"sourcedId": f"o{number}", "name": name, "type": "school", **more}, deleted)


def table(entity: str, *rows: Row | Rejected, mode: TableMode = "bulk") -> Table:
    """A table of a delivery; lines are counted from 2, below the header."""
    numbered = [row._replace(line=line) for line, row in enumerate(rows, 2)]
    return Table(entity, mode, lambda: iter(numbered))


def stage(settings: Settings, agency: Agency, *tables: Table) -> Delivery:
    """Stage one delivery."""
    arrival = Arrival(
        uuid.uuid4(), agency.agency_code, agency.source, "bulk", "test.zip", None, dt.datetime.now(dt.UTC)
    )
    return outbox.stage(settings, agency, arrival, tables)


def stage_orgs(settings: Settings, agency: Agency, *rows: Row | Rejected, mode: TableMode = "bulk") -> Delivery:
    """Stage one delivery of orgs."""
    return stage(settings, agency, table("orgs", *rows, mode=mode))


@dataclass
class Staged:
    """One line of the outbox."""

    seq: int
    record_id: str
    version: int
    op: str
    data: bytes | None
    reason: str | None
    person_key: str | None
    id_status: str | None
    sealed: bytes | None


def lines(settings: Settings, delivery: Delivery, entity: str = "orgs") -> list[Staged]:
    """What a delivery put into the outbox of one entity, in the manifest's order."""
    with connect(settings, outbox.ROLE) as connection:
        found = connection.execute(
            "select o.batch_seq, o.record_id, o.version, o.op, o.data, o.reason, o.person_key, o.id_status, o.sealed "
            "from connect.outbox as o inner join connect.batch as b on b.batch_id = o.batch_id "
            "where b.delivery_id = %s and b.entity = %s order by o.batch_seq",
            (delivery.delivery_id, entity),
        )
        return [Staged(*row) for row in found]


def short(settings: Settings, delivery: Delivery, entity: str = "orgs") -> list[tuple[str, int, str]]:
    """(record id, version, operation) of a delivery's lines."""
    return [(line.record_id, line.version, line.op) for line in lines(settings, delivery, entity)]


def count(settings: Settings, query: str, *params: Any) -> int:
    """One number from the connector's side of the database."""
    with connect(settings, outbox.ROLE) as connection:
        row = connection.execute(query, params).fetchone()
    assert row is not None
    return int(row[0])


class HandedSource:
    """A source whose tables a test hands over; it still wants a readable file."""

    name = "oneroster"

    def __init__(self, *tables: Table, error: Exception | None = None) -> None:
        self._tables, self._error = tables, error

    @contextmanager
    def open(self, origin: Path, agency: Agency) -> Iterator[Sequence[Table]]:
        """Hand the tables out, or refuse."""
        if self._error is not None:
            raise self._error
        yield self._tables
