"""What a bureau's bundle keeps of earlier school years: who taught where a year ago, and who left in 2024.

Bulk exports keep people who have gone, with their last role and class and their account closed. Of the pupils who left
in 2024 most have a job since, none studies, and all are among the people whom the statistics bureaus count.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from simulator import bureaus
from simulator.identity import MOST_PEOPLE
from simulator.people import IdState, draw_person
from simulator.plan import School
from simulator.schools import SchoolWriter
from simulator.timeline import BEFORE_LAST_TERM_BEGIN, BEFORE_LAST_TERM_END, LAST_TERM_BEGIN, LAST_TERM_END
from simulator.workers import Workforce

_STAYED: Final = 0.9
_CAME_FROM_ANOTHER: Final = 0.06
_BEFORE_IT_OPENED: Final = 0.5
_EVER_AT_WORK: Final = 0.8
_LOOKED_FOR_WORK: Final = 240  # days after school at most; how long until they were hired comes on top
_EARLIER_ROLE: Final = 3
"""Number of the role of the year before: 1 and 2 are those of this year."""


def numbers() -> Iterator[int]:
    """Person numbers from the far end of what there are, so that nobody who is there now is numbered anew."""
    return iter(range(MOST_PEOPLE - 1, 0, -1))


@dataclass(frozen=True, slots=True)
class Bygone:
    """Writes what a bundle keeps of earlier years, school by school, and the jobs of those who left."""

    writer: SchoolWriter
    workforce: Workforce
    numbers: Iterator[int]

    def write(self, school: School, other: School | None) -> None:
        """Write last year's roles of a school's teachers, who came from `other` if from anywhere, and who left it."""
        for number in range(school.teachers):
            no = school.first_person + school.size + school.leavers + number
            rng = self.writer.plan.rng("a year ago", no)
            before = _school_before(rng, school, other)
            if before:
                kind = "primary" if number else "secondary"  # a head who teaches
                self.writer.role(f"u{no:08d}", _EARLIER_ROLE, kind, "teacher", before, LAST_TERM_BEGIN, LAST_TERM_END)
            elif school.size:
                self._predecessor(school)
        if school.leavers:
            self.writer.bureau.write_leaver_class(school, bureaus.BEFORE_LAST_YEAR)
        for _ in range(school.leavers // 2):
            self._left_in_2024(school)

    def _predecessor(self, school: School) -> None:
        """Someone whose place a beginner took: retired, or gone from the province's schools."""
        no = next(self.numbers)
        rng = self.writer.plan.rng("predecessor", no)
        person = draw_person(rng, no, date(1963, 1, 1), date(1966, 12, 31), school.county)
        self.writer.user(school, person, "teacher", None, stay=(LAST_TERM_BEGIN, LAST_TERM_END))
        self.writer.bureau.truth.tally.known_as([(school.agency, "valid")], learner=False)

    def _left_in_2024(self, school: School) -> None:
        no = next(self.numbers)
        rng = self.writer.plan.rng("left in 2024", no)
        person = draw_person(rng, no, date(2005, 9, 1), date(2006, 8, 31), school.county)
        stay = (BEFORE_LAST_TERM_BEGIN, BEFORE_LAST_TERM_END)
        user, _ = self.writer.user(school, person, "student", None, grade_code="12", stay=stay)
        in_class = bureaus.leaver_class(school, bureaus.BEFORE_LAST_YEAR)
        self.writer.bureau.add("enrollments", f"e{no:08d}-1", in_class, school.code, user, "student", "", *stay)
        states: list[tuple[str, IdState]] = [(school.agency, "valid")]
        if rng.random() < _EVER_AT_WORK:
            since = BEFORE_LAST_TERM_END + timedelta(days=int(rng.random() * _LOOKED_FOR_WORK))
            states += self.workforce.register(person, rng, since=since)
        self.writer.bureau.truth.tally.known_as(states, learner=False)


def _school_before(rng: random.Random, school: School, other: School | None) -> School | None:
    """Where a teacher taught a year ago; nobody at a school that has just opened."""
    place = rng.random()
    if not school.size:
        return other if place < _BEFORE_IT_OPENED else None
    if place < _STAYED:
        return school
    return (other or school) if place < _STAYED + _CAME_FROM_ANOTHER else None
