"""Corrections: one row, many rows each in its own way, or many rows by the same value; the row as it came is kept.

What is corrected is checked as it will be when it travels: its fields are the contract's, its key is there. Of many
rows those that cannot be corrected are left, and the others are.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.mending import MendedRow, Mender
from expectations.decisions import decide
from expectations.decisions.decide import MEND, Decided
from expectations.decisions.entries import Entry, read
from expectations.decisions.people import Actor, require
from expectations.decisions.selection import Selection, require_reach
from expectations.decisions.show import MASK, contract_of, fields_of
from expectations.judging.gx import ROLE
from pipeline.db import Connection, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings

Fields = Mapping[str, str | None]
Progress = Callable[[int], None]
"""Told how many rows were looked at so far."""
CHUNK_ROWS = 2_000


@dataclass(frozen=True)
class Correction:
    """What to put into a row, by the source's own field names; fields not given keep the value they had."""

    entry: int
    fields: Fields


def mend(settings: Settings, entry_id: int, payload: Fields, *, reason: str, actor: Actor) -> Entry:
    """Keep the corrected row; it travels with the next replay.

    :raises BadInput: when the entry is decided already, a field is unknown, or the row lacks its record's key
    """
    outcome = mend_rows(settings, [Correction(entry_id, payload)], reason=reason, actor=actor)
    with connect(settings, ROLE) as connection:
        entry = read(connection, entry_id)
    for _, why in outcome.left:
        raise BadInput(f"entry {entry_id} of {entry.entity_table} {why}", agency=entry.agency_code)
    return entry


def mend_rows(
    settings: Settings,
    corrections: Iterable[Correction],
    *,
    reason: str,
    actor: Actor,
    progress: Progress = lambda done: None,
) -> Decided:
    """Correct many rows, each in its own way.

    :raises BadInput: when an entry is named twice
    """
    wanted: dict[int, Fields] = {}
    for correction in corrections:
        if correction.entry in wanted:
            raise BadInput(f"entry {correction.entry} is corrected twice")
        wanted[correction.entry] = correction.fields
    if not wanted:
        return Decided(0, (), ())
    selection = Selection(entries=tuple(sorted(wanted)))
    return _mend(settings, selection, wanted.__getitem__, reason, actor, progress)


def mend_all(
    settings: Settings,
    selection: Selection,
    fields: Fields,
    *,
    reason: str,
    actor: Actor,
    progress: Progress = lambda done: None,
) -> Decided:
    """Correct all rows of a selection by the same values."""
    return _mend(settings, selection, lambda entry: fields, reason, actor, progress)


def _mend(
    settings: Settings,
    selection: Selection,
    fields_for: Callable[[int], Fields],
    reason: str,
    actor: Actor,
    progress: Progress,
) -> Decided:
    with connect(settings, ROLE) as connection:
        require(actor, "officer")
        require_reach(connection, selection, actor)
        decide.choose(connection, selection, actor)
        decide.lock(connection, MEND, selection)
        bench, done = _Bench(settings), 0
        for rows in _chunks(connection):
            _keep(connection, [bench.correct(row, fields_for(row["quarantine_id"])) for row in rows])
            progress(done := done + len(rows))
        return decide.carry_out(connection, MEND, selection, actor=actor, reason=reason)


def _chunks(connection: Connection) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Rows that can still be decided, as they came, in constant memory."""
    with connection.cursor(name="to_mend", row_factory=dict_row) as cursor:
        cursor.itersize = CHUNK_ROWS
        rows = iter(
            cursor.execute(
                "select q.entity_table, q.quarantine_id, q.record_id, q.stage, q.payload, q.sealed "
                "from locked as l inner join quarantine.entry as q "
                "on q.entity_table = l.entity_table and q.quarantine_id = l.quarantine_id "
                "where l.why is null"
            )
        )
        while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
            yield chunk


@dataclass(frozen=True)
class _Outcome:
    """A corrected row, or why it cannot be."""

    table: str
    entry: int
    mended: str | None
    why: str | None


class _Bench:
    """Corrects rows, with what it needs for each table made once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, tuple[Mender, frozenset[str]]] = {}

    def correct(self, row: Mapping[str, Any], fields: Fields) -> _Outcome:
        table, entry = row["entity_table"], row["quarantine_id"]
        mender, landed = self._tools(table)
        if unknown := sorted(set(fields) - landed):
            return _Outcome(table, entry, None, f"has no field {', '.join(unknown)}")
        if masked := sorted(name for name, value in fields.items() if value == MASK):
            return _Outcome(table, entry, None, f"cannot be mended so: {', '.join(masked)} is a mask, not a value")
        came = fields_of(self._settings, table, row["stage"], row["payload"], row["sealed"])
        corrected = json.dumps({**(came or {}), **fields}, ensure_ascii=False)
        try:
            mender.edged(MendedRow(row["record_id"] or "", corrected.encode()))
        except BadInput as problem:
            return _Outcome(table, entry, None, f"cannot be mended so: {problem.problem}")
        return _Outcome(table, entry, corrected, None)

    def _tools(self, table: str) -> tuple[Mender, frozenset[str]]:
        if table not in self._known:
            contract = contract_of(self._settings, table)
            landed = frozenset(f.name for f in contract.landed_fields)
            self._known[table] = Mender(contract, self._settings.secrets), landed
        return self._known[table]


def _keep(connection: Connection, outcomes: Sequence[_Outcome]) -> None:
    good = [o for o in outcomes if o.why is None]
    bad = [o for o in outcomes if o.why is not None]
    connection.execute(
        "update quarantine.entry as q set mended = c.mended "
        "from unnest(%s::text[], %s::bigint[], %s::jsonb[]) as c (entity_table, quarantine_id, mended) "
        "where q.entity_table = c.entity_table and q.quarantine_id = c.quarantine_id",
        ([o.table for o in good], [o.entry for o in good], [o.mended for o in good]),
    )
    if bad:
        connection.execute(
            "update locked as l set why = c.why from unnest(%s::bigint[], %s::text[]) as c (quarantine_id, why) "
            "where l.quarantine_id = c.quarantine_id",
            ([o.entry for o in bad], [o.why for o in bad]),
        )
