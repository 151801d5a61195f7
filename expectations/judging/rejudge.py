"""A rule that is corrected judges again what it kept back: rows that now pass go through the door anew.

Looked at are rows in quarantine, open or returned, that this rule alone keeps there. Those that pass it as it now
stands are replayed as they are, and every rule judges them again; those that still fail stay where they are. A rule
that became stricter changes nothing about the past: rows are only ever let go here. A rule that no longer quarantines
lets go all.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from expectations.decisions.people import Actor
from expectations.decisions.replay import Replay, replay
from expectations.decisions.selection import Selection
from expectations.judging.gx import ROLE
from expectations.judging.planning import rules_planned
from expectations.rules import rule_sql, suites, versions
from expectations.rules.rule_sql import trusted
from expectations.rules.suites import Rule, Suite
from pipeline.db import Connection, connect
from pipeline.settings import Settings


@dataclass(frozen=True)
class Again:
    """What a rule says now of the rows of one batch that it alone kept back."""

    batch_id: uuid.UUID
    agency_code: str
    passing: tuple[int, ...]
    """entries that pass and can go"""
    failing: int


def look(settings: Settings, suite: Suite, rule: Rule) -> list[Again]:
    """Ask the rule as it now stands about what it kept back, batch by batch; nothing is written."""
    with connect(settings, ROLE) as connection:
        connection.execute("set transaction read only")
        found = connection.execute(_KEPT_BACK, {"table": suite.table, "rule": rule.id}).fetchall()
        with rules_planned(connection):
            return [_look_at(connection, suite, rule, *row) for row in found]


_KEPT_BACK = """
select q.batch_id, q.agency_code, array_agg(q.quarantine_id), array_agg(q.row_id)
from quarantine.entry as q
where q.entity_table = %(table)s and q.stage = 'rule' and q.status in ('open', 'returned')
    and q.rule_ids = array[%(rule)s]::text[]
group by q.batch_id, q.agency_code
order by min(q.quarantine_id)
"""


def _look_at(
    connection: Connection,
    suite: Suite,
    rule: Rule,
    batch_id: uuid.UUID,
    agency_code: str,
    entries: list[int],
    rows: list[int],
) -> Again:
    if not rule.quarantines:
        return Again(batch_id, agency_code, tuple(sorted(entries)), 0)
    connection.execute("select set_config('flyover.batch_id', %s, true)", (str(batch_id),))
    statement = trusted(
        f"select r._row_id from judging.{suite.table} as r "  # noqa: S608 - rules are code of ours
        f"where {rule_sql.failing(rule, suite.table)}"
    )
    fails = {row[0] for row in connection.execute(statement, {})}
    passing = tuple(sorted(entry for entry, row in zip(entries, rows, strict=True) if row not in fails))
    return Again(batch_id, agency_code, passing, len(entries) - len(passing))


def let_go(settings: Settings, rule: Rule, found: Sequence[Again], *, actor: Actor, reason: str) -> list[Replay]:
    """Replay what passes, a delivery a batch; publish them like any delivery. Safe to repeat when interrupted.

    :raises NotAllowed: when the actor is no officer of an agency concerned
    """
    return [
        replay(
            settings, one.batch_id, actor=actor, reason=reason, rule=rule.id, selection=Selection(entries=one.passing)
        )
        for one in found
        if one.passing
    ]


def corrected(settings: Settings, source: str, *, actor: Actor) -> int:
    """Judge again by every rule of a source that changed since it kept rows back, each version once; rows let go.

    :raises NotAllowed: when the actor is no officer
    """
    gone = 0
    for suite, rule in _changed(settings, source):
        found = look(settings, suite, rule)
        reason = f"{rule.id} was corrected; judged again by version {versions.fingerprint(rule)}"
        gone += sum(replayed.rows for replayed in let_go(settings, rule, found, actor=actor, reason=reason))
        with connect(settings, ROLE) as connection:
            versions.note_rejudged(connection, rule)
    return gone


def _changed(settings: Settings, source: str) -> list[tuple[Suite, Rule]]:
    """Rules of which an older version has rows waiting that this one has not looked at."""
    known = {
        rule.id: (suite, rule)
        for suite in suites.load(suites.SUITES, settings.contracts_dir).values()
        if suite.contract.source == source
        for rule in suite.row_rules
    }
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            _WAITING_BY_OLDER,
            {
                "source": source,
                "rules": list(known),
                "versions": [versions.fingerprint(rule) for _, rule in known.values()],
            },
        )
        return [known[rule_id] for (rule_id,) in found]


_WAITING_BY_OLDER = """
with current as (
    select named.rule_id, named.fingerprint
    from unnest(%(rules)s::text[], %(versions)s::text[]) as named (rule_id, fingerprint)
    left join quality.rule as known on named.rule_id = known.rule_id and named.fingerprint = known.fingerprint
    where known.rejudged_at is null
        and exists (
            select from quality.rule as older
            where older.rule_id = named.rule_id and older.fingerprint <> named.fingerprint
        )
)

select distinct c.rule_id
from current as c
inner join quarantine.entry as q
    on q.stage = 'rule' and q.status in ('open', 'returned') and q.rule_ids = array[c.rule_id]
inner join quality.rule_result as r
    on q.batch_id = r.batch_id and c.rule_id = r.rule_id and r.fingerprint <> c.fingerprint
where q.entity_table like replace(%(source)s, '_', '\\_') || '\\_\\_%%'
order by c.rule_id
"""
