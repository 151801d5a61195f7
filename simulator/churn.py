"""What changes from one delivery to the next: newcomers, corrections, records that vanish, one that returns.

The first delivery is day 1. On every later day each agency has newcomers and corrections; on day 2 a few
people vanish, on day 3 one of them is back. Changes last: who was corrected on day 2 stays so on day 3.
People with a planted defect and the scripted adults never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from simulator.defects import SCRIPTED_ADULTS, SCRIPTED_SENIORS, SCRIPTED_WORKERS, DefectPlan
from simulator.divisions import LABOUR_AGENCY, SCHOOL_AGENCIES, SENIOR_AGENCIES
from simulator.plan import AdultBlock, Plan

LAST_DAY: Final = 10
UNIVERSITIES_TOGETHER: Final = "universities"
"""Stands for both universities where people are counted by agency: adults are numbered across the two."""

Change = Literal["", "new", "corrected", "disappeared", "reappeared"]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one person's records today: whether they are sent, and what that changes.

    `corrected` tells that the corrected content is to be sent, `correction_due` that this is its first day, `since`
    which day that was.
    """

    present: bool = True
    change: Change = ""
    corrected: bool = False
    correction_due: bool = False
    since: int = 0


UNCHANGED: Final = Fate()


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Someone who joined on a later day: person number, day, and how their records travel today."""

    no: int
    day: int
    fate: Fate


@dataclass(frozen=True, slots=True)
class _Group:
    joining_a_day: int
    first_newcomer: int
    fates: dict[int, Fate]


@dataclass(frozen=True, slots=True)
class Churn:
    """The changes of one delivery day, by agency and number."""

    day: int
    groups: dict[str, _Group]

    def pupil(self, agency: str, number: int) -> Fate:
        """Fate of a bureau's numbered pupil."""
        return self.groups[agency].fates.get(number, UNCHANGED)

    def adult(self, number: int) -> Fate:
        """Fate of a numbered adult, at both universities alike."""
        return self.groups[UNIVERSITIES_TOGETHER].fates.get(number, UNCHANGED)

    def worker(self, number: int) -> Fate:
        """Fate of a numbered person of the labour office; who vanishes there loses one spell and not the rest."""
        return self.groups[LABOUR_AGENCY].fates.get(number, UNCHANGED)

    def senior(self, agency: str, number: int) -> Fate:
        """Fate of a senior university's numbered student."""
        return self.groups[agency].fates.get(number, UNCHANGED)

    def newcomers(self, agency: str) -> list[Newcomer]:
        """Everyone who joined since the first day, today's last."""
        group = self.groups[agency]
        return [
            Newcomer(
                group.first_newcomer + (day - 2) * group.joining_a_day + place,
                day,
                Fate(change="new") if day == self.day else UNCHANGED,
            )
            for day in range(2, self.day + 1)
            for place in range(group.joining_a_day)
        ]


def plan_churn(plan: Plan, defects: DefectPlan, day: int) -> Churn:
    """Draw who changes: 0.5 % join and 0.1 % are corrected a day, 0.05 % vanish, two each at least.

    :raises ValueError: for a day outside 1–10
    """
    if not 1 <= day <= LAST_DAY:
        raise ValueError(f"day must be between 1 and {LAST_DAY}, not {day}")
    groups = {}
    first = plan.people
    adults = _count(plan.adults)
    exact = {
        agency: [
            number
            for school in plan.schools_of(agency)
            if school.exact
            for number in range(school.first_pupil, school.first_pupil + school.size)
        ]
        for agency in SCHOOL_AGENCIES
    }
    settled = {agency: (plan.pupils[agency], {*defects.pupils[agency], *exact[agency]}) for agency in SCHOOL_AGENCIES}
    settled[UNIVERSITIES_TOGETHER] = (adults, {*range(SCRIPTED_ADULTS), *defects.adults})
    settled[LABOUR_AGENCY] = (_count(plan.workers), {*range(SCRIPTED_WORKERS), *defects.workers})
    for agency in SENIOR_AGENCIES:
        settled[agency] = (_count(plan.seniors[agency]), {*range(SCRIPTED_SENIORS), *defects.seniors[agency]})
    for agency, (people, spared) in settled.items():
        if agency == LABOUR_AGENCY:
            first = plan.first_unused
        joining = max(2, people // 200)
        fates = _fates(plan, agency, people, spared, day) if day > 1 else {}
        groups[agency] = _Group(joining, first, fates)
        first += joining * (LAST_DAY - 1)
    return Churn(day, groups)


def _count(blocks: tuple[AdultBlock, ...]) -> int:
    return sum(block.count for block in blocks)


def _fates(plan: Plan, agency: str, people: int, spared: set[int], day: int) -> dict[int, Fate]:
    vanishing, corrected = max(2, people // 2_000), max(2, people // 1_000)
    # One draw for all days, so that a day does not depend on how many days are asked for.
    wanted = vanishing + corrected * (LAST_DAY - 1)
    order = plan.rng(f"changes/{agency}").sample(range(people), min(people, wanted + len(spared)))
    drawn = [number for number in order if number not in spared][:wanted]
    fates = {number: Fate(present=False, change="disappeared" if day == 2 else "") for number in drawn[:vanishing]}
    if day > 2:
        fates[drawn[0]] = Fate(change="reappeared" if day == 3 else "")
    for place, number in enumerate(drawn[vanishing:]):
        due = 2 + place // corrected
        if due <= day:
            fates[number] = Fate(corrected=True, correction_due=due == day, since=due)
    return fates
