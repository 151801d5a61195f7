"""Keeps, day by day, when each agency's delivery was due, so that a month can say what came in time.

The calendar tells only the latest deadline, by the schedule of today. What is written here stays as it stood on the
day; ``quality.punctuality`` holds the arrivals against it.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from croniter import croniter

from connectors.registry import Agency
from pipeline.db import Connection

MOST_DAYS = 400
"""How far back deadlines are told for an agency whose first delivery is older than what was written."""


class Deadline(NamedTuple):
    """One delivery that was due; what arrives from ``opens_at`` and before ``closes_at`` counts for it."""

    due_at: dt.datetime
    opens_at: dt.datetime
    closes_at: dt.datetime


def record(connection: Connection, agencies: Mapping[str, Agency], now: dt.datetime) -> int:
    """Write what is due up to the next deadline of every agency; how many are new. Safe to repeat and to run twice.

    An agency's first deadline is that of the day it first delivered: before, nobody waited for it.
    """
    since: dict[str, dt.datetime] = dict(
        connection.execute(
            "select agency_code, coalesce(max(closes_at), min(staged_at)) from ("
            "select agency_code, null::timestamptz as closes_at, staged_at from connect.delivery "
            "where mode <> 'replay' union all select agency_code, closes_at, null from quality.deadline) as known "
            "group by agency_code"
        ).fetchall()
    )
    found = [
        (code, *deadline)
        for code, agency in agencies.items()
        if code in since
        for deadline in between(agency, max(since[code], now - dt.timedelta(days=MOST_DAYS)), now)
    ]
    if not found:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into quality.deadline (agency_code, due_at, opens_at, closes_at) values (%s, %s, %s, %s) "
            "on conflict do nothing",
            found,
        )
    return len(found)


def between(agency: Agency, since: dt.datetime, now: dt.datetime) -> Iterator[Deadline]:
    """Deadlines of the local days from that of ``since`` to that of ``now``, oldest first; none outside its terms."""
    if agency.schedule is None or agency.expected_by is None or agency.paused:
        return
    zone = zoneinfo.ZoneInfo(agency.time_zone)
    hour, minute = (int(part) for part in agency.expected_by.split(":"))
    runs = croniter(agency.schedule, _midnight(since.astimezone(zone)) - dt.timedelta(microseconds=1))
    opens = _midnight(runs.get_next(dt.datetime))
    while opens <= now:
        after: dt.datetime = _midnight(runs.get_next(dt.datetime))
        if after == opens:
            continue  # several runs on one day have one deadline
        if not agency.term_calendar or any(t.begins <= opens.date() < t.ends for t in agency.term_calendar):
            yield Deadline(opens.replace(hour=hour, minute=minute), opens, after)
        opens = after


def _midnight(at: dt.datetime) -> dt.datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
