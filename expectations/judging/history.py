"""Rules about history: a batch is expected to look like its agency's own earlier ones.

A batch is compared with up to ``MOST`` released batches of the same agency, entity and way of delivery (a register sent
whole is not compared with a list of changes; replays are not compared at all). What is expected is fixed in
``quality.history`` in the transaction that marks duplicates: Great Expectations and the judge's own SQL then ask the
same question of the same row, whatever is released meanwhile. Safe to repeat.
"""

from __future__ import annotations

import json
import uuid

from expectations.judging import profile
from expectations.judging.comparison import compare
from expectations.judging.profile import Profile
from expectations.rules.checks import History
from expectations.rules.suites import Rule, Suite
from pipeline.db import Connection

MOST = 30


def note(connection: Connection, suite: Suite, batch_id: uuid.UUID) -> None:
    """Profile a batch and fix what its history makes one expect, in the caller's transaction."""
    now = profile.write(connection, suite, batch_id)
    rules = history_rules(suite)
    if not rules:
        return
    before = earlier(connection, batch_id)
    connection.execute("delete from quality.history where batch_id = %s", (batch_id,))
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into quality.history (batch_id, rule_id, observed, low, high, evidence) "
            "values (%s, %s, %s, %s, %s, %s)",
            [
                (batch_id, rule.id, c.observed, c.low, c.high, json.dumps(c.evidence(), ensure_ascii=False))
                for rule in rules
                if (c := compare(_check(rule), now, before))
            ],
        )


def history_rules(suite: Suite) -> tuple[Rule, ...]:
    """Rules of a suite that compare with the past."""
    return tuple(rule for rule in suite.rules if isinstance(rule.check, History))


def _check(rule: Rule) -> History:
    assert isinstance(rule.check, History)  # noqa: S101 - asked for by history_rules
    return rule.check


def earlier(connection: Connection, batch_id: uuid.UUID) -> list[Profile]:
    """Profiles of the batches to compare with, newest first; none for a replay."""
    found: dict[uuid.UUID, Profile] = {}
    for batch, measure, column, value, detail in connection.execute(_EARLIER, {"batch": batch_id, "most": MOST}):
        found.setdefault(batch, Profile(batch)).values[measure, column] = (value, detail)
    return list(found.values())


_EARLIER = """
with this as (
    select b.batch_id, b.agency_code, b.source, b.entity, d.mode, coalesce(b.judged_at, now()) as judged_at
    from quality.batch as b
    inner join connect.delivery as d on b.delivery_id = d.delivery_id
    where b.batch_id = %(batch)s and d.mode <> 'replay'
),

before as (
    select b.batch_id, b.judged_at
    from this
    inner join quality.batch as b
        on this.agency_code = b.agency_code and this.source = b.source and this.entity = b.entity
        and b.judged_at < this.judged_at and b.status = 'released' and b.batch_id <> this.batch_id
    inner join connect.delivery as d on b.delivery_id = d.delivery_id and d.mode = this.mode
    order by b.judged_at desc, b.batch_id
    limit %(most)s
)

select b.batch_id, p.measure, p.field, p.value, p.detail
from before as b
inner join quality.profile as p on b.batch_id = p.batch_id
order by b.judged_at desc, b.batch_id
"""
