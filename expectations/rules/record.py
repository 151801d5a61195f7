"""The record of a rule: what it found so far, by which versions, and what a waiver let pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.db import Connection


@dataclass(frozen=True)
class Record:
    """What a rule has found since it was first used."""

    batches: int
    failed_batches: int
    failed_rows: int
    waived_batches: int
    first_judged: str | None
    last_failed: str | None
    in_quarantine: int
    """rows it keeps back that no one has decided about"""


def of_rule(connection: Connection, rule_id: str, table: str) -> Record:
    """The record of one rule."""
    row = connection.execute(_RECORD, {"rule": rule_id, "table": table}).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers
    return Record(*row)


_RECORD = """
select
    count(*), count(*) filter (where not passed), coalesce(sum(failed), 0)::bigint, count(*) filter (where waived),
    to_char(min(judged_at), 'YYYY-MM-DD'), to_char(max(judged_at) filter (where not passed), 'YYYY-MM-DD'),
    (
        select count(*) from quarantine.entry as q
        where q.entity_table = %(table)s and q.status in ('open', 'returned') and %(rule)s = any(q.rule_ids)
    )
from quality.rule_result
where rule_id = %(rule)s
"""


def versions_of(connection: Connection, rule_id: str) -> Sequence[tuple[Any, ...]]:
    """(fingerprint, first used, batches judged, failed, rows failing) of each version, newest first."""
    return connection.execute(_VERSIONS, {"rule": rule_id}).fetchall()


_VERSIONS = """
select v.fingerprint, v.first_used_at, count(r.batch_id), count(*) filter (where not r.passed),
    coalesce(sum(r.failed), 0)::bigint
from quality.rule as v
left join quality.rule_result as r on v.rule_id = r.rule_id and v.fingerprint = r.fingerprint
where v.rule_id = %(rule)s
group by v.fingerprint, v.first_used_at
order by v.first_used_at desc, v.fingerprint
"""


def latest_evidence(connection: Connection, rule_id: str, most: int) -> Sequence[tuple[Any, ...]]:
    """(agency, day, passed, evidence) of the last batches a rule about history judged."""
    return connection.execute(_EVIDENCE, {"rule": rule_id, "most": most}).fetchall()


_EVIDENCE = """
select b.agency_code, to_char(r.judged_at, 'YYYY-MM-DD'), r.passed, r.evidence
from quality.rule_result as r
inner join quality.batch as b on r.batch_id = b.batch_id
where r.rule_id = %(rule)s and r.evidence is not null
order by r.judged_at desc, r.batch_id
limit %(most)s
"""


@dataclass(frozen=True)
class Alarms:
    """What people made of what a rule kept back: rows, or whole batches where the rule holds those."""

    rule_id: str
    what: str
    """rows or batches"""
    kept_back: int
    undecided: int
    founded: int
    """mended, returned to the agency or refused"""
    let_through: int
    """waived, released, or sent on unchanged once the rule was corrected: the alarm was false"""

    @property
    def false_pct(self) -> float | None:
        """Part of the decided that was let through as it was; None where nothing is decided."""
        decided = self.founded + self.let_through
        return round(100 * self.let_through / decided, 1) if decided else None


def alarms(connection: Connection, days: int) -> Sequence[Alarms]:
    """Every rule that kept something back in the last days, the most often mistaken first."""
    found = [Alarms(*row) for row in connection.execute(_ALARMS, {"days": days})]
    return sorted(found, key=lambda rule: (-(rule.false_pct or 0), -rule.let_through, -rule.kept_back, rule.rule_id))


# A row that several rules keep back is let through by none of them alone, so it counts for each.
_ALARMS = """
with fates as (
    select
        kept_by.rule_id, 'rows' as what,
        case
            when q.status = 'open' then 'undecided'
            when q.status = 'waived' then 'let through'
            when q.status <> 'closed' or exists (
                select
                from quarantine.entry_decision as e
                inner join quarantine.decision as d on e.decision_id = d.decision_id
                where e.quarantine_id = q.quarantine_id and d.action in ('mend', 'return')
            ) then 'founded'
            else 'let through'
        end as fate
    from quarantine.entry as q
    cross join lateral unnest(q.rule_ids) as kept_by (rule_id)
    where q.stage = 'rule' and q.opened_at > now() - make_interval(days => %(days)s)
    union all
    select
        r.rule_id, 'batches',
        case b.status when 'held' then 'undecided' when 'released' then 'let through' else 'founded' end
    from quality.rule_result as r
    inner join quality.batch as b on r.batch_id = b.batch_id
    where r.scope = 'table' and r.severity = 'critical' and not r.passed and b.status in ('held', 'released', 'refused')
        and r.judged_at > now() - make_interval(days => %(days)s)
)
select
    rule_id, what, count(*), count(*) filter (where fate = 'undecided'), count(*) filter (where fate = 'founded'),
    count(*) filter (where fate = 'let through')
from fates
group by rule_id, what
"""
