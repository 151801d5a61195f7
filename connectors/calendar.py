"""When each agency's next delivery is due, and whose is late: the yml's schedule against what arrived.

A feed is late when the local time ``expected_by`` of a scheduled day has passed and nothing of that day has come; a
delivery counts for the local day it was staged on. Outside the terms of a term calendar nothing is late. A feed by
event, a paused one and one without ``expected_by`` never are.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from croniter import croniter

from connectors.registry import Agency
from pipeline.db import connect
from pipeline.settings import Settings

ROLE = "flyover_connector"
State = Literal["on time", "waiting", "late", "by event", "paused", "between terms", "no deadline"]


@dataclass(frozen=True)
class Feed:
    """One agency's place in the calendar; times are in the agency's own zone."""

    agency: Agency
    state: State
    next_run: dt.datetime | None
    deadline: dt.datetime | None
    """of the latest scheduled day: the moment after which it is late"""
    last_delivery: dt.datetime | None
    late_by: dt.timedelta | None = None
    """how far behind its deadline, seen from when it was looked at"""


def feeds(settings: Settings, agencies: Mapping[str, Agency], now: dt.datetime) -> list[Feed]:
    """Every agency's place, those that are late first, longest first."""
    arrived = _arrivals(settings)
    found = [place(agency, now, arrived.get(code)) for code, agency in agencies.items()]
    return sorted(found, key=lambda feed: (-(feed.late_by or dt.timedelta()), feed.next_run is None))


def place(agency: Agency, now: dt.datetime, arrived: dt.datetime | None) -> Feed:
    """One agency's place at a moment. ``arrived`` is when it was last heard of."""
    zone = zoneinfo.ZoneInfo(agency.time_zone)
    local, last = now.astimezone(zone), arrived and arrived.astimezone(zone)
    if agency.schedule is None:
        return Feed(agency, "paused" if agency.paused else "by event", None, None, last)
    upcoming = croniter(agency.schedule, local).get_next(dt.datetime)
    if agency.paused:
        return Feed(agency, "paused", None, None, last)
    if agency.expected_by is None:
        return Feed(agency, "no deadline", upcoming, None, last)
    deadline = _deadline(agency, local)
    if not _in_term(agency, deadline.date()):
        return Feed(agency, "between terms", upcoming, deadline, last)
    if last is not None and last >= deadline.replace(hour=0, minute=0):
        return Feed(agency, "on time", upcoming, deadline, last)
    if local <= deadline:
        return Feed(agency, "waiting", upcoming, deadline, last)
    return Feed(agency, "late", upcoming, deadline, last, local - deadline)


def _deadline(agency: Agency, local: dt.datetime) -> dt.datetime:
    """Deadline of the latest day on which a delivery was scheduled and whose deadline or run has begun."""
    hour, minute = (int(part) for part in str(agency.expected_by).split(":"))
    run: dt.datetime = croniter(str(agency.schedule), local + dt.timedelta(microseconds=1)).get_prev(dt.datetime)
    return run.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _in_term(agency: Agency, day: dt.date) -> bool:
    terms = agency.term_calendar
    return not terms or any(term.begins <= day < term.ends for term in terms)


def _arrivals(settings: Settings) -> Mapping[str, dt.datetime]:
    """When each agency was last heard of: a delivery staged, or its live system asked to the end."""
    with connect(settings, ROLE) as connection:
        return dict(
            connection.execute(
                "select agency_code, max(at) from ("
                "select agency_code, max(staged_at) as at from connect.delivery where mode <> 'replay' group by 1 "
                "union all select agency_code, asked_at from connect.cursor) as heard group by agency_code"
            ).fetchall()
        )
