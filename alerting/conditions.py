"""What is wrong now: each kind of alert asks its question and answers with what holds at this moment.

A question that cannot be asked (a server is away, a file is wrong) leaves its kind as it was and stops no other.
"""

from __future__ import annotations

import datetime as dt
import logging
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alerting.config import Config
from alerting.kinds import Finding
from alerting.reconcile.batches import ZONE
from connectors import calendar, registry
from connectors.registry import Agency
from pipeline import backlog
from pipeline.db import SQL, Connection, DatabaseError, connect, dict_row
from pipeline.errors import ConfigurationError, FlyoverError
from pipeline.settings import Settings

log = logging.getLogger(__name__)
ROLE = "flyover_watch"
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
        return "–" if moment is None else moment.astimezone(zoneinfo.ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M")

    def hours(self, since: dt.datetime) -> int:
        """Whole hours from a moment to now."""
        return int((self.now - since).total_seconds() // 3600)


@dataclass(frozen=True)
class Found:
    """Everything that holds, and the kinds that could be asked about."""

    findings: tuple[Finding, ...]
    asked: frozenset[str]


def evaluate(settings: Settings, config: Config, now: dt.datetime) -> Found:
    """Ask every question.

    :raises SystemTrouble: when the database is away (retriable)
    """
    findings: list[Finding] = []
    asked: set[str] = set()
    with connect(settings, ROLE, autocommit=True) as connection:
        situation = Situation(settings, config, agencies(settings), connection, now)
        for kind, question in QUESTIONS.items():
            try:
                findings.extend(question(situation))
                asked.add(kind)
            except (FlyoverError, DatabaseError) as error:
                if connection.closed:
                    raise
                log.warning("alerts of kind %s stay as they are: %s", kind, type(error).__name__)
    return Found(tuple(finding for finding in findings if finding.kind in asked), frozenset(asked))


def agencies(settings: Settings) -> Mapping[str, Agency]:
    """The agencies whose yml can be read; what is wrong with another is an alarm of its own DAG."""
    agencies = {}
    for path in sorted(settings.agencies_dir.glob("*.yml")):
        try:
            agencies[path.stem] = registry.read(path)
        except ConfigurationError:
            log.warning("%s cannot be read: ./flyover check", path.name)
    return agencies


def _held(at: Situation) -> Iterator[Finding]:
    for row in at.ask(
        "select b.batch_id, b.agency_code, b.source, b.entity, b.received, b.judged_at, "
        "array(select r.rule_id from quality.rule_result as r where r.batch_id = b.batch_id and not r.passed "
        "and r.scope = 'table' and r.severity = 'critical' order by 1) as rules "
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
    for row in at.ask(
        "select agency_code, source, entity, step, sum(expected)::bigint as expected, sum(found)::bigint as found, "
        "sum(difference)::bigint as difference, string_agg(distinct note, '; ') as note, "
        "array_agg(distinct day::text) filter (where day is not null) as days, max(checked_at) as checked_at, "
        "array(select distinct batch::text from quality.imbalance as j cross join unnest(j.batches) as batch "
        "where (j.agency_code, j.source, j.entity, j.step) = (i.agency_code, i.source, i.entity, i.step)) as batches "
        "from quality.imbalance as i group by agency_code, source, entity, step"
    ):
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
    today = at.now.astimezone(zoneinfo.ZoneInfo(ZONE)).date()
    for row in at.ask(
        "select agency_code, split_part(entity_table, '__', 1) as source, split_part(entity_table, '__', 2) as entity, "
        "waiver_expires_on as expires, count(*) as rows from quarantine.entry "
        "where status = 'waived' and waiver_expires_on between %(today)s and %(last)s group by 1, 2, 3, 4",
        today=today,
        last=today + dt.timedelta(days=at.config.thresholds.waiver_days),
    ):
        facts = {**row, "agency": row["agency_code"], "entity": _entity(row)}
        yield _finding("waiver_lapsing", f"{row['agency_code']}/{_entity(row)}/{row['expires']}", row, facts)


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
