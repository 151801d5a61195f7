"""How captured feeds stand, for people: the connector, our place in each database's log, and what to do."""

from __future__ import annotations

from typing import NamedTuple

from connectors.capture import database, worker
from connectors.capture.database import Facts
from connectors.capture.feeds import Feed
from pipeline.errors import FlyoverError
from pipeline.settings import Settings

ALARM_BYTES = 1024**3
"""Held for us without a limit: from here on the agency's disk is worth a word."""
_MB = 1024**2


class Standing(NamedTuple):
    """How one feed stands."""

    agency_code: str
    is_well: bool
    connector: str
    held: str
    """how much of its log the database keeps for us, and at most"""
    advice: str


def of(settings: Settings, feed: Feed) -> Standing:
    """Ask the worker and the agency's database; an answer that does not come is part of what is said."""
    connector = _connector(settings, feed)
    try:
        facts = database.inspect(settings, feed)
    except FlyoverError as error:
        is_resting = feed.agency.paused and connector in ("absent", "no worker")
        return Standing(feed.code, is_resting, connector, "not known", str(error))
    trouble = _trouble(feed, facts, connector)
    return Standing(feed.code, not trouble, connector, _held(facts), trouble)


def _connector(settings: Settings, feed: Feed) -> str:
    try:
        return worker.of(settings).health(feed.code).state
    except FlyoverError:
        return "no worker"


def _held(facts: Facts) -> str:
    limit = "no limit" if facts.keep_limit_mb is None else f"at most {facts.keep_limit_mb:,} MB"
    if facts.slot is None:
        return f"nothing, {limit}"
    return f"lost, {limit}" if facts.slot.is_lost else f"{facts.slot.held_bytes / _MB:,.0f} MB, {limit}"


def _trouble(feed: Feed, facts: Facts, connector: str) -> str:
    slot = facts.slot
    if slot is not None and slot.is_lost:
        return f"the log was thrown away; the next pull reads all tables afresh: ./flyover changes renew {feed.code}"
    if slot is not None and connector != "running":
        kept = f"{feed.address} keeps its log for {feed.slot}"
        if facts.keep_limit_mb is None:
            kept += " without limit and may fill its disk"
        return f"{kept}: ./flyover up, or let go of it with ./flyover changes undo {feed.code}"
    if slot is not None and facts.keep_limit_mb is None:
        much = slot.held_bytes >= ALARM_BYTES
        advice = f"its administrator sets max_slot_wal_keep_size: ./flyover changes setup {feed.code}"
        return f"much of the log is kept; {advice}" if much else ""
    if slot is None and connector == "running":
        return "the replication slot is gone; the next pull reads all tables afresh"
    return ""
