"""What registers say of persons, as linkage compares it. Held in memory, inside the one task that may see it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from linkage import names

_LOADED_AT_ONCE = 50_000
_COLUMNS = pa.schema(
    [
        ("statement_no", pa.int64()),
        ("person_key", pa.string()),
        ("name", pa.string()),
        ("sound", pa.string()),
        ("letters", pa.string()),
        ("born", pa.string()),
        ("sex", pa.string()),
        ("division_code", pa.string()),
        ("institution", pa.string()),
        ("id_number", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, repr=False)
class Statement:
    """One record of a person. It names someone, so it has no telling representation."""

    statement_no: int
    person_key: str | None
    """pseudonym of a valid resident id; None where there is none"""
    full_name: str | None
    birth_date: dt.date | None
    sex: str | None
    """``male`` or ``female``; None for anything else"""
    division_code: str | None
    institution: str | None
    resident_id: str | None
    """as written, valid or not"""


def load(connection: duckdb.DuckDBPyConnection, statements: Iterable[Statement]) -> int:
    """Fill the table ``statements``; how many there are."""
    connection.register("nothing", _COLUMNS.empty_table())
    connection.execute("create or replace table statements as select * from nothing")
    loaded = 0
    waiting = iter(statements)
    while some := list(itertools.islice(waiting, _LOADED_AT_ONCE)):
        connection.register("arriving", _table(some))
        connection.execute("insert into statements select * from arriving")
        connection.unregister("arriving")
        loaded += len(some)
    return loaded


def _table(some: Sequence[Statement]) -> pa.Table:
    written = [names.written(one.full_name) for one in some]
    columns = (
        [one.statement_no for one in some],
        [one.person_key for one in some],
        written,
        [names.sound(name) if name else None for name in written],
        [names.letters(name) if name else None for name in written],
        [one.birth_date.isoformat() if one.birth_date else None for one in some],
        [one.sex for one in some],
        [one.division_code for one in some],
        [one.institution for one in some],
        [one.resident_id for one in some],
    )
    return pa.table(dict(zip(_COLUMNS.names, columns, strict=True)), schema=_COLUMNS)
