"""Who is known in other sectors, too: former pupils at work, students with a job, teachers, pensioners.

Drawn apart from everything else about a person, so that the files of schools and open universities stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from simulator.pensioners import SeniorSchools
from simulator.people import IdState, Person
from simulator.plan import Plan
from simulator.timeline import LAST_TERM_END, PRESENT, age_at
from simulator.workers import Workforce

States = list[tuple[str, IdState]]
_STUDENTS_AT_WORK: Final = 0.42
_TEACHERS_BEFORE: Final = 0.25
_LEAVERS_AT_WORK: Final = 0.6
_STUDENTS_AT_SENIOR_SCHOOLS: Final = 0.25
_SENIORS_WHO_WORKED: Final = 0.35
_SENIOR: Final = 60
_YOUNGEST_AT_WORK: Final = 20


@dataclass(frozen=True, slots=True)
class Crossings:
    """Enters people of one sector into the others, under the same id; each call returns where, and its state there."""

    plan: Plan
    workforce: Workforce
    schools: SeniorSchools

    def student(self, person: Person, home_code: str) -> States:
        """An open-university student: at work, or at a senior university where they are old enough."""
        rng = self.plan.rng("elsewhere", person.no)
        age = age_at(person.born, PRESENT)
        states: States = []
        if age >= _YOUNGEST_AT_WORK and rng.random() < _STUDENTS_AT_WORK:
            states += self.workforce.register(person, rng)
        agency = self.schools.near(person.home)
        if age >= _SENIOR and agency and rng.random() < _STUDENTS_AT_SENIOR_SCHOOLS:
            states += self.schools.enrol(agency, person, rng, home_code=home_code)
        return states

    def teacher(self, person: Person) -> States:
        """A teacher: some are in the register of employment, too."""
        rng = self.plan.rng("elsewhere", person.no)
        return self.workforce.register(person, rng) if rng.random() < _TEACHERS_BEFORE else []

    def leaver(self, person: Person) -> States:
        """Someone who left school in summer and does not study: most have started work."""
        rng = self.plan.rng("elsewhere", person.no)
        if rng.random() >= _LEAVERS_AT_WORK:
            return []
        return self.workforce.register(person, rng, since=_started(rng.random()))

    def pensioner(self, person: Person) -> States:
        """A student of a senior university: some are in the register of employment from earlier."""
        rng = self.plan.rng("elsewhere", person.no)
        return self.workforce.register(person, rng) if rng.random() < _SENIORS_WHO_WORKED else []


def _started(place: float) -> date:
    """A day between the end of school and November."""
    return LAST_TERM_END + timedelta(days=int(place * 60))
