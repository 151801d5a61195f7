"""What a changed rule would have done: how many past rows and batches would flip. Reads only.

Both versions are asked of the same rows as they lie in landing, so that what changed meanwhile around them changes
both answers alike. Of a rule about history the profiles are compared that were taken when the batches were judged.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from expectations.judging import history, profile
from expectations.judging.comparison import compare
from expectations.judging.gx import ROLE
from expectations.judging.planning import rules_planned
from expectations.rules import rule_sql
from expectations.rules.checks import History
from expectations.rules.rule_sql import trusted
from expectations.rules.suites import Rule, Suite
from pipeline.db import Connection, connect
from pipeline.settings import Settings

Progress = Callable[[int, int], None]


class _Past(NamedTuple):
    """A batch that was judged."""

    batch_id: uuid.UUID
    agency_code: str
    judged_on: str
    held_by_others: bool


@dataclass(frozen=True)
class Flip:
    """What a change would have done to one past batch; rows for a row rule, 0 or 1 for one about the whole batch."""

    batch_id: uuid.UUID
    agency_code: str
    judged_on: str
    rows: int
    fails_now: int
    would_fail: int
    freed: int
    """failing now, passing then"""
    caught: int
    """passing now, failing then"""
    holds_now: bool
    would_hold: bool


def try_out(
    settings: Settings,
    suite: Suite,
    rule: Rule,
    changed: Rule,
    *,
    last: int | None = None,
    progress: Progress = lambda done, of: None,
) -> Iterator[Flip]:
    """Each past batch of the table under both versions, newest first; ``last`` bounds how many."""
    with connect(settings, ROLE) as connection:
        connection.execute("set transaction read only")
        past = [_Past(*row) for row in connection.execute(_PAST, _named(suite, rule, last))]
        for done, batch in enumerate(past):
            progress(done, len(past))
            connection.execute("select set_config('flyover.batch_id', %s, true)", (str(batch.batch_id),))
            with rules_planned(connection):
                flip = _flip(connection, suite, rule, changed, batch)
            yield flip
        progress(len(past), len(past))


_PAST = """
select
    b.batch_id, b.agency_code, to_char(b.judged_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'),
    exists (
        select from quality.rule_result as r
        where r.batch_id = b.batch_id and r.scope = 'table' and r.severity = 'critical' and not r.passed
            and not r.waived and r.rule_id <> %(rule)s
    )
from quality.batch as b
where b.source = %(source)s and b.entity = %(entity)s and b.judged_at is not null
order by b.judged_at desc, b.batch_id
limit %(last)s
"""


def _named(suite: Suite, rule: Rule, last: int | None) -> dict[str, object]:
    return {"source": suite.contract.source, "entity": suite.contract.entity, "rule": rule.id, "last": last}


def _flip(connection: Connection, suite: Suite, rule: Rule, changed: Rule, batch: _Past) -> Flip:
    if rule.scope == "table" or changed.scope == "table":
        now, then = (_fails(connection, suite, version, batch.batch_id) for version in (rule, changed))
        counts = (1, int(now), int(then), int(now and not then), int(then and not now))
        holds = (rule.holds and now, changed.holds and then)
    else:
        counts, holds = _rows(connection, suite, rule, changed), (False, False)
    by_others = batch.held_by_others
    return Flip(
        batch.batch_id, batch.agency_code, batch.judged_on, *counts, holds[0] or by_others, holds[1] or by_others
    )


def _fails(connection: Connection, suite: Suite, rule: Rule, batch_id: uuid.UUID) -> bool:
    if isinstance(rule.check, History):
        return compare(rule.check, profile.read(connection, batch_id), history.earlier(connection, batch_id)).fails
    query = rule_sql.query(rule, suite.table).format(batch=f"judging.{suite.table}")
    return connection.execute(trusted(query), {}).fetchone() is not None


def _rows(connection: Connection, suite: Suite, rule: Rule, changed: Rule) -> tuple[int, int, int, int, int]:
    now, then = (rule_sql.failing(version, suite.table) for version in (rule, changed))
    statement = trusted(
        "select count(*), count(*) filter (where now), count(*) filter (where later), "  # noqa: S608 - rules of ours
        "count(*) filter (where now and not later), count(*) filter (where later and not now) "
        f"from (select coalesce({now}, false) as now, coalesce({then}, false) as later "
        f"from judging.{suite.table} as r offset 0) as both_ways"
    )
    row = connection.execute(statement, {}).fetchone()
    assert row is not None  # noqa: S101 - an aggregate always answers
    return (int(row[0]), int(row[1]), int(row[2]), int(row[3]), int(row[4]))
