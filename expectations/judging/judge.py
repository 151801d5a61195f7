"""The judge: a verdict on every batch that has landed whole, once, whoever is killed when.

A delivery is judged when all its batches have landed, so that rules across entities see all of it; one judge at a
time holds a delivery (advisory lock of the session, which dies with the process). A batch takes three steps:

1. mark copies and duplicates, and note the batch's profile and what its past makes one expect, in a transaction of
   its own that may be repeated: Great Expectations reads over a connection of its own and sees what is committed;
2. let Great Expectations evaluate the rules through the view of this batch (reads only);
3. in ONE transaction that holds the batch's row, so that no copy lands: quarantine failing rows, write rule results,
   books, status and ``released_seq``. Where a copy has landed since step 1, begin again with step 1.

Killed at any point, the batch is either judged or still ``landed``, and the next run begins it again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from expectations.judging import duplicates, gx, history, persons
from expectations.judging.gx import ROLE
from expectations.judging.settle import Batch, Unbalanced, Verdict, settle
from expectations.rules import suites
from expectations.rules.suites import SUITES, Suite
from pipeline import db, locks, names
from pipeline.db import Connection
from pipeline.errors import FlyoverError
from pipeline.settings import Settings

__all__ = ["Unbalanced", "Verdict", "judge_ready"]

log = logging.getLogger(__name__)
_MOST_ROUNDS = 5
_READY = """
select d.delivery_id, d.agency_code
from connect.delivery as d
where d.source = %s
    and exists (select from quality.batch as b where b.delivery_id = d.delivery_id and b.status = 'landed')
    and not exists (
        select from connect.batch as c
        left join quality.batch as b on c.batch_id = b.batch_id
        where c.delivery_id = d.delivery_id and coalesce(b.status, 'landing') = 'landing'
    )
order by d.staged_at, d.delivery_id
"""

Observer = Callable[[str], None]


def judge_ready(
    settings: Settings, source: str, *, suites_dir: Path = SUITES, reached: Observer = lambda step: None
) -> list[Verdict]:
    """Judge every delivery of a source whose batches have all landed; verdicts in the order they were reached.

    Safe to repeat and to run twice at once. A batch that cannot be judged stays ``landed`` and does not stand in the
    way of the others: they are judged, then its error is raised. ``reached`` is told each step as it begins, for
    tests that interrupt.

    :raises Unbalanced: when a batch does not balance
    :raises FlyoverError: when a rule cannot be evaluated
    """
    known = suites.load(suites_dir, settings.contracts_dir)
    verdicts: list[Verdict] = []
    faults: list[FlyoverError] = []
    for delivery_id, agency_code in db.patiently(lambda: _ready(settings, source)):
        judge = _DeliveryJudge(settings, source, agency_code, known, reached)
        verdicts += db.patiently(lambda judge=judge, delivery_id=delivery_id: judge.run(delivery_id))  # type: ignore[misc]
        faults += judge.faults
    if faults:
        for other in faults[1:]:
            log.error("%s", other)
        raise faults[0]
    return verdicts


def _ready(settings: Settings, source: str) -> Sequence[tuple[uuid.UUID, str]]:
    """Deliveries to judge, oldest first."""
    with db.connect(settings, ROLE) as connection:
        return [(row[0], row[1]) for row in connection.execute(_READY, (source,))]


class _DeliveryJudge:
    """Judges the batches of one delivery."""

    def __init__(
        self, settings: Settings, source: str, agency_code: str, known: Mapping[str, Suite], reached: Observer
    ) -> None:
        self._settings, self._source, self._agency = settings, source, agency_code
        self._suites, self._reached = known, reached
        self._verdicts: list[Verdict] = []
        self.faults: list[FlyoverError] = []

    def run(self, delivery_id: uuid.UUID) -> list[Verdict]:
        """Verdicts of this run, also those reached before a server went away and the run began again."""
        self.faults.clear()
        with db.connect(self._settings, ROLE, autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(%s, hashtext(%s))", (locks.DELIVERY, str(delivery_id)))
            if waiting := self._waiting(connection, delivery_id):
                with db.stage_run(self._settings, ROLE, "judge", self._source, self._agency) as outcome:
                    for batch in waiting:
                        outcome["rows"] += self._try(connection, batch)
        return self._verdicts

    def _waiting(self, connection: Connection, delivery_id: uuid.UUID) -> list[Batch]:
        found = connection.execute(
            "select batch_id, agency_code, entity, received, replay_of from quality.batch "
            "where delivery_id = %s and status = 'landed' order by entity, batch_id",
            (delivery_id,),
        )
        return [Batch(*row) for row in found]

    def _try(self, connection: Connection, batch: Batch) -> int:
        """Judge one batch; how many rows came to a verdict. A server gone away is for the caller to wait out."""
        try:
            self._verdicts.append(self._judge(connection, batch))
        except FlyoverError as fault:
            if fault.retriable:
                raise
            self.faults.append(fault)
            return 0
        return batch.received

    def _judge(self, connection: Connection, batch: Batch) -> Verdict:
        suite = self._suites[names.table(self._source, batch.entity)]
        for _ in range(_MOST_ROUNDS):
            self._reached("mark")
            with connection.transaction():
                landed = _landed_rows(connection, batch)
                duplicates.mark(connection, suite.table, batch.batch_id)
                self._reached("profile")
                history.note(connection, suite, batch.batch_id)
                persons.note(connection, suite, batch.batch_id)
            self._reached("evaluate")
            findings = gx.evaluate(self._settings, suite.table, batch.batch_id, suite.rules)
            self._reached("settle")
            with connection.transaction():
                if _landed_rows(connection, batch) == landed:
                    verdict = settle(connection, suite, batch, findings)
                    self._reached("commit")
                    return verdict
        raise Unbalanced(
            f"{batch.agency_code}: copies of batch {batch.batch_id} ({suite.table}) keep landing; judge it again when "
            "the producer has come to rest"
        )


def _landed_rows(connection: Connection, batch: Batch) -> int:
    """How many rows of the batch came from the topic so far; none more can land until the transaction ends."""
    row = connection.execute(
        "select landed_rows from quality.batch where batch_id = %s for update", (batch.batch_id,)
    ).fetchone()
    assert row is not None  # noqa: S101 - the batch was found waiting, and batches are never deleted
    return int(row[0])
