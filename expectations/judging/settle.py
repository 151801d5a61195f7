"""Settles a batch: writes the failing rows to quarantine and balances the books, in the caller's transaction.

The failing rows are found by SQL made from the same rules that Great Expectations evaluated, in one pass. Where
the two disagree, or where the books do not balance to the row, an error names the batch and nothing is written.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from expectations.judging import earlier
from expectations.judging.gx import Finding
from expectations.judging.marks import Marks
from expectations.judging.planning import rules_planned
from expectations.rules import rule_sql, versions
from expectations.rules.rule_sql import trusted
from expectations.rules.suites import Suite
from pipeline import db
from pipeline.db import SQL, Connection, Identifier
from pipeline.errors import FlyoverError
from pipeline.released_seq import next_released_seq


class Unbalanced(FlyoverError):
    """A batch whose rows do not add up, or a rule that counts otherwise than its SQL: a fault of ours."""


@dataclass(frozen=True)
class Batch:
    """A landed batch that waits for its verdict."""

    batch_id: uuid.UUID
    agency_code: str
    entity: str
    received: int
    replay_of: uuid.UUID | None


@dataclass(frozen=True)
class Verdict:
    """What became of a batch: its books, and the rules that at least one row failed."""

    batch_id: uuid.UUID
    agency_code: str
    entity: str
    status: Literal["released", "held"]
    received: int
    released: int
    quarantined: int
    duplicate: int
    refused: int
    held: int
    failed_rules: tuple[str, ...]


def settle(connection: Connection, suite: Suite, batch: Batch, findings: Mapping[str, Finding]) -> Verdict:
    """Quarantine, record, balance and decide one batch.

    :raises Unbalanced: when a rule's two counts differ or the books do not balance
    """
    _look_at(connection, batch)
    with rules_planned(connection):
        failed = _quarantine(connection, suite) | _failed_table_rules(connection, suite)
    _agree(suite, batch, findings, failed)
    books = _balance(connection, suite.table, batch)
    waived = earlier.waived(connection, batch.agency_code, suite.table)
    _record(connection, suite, batch, findings, waived, books["evaluated"])
    versions.record(connection, suite, batch.batch_id)
    if batch.replay_of is not None:
        earlier.close_originals(connection, suite.table, batch.batch_id, batch.replay_of)
    verdict = _verdict(suite, batch, books, failed, waived)
    released_seq = next_released_seq(connection) if verdict.status == "released" else None
    _write_verdict(connection, verdict, books, released_seq)
    return verdict


def try_out(connection: Connection, suite: Suite, batch: Batch) -> Verdict:
    """Settle a batch by its rules' SQL alone, on a connection whose owner rolls it back.

    It takes no number of ``quality.released_seq``, whose lock a judge might be waiting for.

    :raises Unbalanced: when the books do not balance
    """
    _look_at(connection, batch)
    with rules_planned(connection):
        failed = _quarantine(connection, suite) | _failed_table_rules(connection, suite)
    books = _balance(connection, suite.table, batch)
    waived = earlier.waived(connection, batch.agency_code, suite.table)
    findings = {id_: Finding(not count, count, None) for id_, count in failed.items()}
    _record(connection, suite, batch, findings, waived, books["evaluated"])
    verdict = _verdict(suite, batch, books, failed, waived)
    _write_verdict(connection, verdict, books, None)
    return verdict


def _look_at(connection: Connection, batch: Batch) -> None:
    connection.execute("select set_config('flyover.batch_id', %s, true)", (str(batch.batch_id),))


def _quarantine(connection: Connection, suite: Suite) -> dict[str, int]:
    """Write rows that fail a critical rule to quarantine; returns how many rows fail each rule of any severity."""
    rules = suite.row_rules
    counts = {rule.id: 0 for rule in rules}
    if not rules:
        return counts
    marks = Marks(rules, suite.table)
    fields = suite.contract.landed_fields
    statement = _QUARANTINE.format(
        table=Identifier(suite.table),
        name=db.Literal(suite.table),
        marks=trusted(marks.columns),
        is_failing=trusted(marks.is_failing),
        rule_ids=trusted(marks.rule_ids),
        words=SQL(", ").join(db.Literal(f.name) for f in fields),
        values=SQL(", ").join(SQL("f.{}::text").format(Identifier(f.column)) for f in fields),
        critical=db.Literal([rule.id for rule in rules if rule.quarantines]),
    )
    counts.update(connection.execute(statement, {}).fetchall())
    return counts


_QUARANTINE = SQL(
    """
with failing as materialized (
    select verdict.*, array_remove(array[{rule_ids}]::text[], null) as failed_rules
    from (
        select r.*, {marks}
        from judging.{table} as r
        offset 0  -- keeps the planner from evaluating every rule twice
    ) as verdict
    where {is_failing}
),

