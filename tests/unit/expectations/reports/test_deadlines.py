"""Deadlines told day by day, by the schedule and the terms, in the agency's own time."""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

from connectors.registry import Term
from expectations.reports import deadlines
from tests.staged import new_agency

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY = dataclasses.replace(new_agency(), schedule="10 2 * * *", expected_by="06:00", time_zone="Asia/Shanghai")


def at(day, hour=0, minute=0):
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def told(agency, since, now):
    return [deadline.due_at for deadline in deadlines.between(agency, since, now)]


def test_each_scheduled_day_has_a_deadline():
    assert told(DAILY, at(20, 9), at(22, 1)) == [at(20, 6), at(21, 6), at(22, 6)]


def test_what_counts_for_a_deadline_begins_with_its_day_and_ends_with_the_next():
    weekly = dataclasses.replace(DAILY, schedule="0 3 * * 1")
    (only,) = deadlines.between(weekly, at(16, 12), at(20))
    assert only == (at(16, 6), at(16), at(23))


def test_several_runs_a_day_have_one_deadline():
    hourly = dataclasses.replace(DAILY, schedule="0 */4 * * *")
    assert told(hourly, at(20), at(21, 23)) == [at(20, 6), at(21, 6)]


def test_outside_the_terms_nothing_is_due():
    term = Term("autumn", dt.date(2026, 9, 1), dt.date(2026, 11, 21))
    assert told(dataclasses.replace(DAILY, term_calendar=(term,)), at(19), at(24)) == [at(19, 6), at(20, 6)]


def test_feeds_without_a_deadline_have_none():
    for change in ({"schedule": None}, {"expected_by": None}, {"paused": True}):
        assert told(dataclasses.replace(DAILY, **change), at(1), at(24)) == []
