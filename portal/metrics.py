"""``GET /metrics``: how the house is, in numbers, for Prometheus. docs/how-to/monitoring.md says what each one means.

Read as the role that watches: keys, counts and moments, never a row. Labels are names of our own (sources, agencies,
topics, stages). A server that is away is a 0 in the answer, never an error of it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from alerting import conditions, kinds
from connectors import calendar
from expectations.reports.facts import PARTS
from pipeline import backlog, contracts, names
from pipeline.db import SQL, Connection, DatabaseError, connect, dict_row
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings
from portal import door
from portal.refusals import NotTaken

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)
ROLE = "flyover_watch"
BROKER_PATIENCE_MS = 400
LONGEST_QUERY = "2s"
_BROKER_UP = "1 when Kafka answers; without it no lag is told"
_THROUGH_A_PROXY = ("forwarded", "x-forwarded-for", "x-real-ip")
Rows = Sequence[Mapping[str, Any]]
Ask = Callable[[SQL], Rows]


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """The numbers, for whoever may scrape them; for others there is nothing here, and nothing through a proxy."""
    ours = door.service(request)
    if not _may_scrape(request, ours.config.metrics_from):
        raise NotTaken("nothing_here", 404)
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    registry = CollectorRegistry()
    registry.register(House(ours.settings))
    return Response(encode(registry), headers={"content-type": kind})


class House(Collector):
    """Everything that is measured, asked anew with each scrape."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Gauge]:
        """What holds now; of a database that is away, that it is."""
        began = time.monotonic()
        found: list[Gauge] = []
        try:
            found = self._database()
        except (SystemTrouble, DatabaseError) as trouble:
            log.warning("no metrics: %s", trouble if isinstance(trouble, SystemTrouble) else type(trouble).__name__)
        is_up = bool(found)
        if is_up:
            found += self._broker()
        yield from found
        yield _one("flyover_up", "1 when the database answers; without it nothing else is told", is_up)
        yield _one("flyover_scrape_duration_seconds", "What this answer took", time.monotonic() - began)

    def _database(self) -> list[Gauge]:
        with connect(self._settings, ROLE) as connection:
            connection.execute("set transaction isolation level repeatable read, read only")
            connection.execute(SQL("set local statement_timeout = {}").format(LONGEST_QUERY))
            ask = _asker(connection)
            found = [*_books(ask), *_freshness(ask), *_quarantine(ask), *_alerts(ask), *_stages(ask)]
        return [*found, *self._feeds()]

    def _feeds(self) -> Iterator[Gauge]:
        known = conditions.agencies(self._settings)
        late = Gauge(
            "flyover_feed_late", "1 while an agency's feed is late by its calendar", labels=("agency", "source")
        )
        for feed in calendar.feeds(self._settings, known, dt.datetime.now(dt.UTC)):
            late.add_metric((feed.agency.agency_code, feed.agency.source), float(feed.late_by is not None))
        yield late

    def _broker(self) -> Iterator[Gauge]:
        topics = [contract.topic for contract in contracts.load_all(self._settings.contracts_dir).values()]
        try:
            drained: Mapping[backlog.Drain, Sequence[str]] = {"landing": topics, "vault": [names.VAULT_TOPIC]}
            lags = backlog.lags(self._settings, drained, patience_ms=BROKER_PATIENCE_MS)
        except SystemTrouble as trouble:
            log.warning("no lag: %s", trouble)
            yield _one("flyover_broker_up", _BROKER_UP, 0)
            return
        yield _one("flyover_broker_up", _BROKER_UP, 1)
        behind = Gauge("flyover_consumer_lag_messages", "Messages not drained yet", labels=("topic", "partition"))
        for lag in lags:
            behind.add_metric((lag.topic, str(lag.partition)), lag.messages)
        yield behind


def _books(ask: Ask) -> Iterator[Gauge]:
    rows = Gauge("flyover_books_rows", "Rows received, and where each stands", labels=("source", "part"))
    batches = Gauge("flyover_batches", "Batches by where they are on their way", labels=("source", "place"))
    astray = Gauge("flyover_books_unbalanced_batches", "Judged batches whose rows do not add up", labels=("source",))
    differ = Gauge("flyover_reconciliation_difference_records", "Missing or too many, last look", labels=("source",))
    for row in ask(_BOOKS):
        for part in ("received", *PARTS, "under_way"):
            rows.add_metric((row["source"], part), row[part])
        astray.add_metric((row["source"],), row["unbalanced"])
        differ.add_metric((row["source"],), row["difference"])
    for row in ask(SQL("select source, place, count(*) as n from quality.batch_place group by source, place")):
        batches.add_metric((row["source"], row["place"]), row["n"])
    yield from (rows, astray, differ, batches)


