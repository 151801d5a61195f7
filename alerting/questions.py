"""One question a kind of alert: what holds at this moment, in the words its texts need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alerting.config import Config
from alerting.kinds import Finding
from connectors import calendar
from connectors.registry import Agency
from pipeline import backlog
from pipeline.db import SQL, Connection, dict_row
from pipeline.settings import Settings
from pipeline.zone import ZONE

_NAMED = 3
STEPS = {
    "landed": "outbox → landing",
    "booked": "landing → books",
    "released": "books → released",
    "latest": "released → staging",
    "core": "staging → core",
    "vault": "identities → vault",
}


@dataclass(frozen=True)
class Situation:
    """What a question may look at."""

    settings: Settings
    config: Config
    agencies: Mapping[str, Agency]
    connection: Connection
    now: dt.datetime

    def ask(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query, by column."""
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(SQL(query), {"now": self.now, **parameters}).fetchall()

    def clock(self, moment: dt.datetime | None) -> str:
        """A moment as it is said in a message, in Zhejiang's time."""
        return "–" if moment is None else moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")

    def hours(self, since: dt.datetime) -> int:
        """Whole hours from a moment to now."""
        return int((self.now - since).total_seconds() // 3600)


def _held(at: Situation) -> Iterator[Finding]:
    for row in at.ask(
        "select b.batch_id, b.agency_code, b.source, b.entity, b.received, b.judged_at, "
        "array(select r.rule_id from quality.rule_result as r where r.batch_id = b.batch_id and not r.passed "
        "and not r.waived and r.scope = 'table' and r.severity = 'critical' order by 1) as rules "
        "from quality.batch as b where b.status = 'held'"
    ):
        facts = {**row, "entity": _entity(row), "agency": row["agency_code"], "rules": ", ".join(row["rules"]) or "–"}
        yield _finding("batch_held", str(row["batch_id"]), row, {**facts, "hours": at.hours(row["judged_at"])})


def _late(at: Situation) -> Iterator[Finding]:
    for feed in calendar.feeds(at.settings, at.agencies, at.now):
        if feed.late_by is not None:
            agency = feed.agency
            facts = {
                "agency": agency.agency_code,
                "name_zh": agency.name_zh,
                "name_en": agency.name_en,
                "deadline": at.clock(feed.deadline),
                "last": at.clock(feed.last_delivery),
                "hours": int(feed.late_by.total_seconds() // 3600),
            }
            yield Finding("feed_late", agency.agency_code, facts, agency.agency_code, agency.source)


def _imbalance(at: Situation) -> Iterator[Finding]:
    for row in at.ask(_STANDING):
        shown = row["batches"][:_NAMED]
        more = f" +{len(row['batches']) - _NAMED}" if len(row["batches"]) > _NAMED else ""
        facts = {
            **row,
            "agency": row["agency_code"],
            "entity": _entity(row),
            "step": STEPS[row["step"]],
            "note": row["note"] or "–",
            "batches": ", ".join(shown) + more if shown else "–",
        }
        yield _finding("imbalance", f"{row['agency_code']}/{_entity(row)}/{row['step']}", row, facts)


def _failed(at: Situation) -> Iterator[Finding]:
    for row in at.ask("select * from quality.failed_task"):
        task = f"{row['dag_id']}.{row['task_id']}"
        yield _finding("task_failed", task, row, {**row, "task": task, "failed_at": at.clock(row["failed_at"])})


def _stopped(at: Situation) -> Iterator[Finding]:
    for row in at.ask(
        "select source, entity, stopped_because as reason, since from connect.contract where stopped_because > ''"
    ):
        yield _finding(
            "feed_stopped", _entity(row), row, {**row, "entity": _entity(row), "since": at.clock(row["since"])}
        )


def _refused(at: Situation) -> Iterator[Finding]:
    for row in at.ask(
        "select r.refusal_id, r.agency_code, r.source, r.origin, r.code, r.refused_at from connect.refusal as r "
        "where r.refused_at > %(now)s - make_interval(days => %(days)s) and not exists ("
        "select from connect.delivery as d where d.agency_code = r.agency_code and d.source = r.source "
        "and d.staged_at > r.refused_at and d.mode <> 'replay')",
        days=at.config.thresholds.refused_days,
    ):
        facts = {**row, "agency": row["agency_code"], "refusal": row["refusal_id"]}
        yield _finding("delivery_refused", str(row["refusal_id"]), row, facts)


def _undecodable(at: Situation) -> Iterator[Finding]:
    days = at.config.thresholds.undecodable_days
    for row in at.ask(
        "select topic, count(*) as messages, max(landed_at) as last from quarantine.undecodable "
        "where landed_at > %(now)s - make_interval(days => %(days)s) group by topic",
        days=days,
    ):
        facts = {**row, "days": days, "last": at.clock(row["last"])}
        yield Finding("undecodable", row["topic"], facts, detail={"messages": row["messages"]})


def _quarantine_share(at: Situation) -> Iterator[Finding]:
    limits = at.config.thresholds
    for row in at.ask(
        _SHARE, days=limits.quarantine_days, least=limits.quarantine_least_rows, share=limits.quarantine_share_pct
    ):
        facts = {
            **row,
            "agency": row["agency_code"],
            "entity": _entity(row),
            "days": limits.quarantine_days,
            "share": f"{100 * row['waiting'] / row['received']:.1f}",
        }
        yield _finding("quarantine_share", f"{row['agency_code']}/{_entity(row)}", row, facts)


def _waivers(at: Situation) -> Iterator[Finding]:
    """Rows that were let through, and rules that hold no batch for a while."""
    today = at.now.astimezone(ZONE).date()
    for row in at.ask(
        "select agency_code, entity_table, waiver_expires_on as expires, count(*) as rows, null as rule_id "
        "from quarantine.entry where status = 'waived' and waiver_expires_on between %(today)s and %(last)s "
        "group by agency_code, entity_table, waiver_expires_on union all "
        "select agency_code, entity_table, expires_on, null, rule_id from quality.waiver "
        "where ended_at is null and expires_on between %(today)s and %(last)s",
        today=today,
        last=today + dt.timedelta(days=at.config.thresholds.waiver_days),
    ):
        source, entity = row["entity_table"].split("__", 1)
        whose = {**row, "source": source, "entity": entity}
        facts = {
            **row,
            "agency": row["agency_code"],
            "entity": _entity(whose),
            "what_zh": f"规则 {row['rule_id']}" if row["rule_id"] else f"{row['rows']} 行",
            "what_en": f"rule {row['rule_id']}" if row["rule_id"] else f"{row['rows']} rows",
            "command": "./flyover quarantine list --status waived --agency " + row["agency_code"]
            if row["rule_id"] is None
            else "./flyover waivers",
        }
        about = row["rule_id"] or "rows"
        key = f"{row['agency_code']}/{_entity(whose)}/{about}/{row['expires']}"
        yield _finding("waiver_lapsing", key, whose, facts)


def _core_behind(at: Situation) -> Iterator[Finding]:
    waiting = backlog.to_model(at.settings)
    if waiting and waiting.minutes is not None and waiting.minutes >= at.config.thresholds.core_behind_minutes:
        yield Finding("core_behind", "core", {"minutes": waiting.minutes, "seq": waiting.amount})


QUESTIONS: Mapping[str, Callable[[Situation], Iterator[Finding]]] = {
    "batch_held": _held,
    "feed_late": _late,
    "imbalance": _imbalance,
    "task_failed": _failed,
    "feed_stopped": _stopped,
    "delivery_refused": _refused,
    "undecodable": _undecodable,
    "quarantine_share": _quarantine_share,
    "waiver_lapsing": _waivers,
    "core_behind": _core_behind,
}


def _finding(kind: str, key: str, row: Mapping[str, Any], facts: Mapping[str, Any]) -> Finding:
    detail = {name: value for name, value in row.items() if name not in ("agency_code", "source", "entity", "error")}
    return Finding(kind, key, facts, row.get("agency_code"), row.get("source"), row.get("entity"), detail)


def _entity(row: Mapping[str, Any]) -> str:
    return f"{row['source']}.{row['entity']}"


_STANDING = """
with standing as materialized (
    select * from quality.imbalance
),

named as (
    select agency_code, source, entity, step, array_agg(distinct batch::text) as batches
    from standing
    cross join unnest(batches) as batch
    group by agency_code, source, entity, step
),

summed as (
    select
        agency_code, source, entity, step,
        sum(expected)::bigint as expected,
        sum(found)::bigint as found,
        sum(difference)::bigint as difference,
        string_agg(distinct note, '; ') as note,
        array_agg(distinct day::text) filter (where day is not null) as days
    from standing
    group by agency_code, source, entity, step
)

select summed.*, coalesce(batches, '{}') as batches
from summed
left join named using (agency_code, source, entity, step)
"""

_SHARE = """
with judged as (
    select batch_id, agency_code, source, entity, received
    from quality.batch
    where judged_at > %(now)s - make_interval(days => %(days)s)
),

received as (
    select agency_code, source, entity, sum(received) as received
    from judged
    group by agency_code, source, entity
),

waiting as (
    select judged.agency_code, judged.source, judged.entity, count(*) as waiting
    from quarantine.entry as q
    inner join judged on q.batch_id = judged.batch_id
    where q.status = 'open'
    group by judged.agency_code, judged.source, judged.entity
)

select
    agency_code, source, entity, received::bigint, waiting,
    (
        select rule_id
        from quarantine.entry as q
        inner join judged using (batch_id, agency_code)
        cross join unnest(q.rule_ids) as rule_id
        where judged.agency_code = w.agency_code and judged.source = w.source and judged.entity = w.entity
            and q.status = 'open'
        group by rule_id
        order by count(*) desc, rule_id
        limit 1
    ) as rule
from waiting as w
inner join received using (agency_code, source, entity)
where waiting >= %(least)s and waiting > received * %(share)s / 100.0
"""
