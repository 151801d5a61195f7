"""Corrections: a file of rows to mend that an agency sends back is taken row by row, in the agency's own name.

Each row is found again by its code, held against what the file showed, and mended in quarantine like any other; the
mended rows go the way of every replay. What cannot be taken is answered row by row and stays as it was: a code that is
not ours, a row decided meanwhile, a value that a spreadsheet program has spoilt, a row nobody changed.

All rows of a file are decided in one transaction, under an id that follows from the agency, the file's name and its
content. Killed before it, nothing has happened; killed after it, the same file goes on with the replays. A file that
was taken before changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors import intake, pull, refusals
from connectors.corrections import reading
from connectors.registry import Agency
from expectations.decisions import correction_rows
from expectations.decisions.people import Actor
from expectations.decisions.replay import NothingMended, replay
from expectations.decisions.selection import Selection
from expectations.judging.gx import ROLE
from pipeline import locks
from pipeline.db import Connection, connect, dict_row, patiently, stage_run
from pipeline.errors import BadInput
from pipeline.settings import Settings

ROWS_A_REPLAY = 10_000
_NAMESPACE = uuid.UUID("5d8c7a52-6f0e-5b5a-8f3b-0c1d2e3f4a51")
Observer = Callable[[str], None]


@dataclass(frozen=True)
class Taken:
    """What became of a file of mended rows."""

    correction_id: uuid.UUID
    rows: int
    taken: int
    kept: int
    """rows that nobody had changed"""
    refused: int
    repeat_of: uuid.UUID | None
    """an earlier correction of the same content; nothing was changed then"""
    deliveries: tuple[uuid.UUID, ...]
    """replays that carry its rows"""


def agency_actor(agency_code: str) -> Actor:
    """An agency as it decides about its own rows, and no other's."""
    return Actor(f"agency {agency_code}", "officer", frozenset({agency_code}))


def in_words(taken: Taken) -> str:
    """What became of it, as the terminal says it."""
    if taken.repeat_of is not None:
        return f"the same as correction {taken.repeat_of}, nothing was changed"
    told = (
        f"{taken.taken:,} of {taken.rows:,} rows mended, {taken.kept:,} left as they were, {taken.refused:,} not taken"
    )
    return f"{told} (see ./flyover receipt AGENCY --delivery {taken.correction_id})"


def take_in(settings: Settings, agency: Agency, origin: Path) -> tuple[uuid.UUID, ...]:
    """Take what an agency handed in for what it is, a correction or a delivery; ids of the deliveries staged.

    :raises BadInput: as :func:`take` and :func:`connectors.pull.pull` do
    """
    if reading.is_correction(origin, agency):
        return take(settings, agency, origin).deliveries
    return (pull.pull(settings, agency, origin).delivery_id,)


def take(settings: Settings, agency: Agency, origin: Path, *, reached: Observer = lambda step: None) -> Taken:
    """Take a file of mended rows and stage their replays; publish them like any delivery.

    Memory is constant in the number of rows. Safe to repeat, and after a kill to be repeated. ``reached`` is told each
    step as it begins, for tests that interrupt.

    :raises BadInput: the file cannot be read as one; nothing of it was taken, and the refusal is written down
    :raises SystemTrouble: the database is still away after ten minutes (retriable)
    """
    digest, shown = pull.fingerprint(agency, origin), pull.shown_name(settings, origin)
    mark = "\x1f".join((agency.agency_code, shown, digest.hex()))
    taking = _Taking(settings, agency, origin, shown, digest, uuid.uuid5(_NAMESPACE, mark), reached)
    try:
        with stage_run(settings, pull.ROLE, "pull", agency.source, agency.agency_code) as outcome:
            taken = patiently(taking.run)
            outcome["rows"] = taking.fresh_rows
    except BadInput as error:
        refusals.write(settings, agency, shown, digest, error)
        raise
    return taken