def _freshness(ask: Ask) -> Iterator[Gauge]:
    delivery = Gauge("flyover_last_delivery_timestamp_seconds", "When a source last delivered", labels=("source",))
    released = Gauge("flyover_last_released_timestamp_seconds", "When rows were last released", labels=("source",))
    modelled = Gauge("flyover_last_modelled_timestamp_seconds", "When core last took rows in", labels=("source",))
    for row in ask(_FRESHNESS):
        for family, moment in ((delivery, "delivered_at"), (released, "released_at"), (modelled, "modelled_at")):
            if row[moment] is not None:
                family.add_metric((row["source"],), row[moment].timestamp())
    yield from (delivery, released, modelled)


def _quarantine(ask: Ask) -> Iterator[Gauge]:
    rows = Gauge("flyover_quarantine_rows", "Rows in quarantine", labels=("source", "stage", "status"))
    for row in ask(_QUARANTINE):
        rows.add_metric((row["source"], row["stage"], row["status"]), row["n"])
    bytes_aside = Gauge("flyover_undecodable_messages", "Messages no one can decode, kept aside", labels=("topic",))
    for row in ask(SQL("select topic, count(*) as n from quarantine.undecodable group by topic")):
        bytes_aside.add_metric((row["topic"],), row["n"])
    yield from (rows, bytes_aside)


def _alerts(ask: Ask) -> Iterator[Gauge]:
    open_now = {row["kind"]: row["n"] for row in ask(_ALERTS)}
    alerts = Gauge("flyover_alerts_open", "Alerts whose condition holds, by kind", labels=("kind", "severity"))
    for name, kind in kinds.known().items():
        alerts.add_metric((name, kind.severity), open_now.get(name, 0))
    yield alerts


def _stages(ask: Ask) -> Iterator[Gauge]:
    ended = Gauge("flyover_stage_last_run_timestamp_seconds", "When a stage last moved rows", labels=("stage",))
    took = Gauge("flyover_stage_last_run_duration_seconds", "How long that run took", labels=("stage",))
    for row in ask(_STAGE_RUNS):
        ended.add_metric((row["stage"],), row["finished_at"].timestamp())
        took.add_metric((row["stage"],), row["seconds"])
    yield from (ended, took)


def _may_scrape(request: Request, allowed: Sequence[Any]) -> bool:
    if any(header in request.headers for header in _THROUGH_A_PROXY):
        return False
    try:
        caller = ipaddress.ip_address(door.caller_of(request))
    except ValueError:
        return False
    return any(caller in network for network in allowed)


def _asker(connection: Connection[Any]) -> Ask:
    def ask(query: SQL) -> Rows:
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query).fetchall()

    return ask


def _one(name: str, meaning: str, value: float) -> Gauge:
    return Gauge(name, meaning, value=float(value))


_BOOKS = SQL(
    """
select
    source,
    sum(received)::float8 as received, sum(released)::float8 as released, sum(quarantined)::float8 as quarantined,
    sum(duplicate)::float8 as duplicate, sum(refused)::float8 as refused, sum(held)::float8 as held,
    coalesce(sum(received) filter (where status in ('landing', 'landed')), 0)::float8 as under_way,
    count(*) filter (
        where status not in ('landing', 'landed')
            and received <> released + quarantined + duplicate + refused + held
    ) as unbalanced,
    (
        select coalesce(sum(i.difference), 0)::float8
        from quality.imbalance as i
        where i.source = b.source
    ) as difference
from quality.batch as b
group by source
"""
)
_FRESHNESS = SQL(
    """
select d.source, d.delivered_at, b.released_at, b.modelled_at
from (select source, max(staged_at) as delivered_at from connect.delivery where mode <> 'replay' group by source) as d
left join (
    select
        source,
        max(greatest(judged_at, decided_at)) filter (where status = 'released' and released > 0) as released_at,
        max(modelled_at) as modelled_at
    from quality.batch
    group by source
) as b on d.source = b.source
"""
)
_QUARANTINE = SQL(
    """
select
    split_part(entity_table, '__', 1) as source, stage, status, count(*) as n
from quarantine.entry
group by 1, 2, 3
"""
)
_ALERTS = SQL("select kind, count(*) as n from quality.alert where is_true and resolved_at is null group by kind")
_STAGE_RUNS = SQL(
    """
select distinct on (r.stage) r.stage, r.finished_at, extract(epoch from r.finished_at - r.started_at)::float8 as seconds
from (select stage, max(finished_at) as finished_at from quality.stage_run group by stage) as last
inner join quality.stage_run as r on last.stage = r.stage and last.finished_at = r.finished_at
order by r.stage, r.started_at
"""
)
