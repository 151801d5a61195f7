"""What the two open universities offer: modules, presentations, assessments and sites.

Numbers of students, assessments and sites are each university's own and overlap between the two, as they do
in life: only together with the agency do they name anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from simulator.plan import Plan
from simulator.timeline import PRESENT, presentation_start

PRESENTATIONS: Final = ("2024J", "2025B", "2025J")
_LENGTH: Final = {"J": 269, "B": 241}
SITES_EACH: Final = 18
_ACTIVITIES: Final = (
    "resource", "oucontent", "subpage", "url", "forumng", "quiz", "homepage", "page", "oucollaborate",
)  # fmt: skip
_FIRST_ASSESSMENT: Final = 1_752
_FIRST_SITE: Final = 526_721
_FIRST_STUDENT: Final = 100_000
_STEP: Final = 7_919  # a prime


@dataclass(frozen=True, slots=True)
class Assessment:
    """One piece of work; `due` is a day of the presentation, None for an examination in its last week."""

    number: int
    kind: str
    due: int | None
    weight: int


ASSESSMENTS: Final = (
    Assessment(0, "TMA", 19, 20),
    Assessment(1, "CMA", 54, 10),
    Assessment(2, "TMA", 117, 30),
    Assessment(3, "TMA", 166, 40),
    Assessment(4, "Exam", None, 100),
)


@dataclass(frozen=True, slots=True)
class University:
    """An open university: its agency code, its modules, its share of the adults."""

    agency: str
    modules: tuple[str, ...]
    share: float
    shift: int


UNIVERSITIES: Final = (
    University("ou-zhejiang", ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF"), 0.64, 11),
    University("ou-ningbo", ("GGG", "HHH", "JJJ", "KKK"), 0.36, 5_003),
)


@dataclass(frozen=True, slots=True)
class Presentation:
    """One module in one presentation at one university, with the numbers that hang on it."""

    university: University
    module: str
    code: str

    @property
    def length(self) -> int:
        """Days it lasts."""
        return _LENGTH[self.code[4]]

    @property
    def start(self) -> date:
        """The day that offsets in the files count from."""
        return presentation_start(self.code)

    @property
    def last_day(self) -> int:
        """Last day offset the first delivery can know of."""
        return min(self.length, (PRESENT - self.start).days)

    @property
    def _place(self) -> int:
        return self.university.modules.index(self.module) * len(PRESENTATIONS) + PRESENTATIONS.index(self.code)

    def assessment_id(self, number: int) -> int:
        """id_assessment of the numbered piece of work."""
        return _FIRST_ASSESSMENT + self._place * len(ASSESSMENTS) + number

    def site_id(self, number: int) -> int:
        """id_site of the numbered page."""
        return _FIRST_SITE + self._place * SITES_EACH + number

    def activity(self, number: int) -> str:
        """Kind of the numbered page."""
        return _ACTIVITIES[number % len(_ACTIVITIES)]


OFFER: Final = {
    university.agency: tuple(
        Presentation(university, module, code) for module in university.modules for code in PRESENTATIONS
    )
    for university in UNIVERSITIES
}
"""All a university offers, in the order of its course list."""


def university_of(agency: str) -> University:
    """The university that reports under this agency code."""
    return next(university for university in UNIVERSITIES if university.agency == agency)


def student_number(plan: Plan, university: University, person_no: int) -> int:
    """The university's own number for a person: no two persons share one, and it tells nothing about them."""
    return _FIRST_STUDENT + (person_no * _STEP + university.shift) % _student_span(plan)


def stranger_number(plan: Plan, number: int) -> int:
    """A student number that was never given to anyone."""
    return _FIRST_STUDENT + _student_span(plan) + 1_000 + number


def _student_span(plan: Plan) -> int:
    # Four times the people leaves room for later deliveries and keeps the two universities' numbers overlapping.
    span = 4 * plan.people + 1
    return span if span % _STEP else span + 1  # coprime with the step, so that no number is given twice