kept_back as (
    insert into quarantine.entry (
        entity_table, row_id, batch_id, batch_seq, event_id, agency_code, record_id, version, stage, rule_ids,
        warned_ids, payload
    )
    select
        {name}, f._row_id, f._batch_id, f._batch_seq, f._event_id, f._agency_code, f._record_id, f._version, 'rule',
        array(select id from unnest(f.failed_rules) as id where id = any({critical}::text[])),
        array(select id from unnest(f.failed_rules) as id where id <> all({critical}::text[])),
        jsonb_object(array[{words}]::text[], array[{values}]::text[])
    from failing as f
    where f.failed_rules && {critical}::text[]
)

select rule_id, count(*) from failing cross join unnest(failed_rules) as rule_id group by rule_id
"""
)


def _failed_table_rules(connection: Connection, suite: Suite) -> dict[str, int]:
    failed = {}
    for rule in suite.rules:
        if rule.scope == "table":
            query = rule_sql.query(rule, suite.table).format(batch=f"judging.{suite.table}")
            failed[rule.id] = len(connection.execute(trusted(query), {}).fetchall())
    return failed


def _agree(suite: Suite, batch: Batch, findings: Mapping[str, Finding], failed: Mapping[str, int]) -> None:
    for rule in suite.rules:
        found = findings[rule.id].failed
        if found != failed[rule.id]:
            raise Unbalanced(
                f"{batch.agency_code}: batch {batch.batch_id} of {suite.contract.name}: rule {rule.id} counts {found} "
                f"failing rows, its SQL {failed[rule.id]}. Nothing was written; mend the rule and judge again"
            )


def _record(
    connection: Connection,
    suite: Suite,
    batch: Batch,
    findings: Mapping[str, Finding],
    waived: Collection[str],
    evaluated: int,
) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into quality.rule_result (batch_id, rule_id, severity, dimension, scope, passed, evaluated, "
            "failed, observed, waived) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    *(batch.batch_id, r.id, r.severity, r.dimension, r.scope),
                    *(f.passed, evaluated, f.failed, f.observed, not f.passed and r.id in waived),
                )
                for r in suite.rules
                if (f := findings[r.id])
            ],
        )


def _balance(connection: Connection, table: str, batch: Batch) -> dict[str, Any]:
    """Count what became of every line of the manifest."""
    with connection.cursor(row_factory=db.dict_row) as cursor:
        books = cursor.execute(_COUNTS.format(table=Identifier(table)), {"batch": batch.batch_id}).fetchone() or {}
    lines = books["landed"] - books["redelivered"] + books["unread"]
    missing = batch.received - lines
    if not 0 <= missing <= books["undecodable"]:  # more bytes than missing lines: copies of what was read after all
        raise Unbalanced(
            f"{batch.agency_code}: batch {batch.batch_id} ({table}) does not balance: {batch.received} lines in its "
            f"manifest, {lines} rows and {books['undecodable']} undecodable messages landed. Nothing was written"
        )
    books["quarantined"] = books["unread"] + missing + books["failing"]
    books["passed"] = books["landed"] - books["redelivered"] - books["duplicate"] - books["failing"]
    return books


_COUNTS = SQL(
    """
with landed as (
    select
        count(*) as landed, max(l._row_id) as max_row_id,
        count(*) filter (where d.kind = 'duplicate') as duplicate,
        count(*) filter (where d.kind = 'redelivered') as redelivered,
        count(*) filter (where d.kind is null and not l._is_deleted) as evaluated
    from landing.{table} as l
    left join landing.duplicate as d on l._row_id = d.row_id and l._batch_id = d.batch_id
    where l._batch_id = %(batch)s
)

select
    landed.*,
    (select count(*) from quarantine.{table} where batch_id = %(batch)s and stage in ('parse', 'decode')) as unread,
    (select count(*) from quarantine.{table} where batch_id = %(batch)s and stage = 'rule') as failing,
    (select count(distinct fingerprint) from quarantine.undecodable where batch_id = %(batch)s) as undecodable
from landed
"""
)


def _verdict(
    suite: Suite, batch: Batch, books: Mapping[str, Any], failed: Mapping[str, int], waived: Collection[str]
) -> Verdict:
    holds = any(rule.holds and failed[rule.id] and rule.id not in waived for rule in suite.rules)
    return Verdict(
        batch_id=batch.batch_id,
        agency_code=batch.agency_code,
        entity=batch.entity,
        status="held" if holds else "released",
        received=batch.received,
        released=0 if holds else books["passed"],
        quarantined=books["quarantined"],
        duplicate=books["duplicate"],
        refused=0,
        held=books["passed"] if holds else 0,
        failed_rules=tuple(rule_id for rule_id, count in failed.items() if count),
    )


def _write_verdict(
    connection: Connection, verdict: Verdict, books: Mapping[str, Any], released_seq: int | None
) -> None:
    connection.execute(
        "update quality.batch set status = %s, released = %s, quarantined = %s, duplicate = %s, held = %s, "
        "redelivered = %s, max_row_id = %s, released_seq = %s, judged_at = now() where batch_id = %s",
        (
            verdict.status,
            verdict.released,
            verdict.quarantined,
            verdict.duplicate,
            verdict.held,
            books["redelivered"],
            books["max_row_id"],
            released_seq,
            verdict.batch_id,
        ),
    )
