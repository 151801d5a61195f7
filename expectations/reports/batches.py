"""The details of single batches, asked only for those whose page is out of date."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from expectations.reports.facts import BatchLine, Scores
from expectations.reports.gather import BATCH_COLUMNS, Asker, batch_line

MOST_KEYS = 8
Rows = Mapping[uuid.UUID, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Stamp:
    """Tells, without its details, whether anything about a batch has changed, and which batches it is tied to."""

    state: str
    related: Sequence[uuid.UUID]


@dataclass(frozen=True)
class Result:
    """The verdict of one rule."""

    rule_id: str
    severity: str
    dimension: str
    scope: str
    passed: bool
    waived: bool
    evaluated: int
    failed: int
    observed: str | None
    compared: Mapping[str, Any] | None


@dataclass(frozen=True)
class Kept:
    """Rows in quarantine for one reason, by what was decided."""

    rule_id: str
    by_status: Mapping[str, int]
    keys: Sequence[str]
    """of rows that wait"""


@dataclass(frozen=True)
class Decision:
    """What was decided about rows of the batch (an action), or about the batch itself (its status; ``rows`` None)."""

    outcome: str
    rows: int | None
    decided_at: dt.datetime
    decided_by: str | None
    reason: str | None


@dataclass(frozen=True)
class BatchDetail:
    """One batch, with all that its page says."""

    line: BatchLine
    origin: str
    staged_at: dt.datetime
    redelivered: int
    scores: Scores
    results: Sequence[Result]
    kept: Sequence[Kept]
    decisions: Sequence[Decision]
    replays: Sequence[uuid.UUID]
    siblings: Sequence[tuple[str, uuid.UUID]]
    """other tables of the same delivery"""


def stamps(asker: Asker, always: Sequence[uuid.UUID], most: int) -> dict[uuid.UUID, Stamp]:
    """The latest ``most`` judged batches and those of ``always``."""
    rows = asker.rows(_STAMPS, always=list(always), most=most)
    return {row["batch_id"]: Stamp(row["state"], row["related"]) for row in rows}


def details(asker: Asker, batch_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, BatchDetail]:
    """Details of these batches, by set."""
    wanted = {"batches": list(batch_ids)}
    results, kept, decided, scores, tied = (
        _by_batch(asker.rows(query, **wanted, keys=MOST_KEYS))
        for query in (_RESULTS, _KEPT, _DECIDED, _SCORES, _SIBLINGS)
    )
    found = {}
    for row in asker.rows(_BATCHES, **wanted):
        batch_id = row["batch_id"]
        found[batch_id] = BatchDetail(
            line=batch_line(row),
            origin=row["origin"],
            staged_at=row["staged_at"],
            redelivered=row["redelivered"],
            scores={one["dimension"]: Decimal(one["score"]) for one in scores.get(batch_id, ())},
            results=[Result(**_without_batch(one)) for one in results.get(batch_id, ())],
            kept=[Kept(one["rule_id"], one["by_status"], one["keys"] or ()) for one in kept.get(batch_id, ())],
            decisions=_decisions(row, decided.get(batch_id, ())),
            replays=row["replays"],
            siblings=[(one["entity_table"], one["sibling"]) for one in tied.get(batch_id, ())],
        )
    return found


def _decisions(row: Mapping[str, Any], decided: Sequence[Mapping[str, Any]]) -> list[Decision]:
    found = [Decision(**_without_batch(one)) for one in decided]
    if row["decided_at"]:
        found.append(Decision(row["status"], None, row["decided_at"], row["decided_by"], row["decision_reason"]))
    return sorted(found, key=lambda one: one.decided_at)


def _without_batch(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "batch_id"}


def _by_batch(rows: Sequence[Mapping[str, Any]]) -> Rows:
    found: dict[uuid.UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["batch_id"]].append(row)
    return found


_STAMPS = """
with judged as (
    select batch_id, delivery_id, agency_code, status, judged_at, decided_at, redelivered, replay_of
    from quality.batch
    where status not in ('landing', 'landed') and judged_at is not null and {mine}
),

