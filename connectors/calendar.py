"""When each agency's next delivery is due, and whose is late: the yml's schedule against what arrived.

A feed is late when the local time ``expected_by`` of a scheduled day has passed and nothing of that day has come; a
delivery counts for the local day it was staged on. Where the first of that day came after ``expected_by``, the feed
came late. A live system that was asked to its end on that day is on time: when it is asked is our doing. Outside the
terms of a term calendar nothing is late. A feed by event, a paused one and one without ``expected_by`` never are.
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

ROLE = "flyover_watch"
State = Literal["on time", "came late", "waiting", "late", "by event", "paused", "between terms", "no deadline"]


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
    """of a late feed: how far behind its deadline, seen from when it was looked at"""
    came_late_by: dt.timedelta | None = None
    """of one that came late: how long after its deadline"""


@dataclass(frozen=True)
class Heard:
    """When an agency was last heard of, and first on the day its latest delivery was due."""

    last: dt.datetime
    first_due: dt.datetime | None


def feeds(settings: Settings, agencies: Mapping[str, Agency], now: dt.datetime) -> list[Feed]:
    """Every agency's place, those that are late first, longest first."""
    heard = _heard(settings, agencies, now)
    found = [place(agency, now, heard.get(code)) for code, agency in agencies.items()]
    return sorted(found, key=lambda feed: (-(feed.late_by or dt.timedelta()), feed.next_run is None))


def place(agency: Agency, now: dt.datetime, heard: Heard | None) -> Feed:
    """One agency's place at a moment; ``heard`` is None when it never sent anything."""
    zone = zoneinfo.ZoneInfo(agency.time_zone)
    local, last = now.astimezone(zone), None if heard is None else heard.last.astimezone(zone)
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
    if heard is not None and heard.first_due is not None:
        late_by = heard.first_due.astimezone(zone) - deadline
        if late_by > dt.timedelta():
            return Feed(agency, "came late", upcoming, deadline, last, came_late_by=late_by)
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


def _heard(settings: Settings, agencies: Mapping[str, Agency], now: dt.datetime) -> Mapping[str, Heard]:
    """When each agency was heard of: a delivery staged, or its live system asked to the end."""
    due = {
        code: _deadline(agency, now.astimezone(zoneinfo.ZoneInfo(agency.time_zone))).replace(hour=0, minute=0)
        for code, agency in agencies.items()
        if agency.schedule is not None and agency.expected_by is not None
    }
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select heard.agency_code, max(heard.at), "
            "min(case when heard.was_asked then due.since else heard.at end) filter (where heard.at >= due.since) "
            "from (select agency_code, staged_at as at, false as was_asked from connect.delivery "
            "where mode <> 'replay' union all select agency_code, asked_at, true from connect.cursor) as heard "
            "left join unnest(%s::text[], %s::timestamptz[]) as due (agency_code, since) "
            "on heard.agency_code = due.agency_code where heard.at is not null group by heard.agency_code",
            (list(due), list(due.values())),
        )
        return {code: Heard(last, first_due) for code, last, first_due in found}
