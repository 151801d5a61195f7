"""parquet/: every table and view of mart as a policymaker may read it, typed, with the comments of its columns."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import pyarrow
import pyarrow.parquet

from pipeline.db import SQL, Connection, Identifier
from portal.publishing.files import Folder
from portal.publishing.reading import Mart

LEFT_OUT = ("explained",)
"""Says to programs what they have done."""
ALL_RELEASES = ("indicator_value", "revision", "revision_delivery", "indicator_source")
"""Grow with every release: the last ones are enough here, SQL has all."""
_RELATIONS = """
select c.relname, obj_description(c.oid, 'pg_class')
from pg_class as c
where c.relnamespace = 'mart'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
    and has_table_privilege(c.oid, 'select')
order by 1
"""
_COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)
from pg_attribute as a
where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""
_TYPES = {
    "text": pyarrow.string(),
    "integer": pyarrow.int32(),
    "bigint": pyarrow.int64(),
    "double precision": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "timestamp with time zone": pyarrow.timestamp("us", tz="UTC"),
    "text[]": pyarrow.list_(pyarrow.string()),
}


def write_parquet(connection: Connection, mart: Mart, releases: Sequence[int], folder: Folder) -> None:
    """One file a relation, rows in the order of their columns; ``releases`` are those kept of what grows."""
    for name, comment in connection.execute(_RELATIONS).fetchall():
        if name not in LEFT_OUT:
            table = _table(connection, name, comment or "", mart, releases)
            sink = io.BytesIO()
            pyarrow.parquet.write_table(table, sink, compression="zstd")
            folder.put(f"parquet/{name}.parquet", sink.getvalue())


def _table(connection: Connection, name: str, comment: str, mart: Mart, releases: Sequence[int]) -> Any:
    columns = connection.execute(_COLUMNS, (f"mart.{name}",)).fetchall()
    schema = pyarrow.schema(
        [pyarrow.field(column, _TYPES[kind], metadata={"comment": told or ""}) for column, kind, told in columns],
        metadata={"comment": comment, "release": str(mart.release.release_id)},
    )
    narrowed = SQL("where release_id = any({})").format(list(releases)) if name in ALL_RELEASES else SQL("")
    order = SQL(", ").join(SQL("{}").format(Identifier(column)) for column, *_ in columns)
    rows = connection.execute(
        SQL("select * from mart.{} {} order by {}").format(Identifier(name), narrowed, order)
    ).fetchall()
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pyarrow.array(_utc(values), type=field.type) for values, field in zip(cells, schema, strict=True)]
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def _utc(values: Sequence[Any]) -> Sequence[Any]:
    if any(isinstance(value, dt.datetime) for value in values):
        return [value and value.astimezone(dt.UTC) for value in values]
    return values
