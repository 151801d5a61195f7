"""Publishes a release: candidates, disclosure control, rows in mart and the move of the current release, at once.

A reader of ``mart.current_indicator_value`` sees the old release or the new one, whole. Releases are kept: an earlier
one can be made current again, and every one of them is compared against by the next (two releases of one slice must
not differ by a few persons).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.db import Connection, UndefinedTable, connect, dict_row, patiently, stage_run
from pipeline.errors import FlyoverError
from pipeline.settings import Settings
from release import changes, context, definitions
from release.candidates import Slice, Value
from release.derive import derived
from release.earlier import shown_before
from release.protection import protected

ROLE = "flyover_publisher"


class NothingToPublish(FlyoverError):
    """Core has not been built, or there is no release of that number."""


@dataclass(frozen=True)
class Release:
    """One publication. ``rows`` counts its values, ``withheld`` those that disclosure control hides."""

    release_id: int
    published_at: dt.datetime
    released_seq: int
    note: str | None
    rows: int
    withheld: int
    is_current: bool


def publish_release(settings: Settings, note: str | None = None) -> Release:
    """Publish what core holds now as a new release and make it the current one, in one transaction.

    Publishing twice without a change is allowed and gives equal values under a new number.

    :raises NothingToPublish: when core has never been built
    :raises release.definitions.DefinitionChanged: when a published definition reads otherwise now
    :raises release.tables.DisclosureError: when a table of persons cannot be protected; nothing is published then
    """
    return patiently(lambda: _publish(settings, note))


def move_back(settings: Settings, release_id: int, *, reason: str = "") -> Release:
    """Make an earlier release the current one again; its values were never changed.

    :raises NothingToPublish: when there is no such release
    """
    with connect(settings, ROLE) as connection:
        known = next((release for release in _history(connection) if release.release_id == release_id), None)
        if known is None:
            raise NothingToPublish(f"there is no release {release_id}; mart.release lists those there are")
        _make_current(connection, release_id)
        connection.execute(
            "insert into audit.entry (action, object, detail) values "
            "('release.move_back', %s, jsonb_build_object('reason', %s::text))",
            (f"release {release_id}", reason),
        )
        return next(release for release in _history(connection) if release.release_id == release_id)


def history(settings: Settings) -> list[Release]:
    """All releases, the newest first."""
    with connect(settings, ROLE) as connection:
        return _history(connection)


def foretold(settings: Settings, rows: Sequence[dict[str, Any]] | None = None) -> list[Value]:
    """What a release made now would hold, disclosure control included; nothing is published.

    ``rows`` are taken for those of core.indicator_candidate, in that order, where another engine made them.

    :raises NothingToPublish: when core has never been built
    """
    with connect(settings, ROLE) as connection:
        _hold_still(connection)
        candidates = _candidates(connection)[0] if rows is None else [_value(row) for row in rows]
        return _shown(connection, candidates)


def _publish(settings: Settings, note: str | None) -> Release:
    with stage_run(settings, ROLE, "release", "warehouse") as outcome, connect(settings, ROLE) as connection:
        _hold_still(connection)
        candidates, released_seq = _candidates(connection)
        values = _shown(connection, candidates)
        release_id = _insert_release(connection, released_seq, note, changes.digest(settings.checkout / "dbt_project"))
        definitions.keep(connection, release_id)
        _insert_values(connection, release_id, values)
        context.write(connection)
        _make_current(connection, release_id)
        outcome["rows"] = len(values)
        return next(release for release in _history(connection) if release.release_id == release_id)


def _hold_still(connection: Connection) -> None:
    """One picture of core and of all earlier releases for the whole transaction, and one publisher at a time.

    Both locks come before the first query, hence before the picture is taken: a table that a build swaps in after it
    would look empty.
    """
    connection.execute("set transaction isolation level repeatable read")
    connection.execute("lock table mart.current_release in share row exclusive mode")
    try:
        connection.execute("lock table core.indicator_candidate, core.indicator_definitions in access share mode")
    except UndefinedTable:
        raise NothingToPublish("core has not been built: start the DAG build__warehouse first") from None


def _candidates(connection: Connection) -> tuple[list[Value], int]:
    rows = (
        connection.cursor(row_factory=dict_row)
        .execute(
            "select * from core.indicator_candidate "
            "order by indicator_code, method, realm, period, area_code, dimension, member"
        )
        .fetchall()
    )
    if not rows:
        raise NothingToPublish("core holds no indicator: build the warehouse again")
    return [_value(row) for row in rows], max(int(row["_released_seq"]) for row in rows)


def _shown(connection: Connection, candidates: Sequence[Value]) -> list[Value]:
    """What readers will see of the candidates, and what is made of that."""
    values = protected(candidates, shown_before(connection))
    return values + derived(values, *definitions.of_derived(connection))


def _value(row: dict[str, Any]) -> Value:
    return Value(
        slice=Slice(
            row["indicator_code"], row["method"], row["realm"], row["area_code"], row["period"], row["dimension"],
            row["member"],
        ),
        area_level=row["area_level"],
        parent_area_code=row["parent_area_code"],
        value=row["value"],
        unit=row["unit"],
        unit_of_count=row["unit_of_count"],
        numerator=row["numerator"],
        denominator=row["denominator"],
        coverage_pct=row["coverage_pct"],
        unlinked_persons=row["unlinked_persons"],
        status=row["status"],
        status_note=row["status_note"],
        definition_version=row["definition_version"],
        as_of=row["as_of"],
        value_low=row["value_low"],
        value_high=row["value_high"],
        in_groups=row["in_groups"],
    )  # fmt: skip


def _insert_release(connection: Connection, released_seq: int, note: str | None, project_digest: str) -> int:
    return int(
        _one(
            connection,
            "insert into mart.release (as_of, released_seq, note, project_digest) values (now(), %s, %s, %s) "
            "returning release_id",
            released_seq,
            note,
            project_digest,
        )
    )


def _insert_values(connection: Connection, release_id: int, values: Iterable[Value]) -> None:
    connection.cursor().executemany(
        "insert into mart.indicator_value (release_id, indicator_code, method, realm, area_code, area_level, period, "
        "dimension, member, value, unit, unit_of_count, numerator, denominator, coverage_pct, status, status_note, "
        "definition_version, as_of, value_low, value_high) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                release_id, v.slice.indicator_code, v.slice.method, v.slice.realm, v.slice.area_code, v.area_level,
                v.slice.period, v.slice.dimension, v.slice.member, v.value, v.unit, v.unit_of_count, v.numerator,
                v.denominator, v.coverage_pct, v.status, v.status_note, v.definition_version, v.as_of,
                v.value_low, v.value_high,
            )
            for v in values
        ],
    )  # fmt: skip


def _make_current(connection: Connection, release_id: int) -> None:
    connection.execute(
        "insert into mart.current_release (release_id) values (%s) "
        "on conflict (is_current) do update set release_id = excluded.release_id, moved_at = now()",
        (release_id,),
    )


def _history(connection: Connection) -> list[Release]:
    rows: Sequence[tuple[Any, ...]] = connection.execute(
        "select r.release_id, r.published_at, r.released_seq, r.note, count(v.release_id), "
        "count(*) filter (where v.status = 'withheld'), c.release_id is not null "
        "from mart.release as r "
        "left join mart.indicator_value as v on r.release_id = v.release_id "
        "left join mart.current_release as c on r.release_id = c.release_id "
        "group by r.release_id, c.release_id order by r.release_id desc"
    ).fetchall()
    return [Release(*row) for row in rows]


def _one(connection: Connection, statement: str, *parameters: object) -> Any:
    row = connection.execute(statement, parameters or None).fetchone()
    return row[0] if row else None
