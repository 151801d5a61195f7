"""Who took part in learning, told from staged rows and the truth about whose they are: a second way to the figure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from simulator.timeline import PRESENT, WINDOW_AFTER, age_at, presentation_start
from tests import known

_SEASONS = {"spring": ((3, 1), (7, 15)), "autumn": ((9, 1), (1, 31))}
"""First and last days of the terms that the simulator writes, as core.term_seasons has them."""


@dataclass(slots=True)
class Person:
    """One person of the truth: when born, and the latest day of learning in the window, if there was one."""

    born: dt.date | None = None
    seen: list[dt.date] = field(default_factory=list)


def people(province: known.Province) -> dict[str, Person]:
    """Everybody with a valid id somewhere, by number."""
    whose = {
        (row["agency_code"], row["entity"], row["record_id"]): row["person_no"]
        for row in province.truth("people")
        if row["id_state"] == "valid"
    }
    everybody: dict[str, Person] = {number: Person() for number in whose.values()}
    for agency, entity, record, born, first, last in (*_attended(province), *_studied(province)):
        number = whose.get((agency, entity, record))
        if number is None:
            continue
        everybody[number].born = everybody[number].born or born
        if first <= PRESENT and last > WINDOW_AFTER:
            everybody[number].seen.append(last)
    return everybody


def counted(everybody: dict[str, Person], least: int, most: int, *, weeks: int = 0) -> int:
    """How many of these ages learnt in the twelve months, or in the last weeks, before the present."""
    after = PRESENT - dt.timedelta(weeks=weeks) if weeks else WINDOW_AFTER
    return sum(
        person.born is not None
        and least <= age_at(person.born, PRESENT) <= most
        and any(day > after for day in person.seen)
        for person in everybody.values()
    )


Evidence = tuple[str, str, str, dt.date | None, dt.date, dt.date]


def _attended(province: known.Province) -> list[Evidence]:
    """Trainings that were not broken off, and senior courses with hours attended."""
    found: list[Evidence] = [
        (agency, "trainings", record, born, first, last or first)
        for agency, record, born, first, last in province.ask(
            "select agency_code, record_id, birth_date, started_date, ended_date from staging.stg_hr__trainings "
            "where outcome_code is distinct from 'withdrawn'"
        )
    ]
    for agency, record, born, term, status in province.ask(
        "select agency_code, record_id, birth_date, term_code, status_code from staging.stg_senior__enrolments "
        "where hours_attended > 0"
    ):
        year, season = term.split("-")
        (month, day), (last_month, last_day) = _SEASONS[season]
        first = dt.date(int(year), month, day)
        last = dt.date(int(year) + (last_month < month), last_month, last_day)
        found.append(
            (agency, "enrolments", record, born, first, first if status in ("withdrawn", "suspended") else last)
        )
    return found


def _studied(province: known.Province) -> list[Evidence]:
    """Days with a click or work handed in at open universities."""
    return [
        (agency, "student_info", record, born, day, day)
        for agency, record, born, code, offset in province.ask(
            "with done as ("
            "select agency_code, student_id_oulad, module_code, presentation_code, active_day as done_day "
            "from staging.stg_oulad__student_vle where clicks > 0 "
            "union select r.agency_code, r.student_id_oulad, a.module_code, a.presentation_code, r.submitted_day "
            "from staging.stg_oulad__student_assessment as r inner join staging.stg_oulad__assessments as a "
            "on r.agency_code = a.agency_code and r.assessment_id_oulad = a.assessment_id_oulad where not r.is_banked) "
            "select done.agency_code, info.record_id, info.birth_date, done.presentation_code, done.done_day from done "
            "inner join staging.stg_oulad__student_info as info on done.agency_code = info.agency_code "
            "and done.student_id_oulad = info.student_id_oulad and done.module_code = info.module_code "
            "and done.presentation_code = info.presentation_code"
        )
        for day in (presentation_start(code) + dt.timedelta(days=offset),)
    ]
