"""Statements of invented people."""

from __future__ import annotations

from collections.abc import Iterator

from linkage.statements import Statement
from simulator import clerks


def statement(record: clerks.Record, statement_no: int | None = None) -> Statement:
    """What linkage is told of a record."""
    return Statement(
        record.record_no if statement_no is None else statement_no,
        f"crowd.{record.resident_id}" if record.is_id_valid else None,
        record.full_name,
        record.birth_date,
        record.sex,
        record.division_code,
        record.institution,
        record.resident_id,
    )


def statements(count: int, seed: int) -> Iterator[Statement]:
    """At least ``count`` statements."""
    yield from map(statement, clerks.records(count, seed))
