"""The work of staging one delivery inside the outbox's transaction: rows in, versions decided, side-cars sealed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from connectors import data_keys, erased, staging_sql
from connectors.delivery import StagedBatch
from connectors.edge import Edged
from connectors.identities import TRANSIT_CONTEXT
from pipeline import envelope, sealing
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection

Progress = Callable[[int], None]
"""Told, now and then, how many rows of the delivery have been read."""

_REPORT_EVERY, _SIDECAR_CHUNK = 5_000, 2_000
_SORT_MEMORY = "96MB"


@dataclass(frozen=True)
class BatchPlan:
    """Which batch is being staged, and by which rules."""

    contract: Contract
    agency_code: str
    delivery_id: uuid.UUID
    is_bulk: bool = False
    replay_of: uuid.UUID | None = None
    file: str | None = None
    """name of the file as the sender knows it"""

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of the statements in :mod:`connectors.staging_sql`."""
        return {
            "batch_id": envelope.batch_id(self.delivery_id, self.contract.entity),
            "delivery_id": self.delivery_id,
            "agency": self.agency_code,
            "source": self.contract.source,
            "entity": self.contract.entity,
            "topic": self.contract.topic,
            "by_occurrence": self.contract.identity == "occurrence" and self.replay_of is None,
            "mended": self.replay_of is not None,
            "replay_of": self.replay_of,
            "file": self.file,
        }


class Staging:
    """Stages batch after batch on one connection; nothing is committed here."""

    def __init__(
        self, connection: Connection[Any], progress: Progress | None = None, *, is_trial: bool = False
    ) -> None:
        self._connection, self.is_trial = connection, is_trial
        self._progress = progress or (lambda _: None)
        self.read_rows = self.unchanged_rows = 0
        connection.execute(SQL("set local work_mem = {}").format(_SORT_MEMORY))
        connection.execute(staging_sql.WORKING_TABLES)
        self._gone = erased.subjects(connection)

    def batch(self, plan: BatchPlan, rows: Iterable[Edged]) -> StagedBatch | None:
        """Stage one entity's rows, given in file order; None when nothing of it is to be published."""
        self._connection.execute("truncate incoming, decided, gone")
        left = erased.Left(self._gone, plan.agency_code, plan.contract)
        keyless = self._copy(left.of(rows))
        self.read_rows += left.left_out
        self.unchanged_rows += left.left_out
        void = [row[0] for row in self._connection.execute(staging_sql.VOID_DELIVERIES, plan.params)]
        deletes_held = plan.is_bulk and keyless
        self._run(staging_sql.DECIDE, plan, void=void)
        published, unchanged, deleted, rejected = self._one(staging_sql.COUNT_DECIDED)
        self.unchanged_rows += unchanged
        gone = 0
        if plan.is_bulk and not deletes_held:
            gone = self._run(staging_sql.FIND_GONE, plan, published=published, void=void)
        if published + gone == 0:
            return None
        staged = StagedBatch(
            batch_id=plan.params["batch_id"],
            entity=plan.contract.entity,
            topic=plan.contract.topic,
            expected_rows=published + gone,
            unchanged_rows=unchanged,
            deleted_rows=deleted + gone,
            rejected_rows=rejected,
            deletes_held=deletes_held,
        )
        self._run(staging_sql.WRITE_MANIFEST, plan, **vars(staged))
        self._run(staging_sql.WRITE_OUTBOX, plan)
        if not self.is_trial:  # a trial locks no record that a delivery may want meanwhile
            for statement in (staging_sql.COLLECT_SIDECARS, staging_sql.REMEMBER, staging_sql.REMEMBER_GONE):
                self._run(statement, plan)
        return staged

    def seal_identities(self, master_key: bytes, transit_key: bytes) -> None:
        """Seal each side-car anew, under its person's data key; the erased get none.

        Last and in one rising order of subjects, so that two deliveries that meet in the data keys cannot wait for
        each other, and do not wait long.
        """
        with self._connection.cursor(name="sidecars") as sidecars:
            sidecars.execute(staging_sql.SIDECARS)
            while chunk := sidecars.fetchmany(_SIDECAR_CHUNK):
                keys = data_keys.ensure(self._connection, master_key, (row[6] for row in chunk))
                self._copy_identities(_sealed_anew(chunk, keys, transit_key))

    def _copy(self, rows: Iterable[Edged]) -> bool:
        """Rows into the working table; tells whether one of them had no readable key."""
        keyless = False
        with self._connection.cursor() as cursor, cursor.copy(staging_sql.COPY_INCOMING) as copy:
            copy.set_types(staging_sql.INCOMING_TYPES)
            width = len(staging_sql.STAGED_FIELDS)
            for seq, row in enumerate(rows):
                keyless = keyless or row.is_keyless
                copy.write_row((seq, *row[:width]))
                self.read_rows += 1
                if self.read_rows % _REPORT_EVERY == 0:
                    self._progress(self.read_rows)
        self._progress(self.read_rows)
        self._connection.execute("analyze incoming")
        return keyless

    def _copy_identities(self, rows: Iterator[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor, cursor.copy(staging_sql.COPY_IDENTITY_OUTBOX) as copy:
            copy.set_types(staging_sql.IDENTITY_OUTBOX_TYPES)
            for row in rows:
                copy.write_row(row)

    def _run(self, statement: SQL, plan: BatchPlan, **more: Any) -> int:
        return self._connection.execute(statement, {**plan.params, **more}).rowcount

    def _one(self, statement: SQL) -> tuple[int, ...]:
        self._connection.execute("analyze decided")
        (row,) = self._connection.execute(statement).fetchall()
        return tuple(row)


def _sealed_anew(chunk: list[tuple[Any, ...]], keys: Any, transit_key: bytes) -> Iterator[tuple[Any, ...]]:
    for *row, subject, identity in chunk:
        plain = sealing.unseal(transit_key, identity, TRANSIT_CONTEXT)
        yield (*row, subject, sealing.seal(keys[subject], plain, data_keys.context(subject)))
