"""When a feed is due, on time, late: told in the agency's own time, by its schedule and its terms."""

from __future__ import annotations

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from connectors.calendar import Feed, Heard
from connectors.calendar import place as place_of
from connectors.registry import Agency, Term
from tests.staged import new_agency

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
"""09:30 of Monday the 23rd in Hangzhou"""


def feed(**settings: object) -> Agency:
    agency = dataclasses.replace(new_agency(), schedule="10 2 * * *", expected_by="06:00")
    return dataclasses.replace(agency, **settings)  # type: ignore[arg-type]


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def place(agency: Agency, now: dt.datetime, *arrived: dt.datetime | None) -> Feed:
    """Its place, with what arrived by the day it was due, 06:00 of which is the deadline."""
    came = [moment for moment in arrived if moment is not None]
    if not came:
        return place_of(agency, now, None)
    deadline = place_of(agency, now, None).deadline
    due = [moment for moment in came if deadline is not None and moment >= deadline.replace(hour=0)]
    return place_of(agency, now, Heard(max(came), min(due, default=None)))


@pytest.mark.parametrize(
    ("now", "arrived", "state"),
    [
        (at(23, 9, 30), at(23, 6, 0), "on time"),
        (at(23, 9, 30), at(23, 6, 1), "came late"),
        (at(23, 9, 30), at(23, 2, 12), "on time"),
        (at(23, 9, 30), at(23, 0, 5), "on time"),
        (at(23, 9, 30), at(22, 23, 50), "late"),
        (at(23, 9, 30), None, "late"),
        (at(23, 5, 59), at(22, 2, 12), "waiting"),
        (at(23, 6, 0), at(22, 2, 12), "waiting"),
        (at(23, 6, 1), at(22, 2, 12), "late"),
        (at(23, 1, 0), at(22, 2, 12), "on time"),  # today's run has not begun, yesterday's came
        (at(23, 1, 0), at(21, 2, 12), "late"),  # yesterday's never came
    ],
)
def test_a_daily_feed(now: dt.datetime, arrived: dt.datetime | None, state: str) -> None:
    assert place(feed(), now.astimezone(dt.UTC), arrived).state == state


def test_a_delivery_after_its_deadline_came_late_and_is_no_longer_late() -> None:
    found = place(feed(), at(23, 9, 30), at(23, 7, 30))
    assert (found.state, found.late_by, found.came_late_by) == ("came late", None, dt.timedelta(hours=1, minutes=30))


def test_a_second_delivery_after_the_deadline_takes_nothing_from_the_first() -> None:
    assert place(feed(), at(23, 9, 30), at(23, 2, 12), at(23, 8)).state == "on time"


def test_how_late_and_when_next_are_told_in_the_agencys_time() -> None:
    found = place(feed(), NOW, None)
    assert (found.late_by, found.deadline) == (dt.timedelta(hours=3, minutes=30), at(23, 6))
    assert found.next_run == at(24, 2, 10)
    assert found.next_run is not None
    assert found.next_run.tzinfo == SHANGHAI


def test_a_weekly_feed_is_due_on_its_own_day_only() -> None:
    weekly = feed(schedule="0 2 * * 1")  # Mondays
    assert place(weekly, at(25, 12), at(23, 3)).state == "on time"
    assert place(weekly, at(25, 12), at(22, 3)).state == "late"


def test_between_terms_nothing_is_late() -> None:
    terms = (Term("autumn", dt.date(2026, 9, 1), dt.date(2026, 11, 23)),)
    assert place(feed(term_calendar=terms), NOW, None).state == "between terms"
    assert place(feed(term_calendar=terms), at(22, 9, 30), None).state == "late"


@pytest.mark.parametrize(
    ("settings", "state"),
    [({"paused": True}, "paused"), ({"schedule": None}, "by event"), ({"expected_by": None}, "no deadline")],
)
def test_a_feed_that_is_never_late(settings: dict[str, object], state: str) -> None:
    found = place(feed(**settings), NOW, None)
    assert (found.state, found.late_by) == (state, None)
