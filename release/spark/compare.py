"""Tables of Spark held against PostgreSQL's, row by row.

A row is compared by the checksum of its canonical text. Doubles go into it with nine significant digits; of the rows
then left on both sides, those that agree in everything else and in every double to one part in 10⁹ are the same row
(the order of a sum shows in the last digits, and rounding may part what lies a hair from its middle). No value is
ever shown: what differs is told by counts and names of columns.
"""
# ruff: noqa: S608 - names of tables and columns are the catalogue's, those of the comparison ours

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.db import connect
from pipeline.settings import Settings
from release import build
from release.spark.export import copy_out, csv_query
from release.spark.project import Columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TOLERANCE = 1e-9
"""Relative; PostgreSQL sums numerics exactly, Spark sums doubles."""
_DOUBLES = ("numeric", "double precision", "real")


@dataclass(frozen=True)
class Difference:
    """One table: its rows on each side, how many are on one side only, and the columns in which those disagree."""

    relation: str
    here: int
    there: int
    only_here: int
    only_there: int
    within_tolerance: int
    columns: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every row has its counterpart."""
        return not self.only_here and not self.only_there


def compare(settings: Settings, relations: Mapping[str, Path], known: Columns) -> list[Difference]:
    """Compare each relation (schema.name) with its folder of Parquet files; PostgreSQL is read in one snapshot."""
    scratch = settings.state_dir / "spark" / "compared"
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with connect(settings, build.ROLE) as connection:
            connection.execute("set transaction isolation level repeatable read, read only")
            found = []
            for relation, folder in sorted(relations.items()):
                text = scratch / "rows.csv"
                copy_out(connection, relation, known[relation], text)
                there = f"select * from read_parquet('{folder}/*.parquet')"
                with _engine() as duck:
                    found.append(differ(duck, relation, csv_query(text, known[relation]), there, known[relation]))
            return found
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _engine() -> Iterator[DuckDBPyConnection]:
    import duckdb

    with duckdb.connect(config={"memory_limit": "1GB"}) as engine:
        engine.execute("set timezone = 'UTC'")
        yield engine


def differ(engine: DuckDBPyConnection, relation: str, here: str, there: str, kinds: Mapping[str, str]) -> Difference:
    """Compare the rows of two queries of DuckDB whose columns are ``kinds``, by name and PostgreSQL's type."""
    doubles = [name for name, kind in kinds.items() if kind in _DOUBLES]
    exact = [name for name in kinds if name not in doubles]
    for side, query in (("here", here), ("there", there)):
        engine.execute(
            f"create temp table {side} as select *, {_checksum(exact, ())} as _exact, "
            f"{_checksum(exact, doubles)} as _all from ({query})"
        )
    for side, other in (("here", "there"), ("there", "here")):
        engine.execute(f"create temp table only_{side} as {_without(side, other)}")
    close = _drop_close(engine, doubles) if doubles else 0
    only_here, only_there = _count(engine, "only_here"), _count(engine, "only_there")
    return Difference(
        relation, _count(engine, "here"), _count(engine, "there"), only_here, only_there, close,
        tuple(name for name in kinds if _disagree(engine, name)) if only_here and only_there else (),
    )  # fmt: skip


def _checksum(exact: Sequence[str], doubles: Sequence[str]) -> str:
    parts = [f'"{name}"::varchar' for name in exact]
    parts += [f"format('{{:.8e}}', \"{name}\"::double + 0)" for name in doubles]
    shown = ", ".join(f"coalesce({part}, chr(1))" for part in parts) or "''"
    return f"md5(concat_ws(chr(31), {shown}))"


def _without(side: str, other: str) -> str:
    """Rows of a side that the other lacks, counting how often each stands."""
    numbered = "select *, row_number() over (partition by _all) as _nth from"
    return f"select * from ({numbered} {side}) where (_all, _nth) not in (select _all, _nth from ({numbered} {other}))"


def _drop_close(engine: DuckDBPyConnection, doubles: Sequence[str]) -> int:
    order = ", ".join(f'"{name}"' for name in doubles)
    for side in ("here", "there"):
        engine.execute(
            f"create temp table near_{side} as select *, "
            f"row_number() over (partition by _exact order by {order}) as _pair from only_{side}"
        )
    near = " and ".join(
        f'(a."{name}" is not distinct from b."{name}" or '
        f'abs(a."{name}" - b."{name}") <= {TOLERANCE} * greatest(abs(a."{name}"), abs(b."{name}")))'
        for name in doubles
    )
    engine.execute(
        f"create temp table close_pairs as select a._exact, a._pair from near_here as a "
        f"inner join near_there as b on a._exact = b._exact and a._pair = b._pair and {near}"
    )
    for side in ("here", "there"):
        engine.execute(
            f"create or replace temp table only_{side} as select * from near_{side} "
            "where (_exact, _pair) not in (select _exact, _pair from close_pairs)"
        )
    return _count(engine, "close_pairs")


def _disagree(engine: DuckDBPyConnection, column: str) -> bool:
    """Whether the rows left over hold other values in this column, as a whole."""

    def counted(side: str) -> str:
        return f'select "{column}"::varchar as value, count(*) from only_{side} group by 1'

    return bool(
        engine.execute(
            f"select 1 from ({counted('here')} except {counted('there')} "
            f"union all ({counted('there')} except {counted('here')})) limit 1"
        ).fetchone()
    )


def _count(engine: DuckDBPyConnection, table: str) -> int:
    row = engine.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
