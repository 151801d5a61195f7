"""One reconciliation: looks, writes down what every step says in ``quality.reconciliation``, and says what is wrong."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from alerting.reconcile import batches as looked_at
from alerting.reconcile import core, landing, vault
from alerting.reconcile.batches import Batch, Count, Part, Step
from pipeline.db import Connection, connect, patiently
from pipeline.settings import Settings

ROLE = "flyover_watch"
WINDOW = dt.timedelta(days=2)
"""A recent look goes so far behind the last one."""
KEPT = dt.timedelta(days=90)
"""Looks are kept so long; what still does not balance is in every night's."""
_NAMED = 20
"""Batches named in one line; more are counted."""
Key = tuple[dt.date | None, str, str, str, Step]


@dataclass(frozen=True)
class Line:
    """One day, agency, entity and step. ``difference`` counts what is missing and what is too much; 0 balances."""

    day: dt.date | None
    agency_code: str
    source: str
    entity: str
    step: Step
    expected: int
    found: int
    difference: int
    note: str | None
    batches: tuple[uuid.UUID, ...] = ()


@dataclass(frozen=True)
class Reconciliation:
    """What one look found."""

    run_id: int
    scope: str
    batches: int
    lines: tuple[Line, ...]

    @property
    def imbalances(self) -> tuple[Line, ...]:
        """The lines that do not balance."""
        return tuple(line for line in self.lines if line.difference)


@dataclass
class _Sum:
    expected: int = 0
    missing: int = 0
    surplus: int = 0
    notes: dict[str, None] = field(default_factory=dict)
    batches: dict[uuid.UUID, None] = field(default_factory=dict)


def reconcile(
    settings: Settings, *, whole: bool = False, day: dt.date | None = None, agency_code: str | None = None
) -> Reconciliation:
    """Compare every step; without arguments what moved since the last look, two days before it, and what was wrong.

    Safe to repeat and to run beside anything; it waits for a build that runs. One line a day, agency, entity and step
    is kept of each look.

    :raises SystemTrouble: when the database is still away after ten minutes (retriable)
    """
    return patiently(lambda: _reconcile(settings, whole or bool(day or agency_code), day, agency_code))


def _reconcile(settings: Settings, whole: bool, day: dt.date | None, agency_code: str | None) -> Reconciliation:
    started = dt.datetime.now(dt.UTC)
    with connect(settings, ROLE) as connection:
        since = None if whole else _last_look(connection)
        part = Part(since and since - WINDOW, day, agency_code)
        found = looked_at.find(connection, part)
        counts = [*landing.counts(connection, found), *vault.counts(connection, found)]
    with connect(settings, core.ROLE, autocommit=True) as connection:
        counts += core.counts(connection, settings.checkout / "dbt_project", found)
    known = {batch.batch_id: batch for batch in found}
    others = {c.batch_id for c in counts if c.batch_id and c.batch_id not in known and (c.missing or c.surplus)}
    with connect(settings, ROLE) as connection:
        known |= {batch.batch_id: batch for batch in looked_at.named(connection, others)}
        lines = _lines(known, counts)
        lines += _ended(connection, part, lines)
        run_id = _write(connection, started, part.scope, len(found), lines)
    return Reconciliation(run_id, part.scope, len(found), tuple(lines))


def _last_look(connection: Connection) -> dt.datetime | None:
    row = connection.execute("select max(started_at) from quality.reconciliation_run where scope <> 'part'").fetchone()
    return row[0] if row else None


def _lines(known: Mapping[uuid.UUID, Batch], counts: Iterable[Count]) -> list[Line]:
    sums: dict[Key, _Sum] = {}
    for count in counts:
        batch = known.get(count.batch_id) if count.batch_id else None
        if batch is not None:
            key: Key = (batch.day, batch.agency_code, batch.source, batch.entity, count.step)
        elif count.whose is not None and (count.missing or count.surplus):
            key = (None, *count.whose, count.step)
        else:
            continue  # a batch that this look is not about, and nothing is wrong with it
        total = sums.setdefault(key, _Sum())
        total.expected += count.expected
        total.missing += count.missing
        total.surplus += count.surplus
        if count.missing or count.surplus:
            if count.batch_id:
                total.batches[count.batch_id] = None
            total.notes[_words(count)] = None
        elif count.note and count.expected and count.step == "core":
            total.notes[count.note] = None
    return [_line(key, sums[key]) for key in sorted(sums, key=lambda key: (str(key[0] or ""), key[1:]))]


def _line(key: Key, total: _Sum) -> Line:
    return Line(
        *key,
        expected=total.expected,
        found=total.expected - total.missing + total.surplus,
        difference=total.missing + total.surplus,
        note="; ".join(total.notes) or None,
        batches=tuple(total.batches)[:_NAMED],
    )


def _words(count: Count) -> str:
    parts = [f"{count.missing:,} missing"] if count.missing else []
    parts += [f"{count.surplus:,} too many"] if count.surplus else []
    said = ", ".join(parts)
    return f"{said} ({count.note})" if count.note else said


def _ended(connection: Connection, part: Part, lines: Iterable[Line]) -> list[Line]:
    """Lines for what did not balance before and is not there any more to be counted."""
    seen = {(line.day, line.agency_code, line.source, line.entity, line.step) for line in lines}
    before = connection.execute(
        "select day, agency_code, source, entity, step from quality.imbalance "
        "where (%(agency)s::text is null or agency_code = %(agency)s) and (%(day)s::date is null or day = %(day)s)",
        {"agency": part.agency_code, "day": part.day},
    ).fetchall()
    return [
        Line(day, agency, source, entity, step, 0, 0, 0, "no longer there")
        for day, agency, source, entity, step in before
        if (day, agency, source, entity, step) not in seen
    ]


def _write(connection: Connection, started: dt.datetime, scope: str, batches: int, lines: Iterable[Line]) -> int:
    connection.execute("delete from quality.reconciliation_run where started_at < %s", (started - KEPT,))
    row = connection.execute(
        "insert into quality.reconciliation_run (started_at, finished_at, scope, batches) "
        "values (%s, clock_timestamp(), %s, %s) returning run_id",
        (started, scope, batches),
    ).fetchone()
    assert row is not None  # noqa: S101 - it was just written
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into quality.reconciliation (run_id, day, agency_code, source, entity, step, expected, found, "
            "difference, note, batches) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    row[0], line.day, line.agency_code, line.source, line.entity, line.step, line.expected, line.found,
                    line.difference, line.note, list(line.batches),
                )
                for line in lines
            ],
        )  # fmt: skip
    return int(row[0])
