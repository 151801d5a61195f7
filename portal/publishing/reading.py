"""Reads one release from mart, as a policymaker would: everything in one picture, nothing from any other schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline.db import SQL, Connection, Identifier, connect, dict_row
from pipeline.errors import FlyoverError
from pipeline.settings import Settings

READER = "policymaker"
Row = Mapping[str, Any]


class NothingPublished(FlyoverError):
    """There is no release to write pages of."""


class Number(NamedTuple):
    """One row of mart.indicator_value without what its release says of all."""

    indicator: str
    method: str
    realm: str
    area: str
    level: str
    period: str
    dimension: str
    member: str
    status: str
    value: float | None
    low: float | None
    high: float | None
    numerator: float | None
    denominator: float | None
    coverage: float | None
    note: str | None
    unit: str
    unit_of_count: str
    version: int
    as_of: dt.date


@dataclass(frozen=True)
class Release:
    """The release that is written, and the one before it (None for the first)."""

    release_id: int
    previous_id: int | None
    published_at: dt.datetime
    as_of: dt.datetime
    note: str | None


@dataclass(frozen=True)
class Mart:
    """A release with everything that mart says about it; numbers in the order of their key."""

    release: Release
    numbers: Sequence[Number]
    definitions: Mapping[tuple[str, str, int], Row]
    areas: Sequence[Row]
    dimensions: Sequence[Row]
    members: Sequence[Row]
    targets: Sequence[Row]
    gaps: Sequence[Row]
    sources: Sequence[Row]
    revisions: Sequence[Row]
    deliveries: Sequence[Row]
    comments: Mapping[str, str]
    """what the columns of current_indicator_value are, by their comments"""


_RELEASE = """
select
    r.release_id, (select max(e.release_id) from mart.release as e where e.release_id < r.release_id),
    r.published_at, r.as_of, r.note
from mart.release as r
where r.release_id = coalesce(%s, (select c.release_id from mart.current_release as c))
"""
_EARLIER = """
select r.release_id from mart.release as r, mart.current_release as c
where r.release_id < c.release_id order by 1 desc limit %s
"""
_COMMENTS = """
select attname, col_description(attrelid, attnum) from pg_attribute
where attrelid = 'mart.current_indicator_value'::regclass and attnum > 0
"""
_NUMBERS = """
select
    indicator_code, method, realm, area_code, area_level, period, dimension, member, status, value, value_low,
    value_high, numerator, denominator, coverage_pct, status_note, unit, unit_of_count, definition_version, as_of
from mart.indicator_value
where release_id = %s
order by indicator_code, method, realm, dimension, area_code collate "C", period collate "C", member collate "C"
"""


@contextmanager
def as_reader(settings: Settings) -> Iterator[Connection]:
    """A connection as policymaker in one picture of mart: whatever is published meanwhile is not seen."""
    with connect(settings, READER) as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        yield connection


def earlier(connection: Connection, most: int) -> list[int]:
    """Numbers of the releases before the current one, the newest first."""
    return [row[0] for row in connection.execute(_EARLIER, (most,))]


def read(connection: Connection, release_id: int | None = None) -> Mart:
    """A release, whole; the current one unless another is named.

    Areas, names, targets and gaps are those of today, whichever release it is.

    :raises NothingPublished: when nothing was ever published
    """
    found = connection.execute(_RELEASE, (release_id,)).fetchone()
    if found is None:
        raise NothingPublished("nothing was ever published: start the DAG publish__release first, or ./flyover demo")
    release = Release(*found)
    return Mart(
        release=release,
        numbers=[Number(*row) for row in connection.execute(_NUMBERS, (release.release_id,))],
        definitions={
            (row["indicator_code"], row["method"], row["definition_version"]): row
            for row in _all(connection, "indicator_definition", "indicator_code", "method", "definition_version")
        },
        areas=_all(connection, "area", "area_code"),
        dimensions=_all(connection, "dimension", "sort_order", "dimension"),
        members=_all(connection, "dimension_member", "dimension", "sort_order", "member"),
        targets=_all(connection, "target", "realm", "indicator_code", "method", "area_code", "target_year"),
        gaps=_all(connection, "data_gap", "realm", "indicator_code", "method", "missing_return", "area_code"),
        sources=_of(connection, release, "indicator_source", "indicator_code", "method", "realm", "agency_code"),
        revisions=_of(
            connection, release, "revision",
            "realm", "indicator_code", "method", "period", "area_code", "dimension", "member",
        ),
        deliveries=_of(
            connection, release, "revision_delivery", "realm", "indicator_code", "agency_code", "entity", "what"
        ),
        comments=dict(connection.execute(_COMMENTS).fetchall()),
    )  # fmt: skip


def _all(connection: Connection, table: str, *order: str) -> list[dict[str, Any]]:
    statement = SQL("select * from mart.{} order by {}").format(Identifier(table), _order(order))
    return connection.cursor(row_factory=dict_row).execute(statement).fetchall()


def _of(connection: Connection, release: Release, table: str, *order: str) -> list[dict[str, Any]]:
    statement = SQL("select * from mart.{} where release_id = {} order by {}").format(
        Identifier(table), release.release_id, _order(order)
    )
    return connection.cursor(row_factory=dict_row).execute(statement).fetchall()


def _order(columns: Sequence[str]) -> Any:
    return SQL(", ").join(map(Identifier, columns))
