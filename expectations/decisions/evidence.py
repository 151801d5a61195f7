"""Why a batch is held: which rules about the whole table failed, on what grounds, and how earlier batches looked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from expectations.decisions.people import Actor, require
from expectations.judging.gx import ROLE
from expectations.rules import reasons
from expectations.rules.reasons import Reason
from pipeline import names
from pipeline.db import Connection, connect, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings

EARLIER_BATCHES = 8


@dataclass(frozen=True)
class Books:
    """A batch and what became of its rows."""

    batch_id: uuid.UUID
    status: str
    landed_at: dt.datetime | None
    received: int
    released: int
    quarantined: int
    duplicate: int
    refused: int
    held: int
    deleted_rows: int
    """of the manifest: records the agency has taken away"""
    unchanged_rows: int
    """read, but the same as the record's last state"""
    decided_by: str | None
    decision_reason: str | None


@dataclass(frozen=True)
class FailedRule:
    """A rule that the batch failed, and what was observed."""

    rule_id: str
    holds: bool
    """whether it keeps the batch back: about the whole table, critical and not waived"""
    waived: bool
    scope: str
    severity: str
    meaning: Reason
    evaluated: int
    failed: int
    observed: str | None
    evidence: Mapping[str, Any] | None
    """against what it was measured: low, high, baseline, batches, because"""


@dataclass(frozen=True)
class Evidence:
    """What someone needs who decides about a batch."""

    agency_code: str
    source: str
    entity: str
    table: str
    delivery_id: uuid.UUID
    origin: str
    """file or folder it came as"""
    judged_at: dt.datetime | None
    books: Books
    failed: tuple[FailedRule, ...]
    """what holds the batch first"""
    earlier: tuple[Books, ...]
    """of the same agency and entity, newest first"""

    @property
    def holding(self) -> tuple[str, ...]:
        """Rules that keep it back."""
        return tuple(rule.rule_id for rule in self.failed if rule.holds)


def evidence(settings: Settings, batch_id: uuid.UUID, *, actor: Actor) -> Evidence:
    """Why a batch is, or was, held; no value of any row.

    :raises BadInput: when there is no such batch
    :raises NotAllowed: when its agency is not one of the actor's
    """
    with connect(settings, ROLE) as connection:
        with connection.cursor(row_factory=dict_row) as cursor:
            batch = cursor.execute(
                "select b.agency_code, b.source, b.entity, b.delivery_id, d.origin, b.judged_at "
                "from quality.batch as b left join connect.delivery as d on b.delivery_id = d.delivery_id "
                "where b.batch_id = %s",
                (batch_id,),
            ).fetchone()
        if batch is None:
            raise BadInput(f"there is no batch {batch_id}", advice="See ./flyover batches")
        require(actor, "viewer", batch["agency_code"])
        (books,) = _books(connection, "b.batch_id = %(batch)s", {"batch": batch_id})
        earlier = _books(
            connection,
            "b.agency_code = %(agency_code)s and b.source = %(source)s and b.entity = %(entity)s "
            "and b.batch_id <> %(batch)s and b.replay_of is null "
            "and b.judged_at <= coalesce(%(judged_at)s::timestamptz, now())",
            {**batch, "batch": batch_id},
        )
        failed = _failed_rules(connection, batch_id)
    return Evidence(
        **{**batch, "origin": batch["origin"] or "—"},
        table=names.table(batch["source"], batch["entity"]),
        books=books,
        failed=failed,
        earlier=tuple(earlier),
    )


def _books(connection: Connection, condition: str, parameters: Mapping[str, Any]) -> list[Books]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "select b.batch_id, b.status, b.landed_at, b.received, b.released, b.quarantined, b.duplicate, b.refused, "  # noqa: S608 - the conditions stand above
            "b.held, coalesce(c.deleted_rows, 0) as deleted_rows, coalesce(c.unchanged_rows, 0) as unchanged_rows, "
            "b.decided_by, b.decision_reason "
            "from quality.batch as b left join connect.batch as c on b.batch_id = c.batch_id "
            f"where {condition} order by b.judged_at desc, b.batch_id limit %(most)s",
            {**parameters, "most": EARLIER_BATCHES},
        )
        return [Books(**row) for row in found]


def _failed_rules(connection: Connection, batch_id: uuid.UUID) -> tuple[FailedRule, ...]:
    known = reasons.known()
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "select r.rule_id, r.scope = 'table' and r.severity = 'critical' and not r.waived as holds, r.waived, "
            "r.scope, r.severity, r.evaluated, r.failed, r.observed, r.evidence "
            "from quality.rule_result as r where r.batch_id = %s and not r.passed order by holds desc, r.rule_id",
            (batch_id,),
        ).fetchall()
    return tuple(FailedRule(**row, meaning=reasons.explain(row["rule_id"], known)) for row in found)
