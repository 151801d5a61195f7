"""How every agency's feed is: when it is due, where its last delivery stands, what lags, is held or kept back.

What the terminal, the officer's desk and the metrics say about feeds comes from here. The calendar knows what is due,
``quality.feed_standing`` where things stand, the broker what was not drained; nothing here names a row.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import calendar
from connectors.calendar import Feed
from connectors.registry import Agency
from pipeline import backlog, contracts, contracts_in_force, names
from pipeline.db import Connection, connect, dict_row
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings

log = logging.getLogger(__name__)
ROLE = "flyover_watch"
PATIENCE_MS = 2_000
"""for the broker: who looks at feeds wants to hear of the rest, too"""


@dataclass(frozen=True)
class Standing:
    """Where an agency's things stand, all of it zero or None for one that never sent anything."""

    delivered_at: dt.datetime | None = None
    read_rows: int | None = None
    changed_rows: int | None = None
    """of the last delivery: rows that said something new, each of them an event"""
    place: str | None = None
    """of the last delivery, by its batch that lags most behind: staged, published, landing, landed, held, released,
    modelled, refused; or unchanged"""
    landing_minutes: float | None = None
    """from publishing to landed, of the last delivery that landed"""
    rows_to_land: int = 0
    """staged and not landed whole yet"""
    to_land_since: dt.datetime | None = None
    held_batches: int = 0
    open_rows: int = 0
    """in quarantine, waiting for a decision"""
    core_holds: dt.datetime | None = None
    """when the newest delivery that core holds was taken in"""
    refused_at: dt.datetime | None = None
    """when a delivery was refused whole, where that came after the last one that was taken"""
    open_alerts: int = 0


@dataclass(frozen=True)
class Status:
    """One agency's feed."""

    feed: Feed
    standing: Standing
    lag_messages: int | None
    """on the topics of its source, of all its agencies, and not drained; None while the broker does not answer"""
    stopped: tuple[str, ...]
    """entities whose contract was changed so that their feed stands still"""

    @property
    def agency(self) -> Agency:
        """Whose it is."""
        return self.feed.agency

    @property
    def dags(self) -> Mapping[str, str]:
        """The DAGs that carry it, by stage."""
        return {
            "ingest": names.ingest_dag(self.agency.source, self.agency.agency_code),
            "land": names.land_dag(self.agency.source),
            "validate": names.validate_dag(self.agency.source),
        }

    def document(self) -> dict[str, Any]:
        """As one flat table of facts, for machines."""
        feed = self.feed
        return {
            "agency": self.agency.agency_code,
            "source": self.agency.source,
            "owner": self.agency.owner,
            "state": feed.state,
            "is_late": feed.late_by is not None,
            "expected_by": feed.deadline,
            "late_since": feed.deadline if feed.late_by is not None else None,
            "next_run": feed.next_run,
            "last_heard_of": feed.last_delivery,
            **vars(self.standing),
            "lag_messages": self.lag_messages,
            "stopped": self.stopped,
        }


def statuses(settings: Settings, agencies: Mapping[str, Agency], now: dt.datetime) -> list[Status]:
    """These agencies' feeds, those that are late first, longest first.

    :raises SystemTrouble: when the database is away; of a broker that is away only the lag is missing
    """
    due = calendar.feeds(settings, agencies, now)
    with connect(settings, ROLE) as connection:
        standings = _standings(connection, list(agencies))
        stopped = _stopped(connection)
    behind = _lags(settings, sorted({agency.source for agency in agencies.values()}))
    return [
        Status(
            feed,
            standings.get(feed.agency.agency_code, Standing()),
            None if behind is None else behind[feed.agency.source],
            stopped.get(feed.agency.source, ()),
        )
        for feed in due
    ]


def _lags(settings: Settings, sources: Sequence[str]) -> Counter[str] | None:
    """How many messages each source's topics hold that were not drained; None while the broker does not answer."""
    owners = {
        contract.topic: source for source in sources for contract in contracts.of_source(settings.contracts_dir, source)
    }
    try:
        found = backlog.lags(settings, {"landing": list(owners)}, patience_ms=PATIENCE_MS)
    except SystemTrouble as trouble:
        log.warning("%s", trouble)
        return None
    behind: Counter[str] = Counter()
    for lag in found:
        behind[owners[lag.topic]] += lag.messages
    return behind


def _standings(connection: Connection[Any], codes: Sequence[str]) -> Mapping[str, Standing]:
    columns = ", ".join(Standing.__dataclass_fields__)
    query: Any = f"select agency_code, {columns} from quality.feed_standing where agency_code = any(%s)"  # noqa: S608  our words
    with connection.cursor(row_factory=dict_row) as cursor:
        return {row.pop("agency_code"): Standing(**row) for row in cursor.execute(query, (list(codes),)).fetchall()}


def _stopped(connection: Connection[Any]) -> Mapping[str, tuple[str, ...]]:
    by_source: dict[str, list[str]] = defaultdict(list)
    for source, entity in sorted(contracts_in_force.stopped(connection)):
        by_source[source].append(entity)
    return {source: tuple(entities) for source, entities in by_source.items()}