kept as (
    select *
    from judged
    where batch_id = any(%(always)s) or batch_id in (
        select batch_id from judged order by judged_at desc, batch_id limit %(most)s
    )
),

aside as (
    select batch_id, string_agg(concat_ws(' ', status, entries, decision_id), ',' order by status) as entries
    from (
        select q.batch_id, q.status, count(distinct q.quarantine_id) as entries, max(e.decision_id) as decision_id
        from quarantine.entry as q
        inner join kept using (batch_id)
        left join quarantine.entry_decision as e on q.quarantine_id = e.quarantine_id
        group by q.batch_id, q.status
    ) as counted
    group by batch_id
),

tied as (
    select batch_id, array_agg(other order by other) as related
    from (
        select k.batch_id, b.batch_id as other
        from kept as k
        inner join judged as b on k.delivery_id = b.delivery_id and k.batch_id <> b.batch_id
        union
        select k.batch_id, b.batch_id
        from kept as k
        inner join judged as b on k.batch_id = b.replay_of
        union
        select k.batch_id, b.batch_id
        from kept as k
        inner join judged as b on k.replay_of = b.batch_id
    ) as both_ways
    group by batch_id
)

select
    k.batch_id, concat_ws('|', k.status, k.judged_at, k.decided_at, k.redelivered, aside.entries) as state,
    coalesce(tied.related, '{}') as related
from kept as k
left join aside on k.batch_id = aside.batch_id
left join tied on k.batch_id = tied.batch_id
"""
_BATCHES = f"""
select
    {BATCH_COLUMNS}, b.redelivered, b.decided_at, b.decided_by, b.decision_reason, d.origin, d.staged_at,
    array(select o.batch_id from quality.batch as o where o.replay_of = b.batch_id order by o.judged_at)
        as replays
from quality.judged_batch as b
inner join connect.delivery as d on b.delivery_id = d.delivery_id
left join quality.score as s on b.batch_id = s.batch_id and s.dimension = 'all'
where b.batch_id = any(%(batches)s)
"""  # noqa: S608
_RESULTS = """
select
    r.batch_id, r.rule_id, r.severity, r.dimension, r.scope, r.passed,
    r.waived, r.evaluated, r.failed, r.observed, r.evidence as compared
from quality.rule_result as r
inner join quality.severity_weight as w on r.severity = w.severity
where r.batch_id = any(%(batches)s)
order by r.passed, w.weight desc, r.failed desc, r.rule_id
"""
_KEPT = """
select
    batch_id, rule_id, json_object_agg(status, entries) as by_status,
    (select array_agg(key) from unnest(max(keys)) as key) as keys
from (
    select
        q.batch_id, rule_id, q.status, count(*) as entries,
        (array_agg(coalesce(q.record_id, '—') order by q.quarantine_id)
            filter (where q.status in ('open', 'returned')))[1:%(keys)s] as keys
    from quarantine.entry as q
    cross join unnest(q.rule_ids) as rule_id
    where q.batch_id = any(%(batches)s)
    group by q.batch_id, rule_id, q.status
) as counted
group by batch_id, rule_id
order by sum(entries) desc, rule_id
"""
_DECIDED = """
select
    q.batch_id, d.action as outcome, count(*) as rows, d.decided_at, d.actor as decided_by, d.reason
from quarantine.entry as q
inner join quarantine.entry_decision as e on q.quarantine_id = e.quarantine_id
inner join quarantine.decision as d on e.decision_id = d.decision_id
where q.batch_id = any(%(batches)s)
group by q.batch_id, d.decision_id
"""
_SCORES = """
select batch_id, dimension, score from quality.score where batch_id = any(%(batches)s) and score is not null
"""
_SIBLINGS = """
select b.batch_id, s.entity_table, s.batch_id as sibling
from quality.judged_batch as b
inner join quality.judged_batch as s on b.delivery_id = s.delivery_id and b.batch_id <> s.batch_id
where b.batch_id = any(%(batches)s)
order by s.entity_table, s.batch_id
"""