@dataclass
class _Taking:
    """One file on its way in."""

    settings: Settings
    agency: Agency
    origin: Path
    shown: str
    digest: bytes
    correction_id: uuid.UUID
    reached: Observer
    fresh_rows: int = 0

    def run(self) -> Taken:
        """Take what has not been taken, send what has not been sent."""
        with connect(self.settings, ROLE, autocommit=True) as connection:
            code = self.agency.agency_code
            connection.execute("select pg_advisory_lock(%s, hashtext(%s))", (locks.CORRECTION, code))
            if not self._is_known(connection):
                self._decide(connection)
            self.reached("send")
            for batch_id, entries in self._waiting(connection):
                self._send(batch_id, entries)
            self.reached("finish")
            connection.execute(_FINISH, {"id": self.correction_id})
            return self._taken(connection)

    def _is_known(self, connection: Connection[Any]) -> bool:
        found = connection.execute(
            "select from quarantine.correction where correction_id = %s", (self.correction_id,)
        ).fetchone()
        return found is not None

    def _decide(self, connection: Connection[Any]) -> None:
        same = connection.execute(
            "select correction_id from quarantine.correction "
            "where agency_code = %s and content_sha256 = %s and repeat_of is null",
            (self.agency.agency_code, self.digest),
        ).fetchone()
        if same is not None:
            with connection.transaction():
                self._open(connection, same[0])
            return
        kept = intake.kept(self.settings, self.agency.agency_code, self.correction_id, self.origin)
        with kept, reading.opened(self.origin, self.agency) as correction, connection.transaction():
            self._open(connection, None)
            rows = correction_rows.Rows(connection, self.settings, self.agency, self.correction_id)
            self.reached("match")
            rows.match(correction)
            self.reached("mend")
            self.fresh_rows = rows.mend(correction, actor=agency_actor(self.agency.agency_code))
            self.reached("commit")

    def _open(self, connection: Connection[Any], repeat_of: uuid.UUID | None) -> None:
        connection.execute(
            "insert into quarantine.correction (correction_id, agency_code, source, origin, content_sha256, repeat_of) "
            "values (%s, %s, %s, %s, %s, %s)",
            (
                self.correction_id,
                self.agency.agency_code,
                self.agency.source,
                self.shown,
                self.digest,
                repeat_of,
            ),
        )

    def _waiting(self, connection: Connection[Any]) -> list[tuple[uuid.UUID, list[int]]]:
        """What is mended and not sent yet, in parts that fit one replay."""
        found = connection.execute(
            "select q.batch_id, array_agg(q.quarantine_id order by q.batch_seq) from quarantine.correction_row as r "
            "inner join quarantine.entry as q on r.entity_table = q.entity_table and r.quarantine_id = q.quarantine_id "
            "where r.correction_id = %s and r.outcome = 'taken' and q.status = 'mended' group by q.batch_id order by 1",
            (self.correction_id,),
        )
        return [
            (batch_id, entries[first : first + ROWS_A_REPLAY])
            for batch_id, entries in found
            for first in range(0, len(entries), ROWS_A_REPLAY)
        ]

    def _send(self, batch_id: uuid.UUID, entries: list[int]) -> None:
        actor, reason = agency_actor(self.agency.agency_code), correction_rows.reason(self.correction_id)
        try:
            replay(self.settings, batch_id, actor=actor, reason=reason, selection=Selection(entries=tuple(entries)))
        except NothingMended:
            return  # an officer has replayed the batch meanwhile

    def _taken(self, connection: Connection[Any]) -> Taken:
        with connection.cursor(row_factory=dict_row) as cursor:
            row: Any = cursor.execute(_TAKEN, {"id": self.correction_id}).fetchone()
        return Taken(**{**row, "deliveries": tuple(row["deliveries"])})


_FINISH = """
update quarantine.correction as c
set finished_at = coalesce(c.finished_at, now()),
    replay_batches = array(
        select distinct q.replay_batch_id
        from quarantine.correction_row as r
        inner join quarantine.entry as q
            on r.entity_table = q.entity_table and r.quarantine_id = q.quarantine_id
        where r.correction_id = c.correction_id and r.outcome = 'taken' and q.replay_batch_id is not null
    )
where c.correction_id = %(id)s
"""
_TAKEN = """
select
    c.correction_id, c.rows, c.taken, c.kept, c.refused, c.repeat_of,
    array(
        select distinct m.delivery_id from connect.batch as m where m.batch_id = any(c.replay_batches)
    ) as deliveries
from quarantine.correction as c
where c.correction_id = %(id)s
"""
