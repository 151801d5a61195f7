"""Batches that wait for a person, asked by whoever shows the wait, and what became of one."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from expectations.judging.gx import ROLE
from pipeline import names
from pipeline.db import OperationalError, connect
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings


@dataclass(frozen=True)
class Held:
    """A batch that waits for a decision."""

    batch_id: uuid.UUID
    agency_code: str
    table: str
    rows: int
    rules: tuple[str, ...]
    """what holds it"""
    since: dt.datetime

    @property
    def command(self) -> str:
        """Where whoever decides begins."""
        return f"./flyover batches show {self.batch_id}"

    @property
    def told(self) -> str:
        """The wait in one line."""
        return f"{self.agency_code} {self.table}: {', '.join(self.rules) or 'held'} → {self.command}"


@dataclass(frozen=True)
class Outcome:
    """What someone decided about a batch that was held."""

    status: str
    decided_by: str | None
    reason: str | None


def waiting(settings: Settings) -> list[Held]:
    """Batches that wait, longest first."""
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select b.batch_id, b.agency_code, b.source, b.entity, b.held, b.judged_at, "
            "array(select r.rule_id from quality.rule_result as r where r.batch_id = b.batch_id and not r.passed "
            "and r.scope = 'table' and r.severity = 'critical' and not r.waived order by r.rule_id) "
            "from quality.batch as b where b.status = 'held' order by b.judged_at, b.batch_id"
        ).fetchall()
    return [
        Held(batch_id, agency_code, names.table(source, entity), rows, tuple(rules), since)
        for batch_id, agency_code, source, entity, rows, since, rules in found
    ]


def waiting_ids(settings: Settings) -> frozenset[str]:
    """Batches that wait, by id alone: one cheap question for all who watch.

    :raises SystemTrouble: when the database is away
    """
    try:
        with connect(settings, ROLE) as connection:
            found = connection.execute("select batch_id::text from quality.batch where status = 'held'").fetchall()
    except OperationalError as error:
        raise SystemTrouble(f"PostgreSQL went away: {type(error).__name__}. See ./flyover status") from None
    return frozenset(batch_id for (batch_id,) in found)


def outcome(settings: Settings, batch_id: uuid.UUID) -> Outcome | None:
    """What was decided; None for a batch that is not known."""
    with connect(settings, ROLE) as connection:
        row = connection.execute(
            "select status, decided_by, decision_reason from quality.batch where batch_id = %s", (batch_id,)
        ).fetchone()
    return None if row is None else Outcome(*row)
