"""Writing the whole province: every agency's delivery, and the truth about it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from simulator import bygone
from simulator.bank import Draw, write_bank
from simulator.bureaus import Bureau
from simulator.catalogue import UNIVERSITIES
from simulator.churn import UNIVERSITIES_TOGETHER, Churn, plan_churn
from simulator.crossings import Crossings
from simulator.defects import DefectPlan, plan_defects
from simulator.divisions import (
    BANK_AGENCY,
    HEADLINE,
    LABOUR_AGENCY,
    POLICY_AGENCY,
    SCHOOL_AGENCIES,
    SENIOR_AGENCIES,
    STATS_AGENCIES,
    County,
)
from simulator.labour import LabourOffice
from simulator.latecomers import worker_of, write_seniors, write_workers
from simulator.pensioners import SeniorSchools
from simulator.people import Person, draw_person
from simulator.plan import AdultBlock, Plan, School, make_plan
from simulator.population import fill_population, mean_years, write_statistics
from simulator.returns import write_returns
from simulator.schools import SchoolWriter
from simulator.seniors import Register
from simulator.students import Campus
from simulator.timeline import PRESENT
from simulator.truth import Truth
from simulator.universities import OpenUniversity
from simulator.witnesses import WITNESSES, enrol_witness
from simulator.workers import Workforce

Progress = Callable[[str, int, int], None]

_ADULT_AGES: Final = (
    (19, 24, 0.15),
    (25, 34, 0.26),
    (35, 44, 0.22),
    (45, 54, 0.15),
    (55, 64, 0.09),
    (65, 72, 0.08),
    (73, 84, 0.05),
)
_TELL_EVERY: Final = 2_000
_README: Final = """SIMULATED DATA - 模拟数据

Everything in this folder is invented: the people, their numbers, the schools, the counts. Division codes and
names are real; nothing said about them here is. Resident identity numbers have area codes 3399xx, which are
not assigned to any place, so none of them can belong to a living person.

本目录中的人员、身份号码、学校与数字均为程序生成，不对应任何真实个人或机构。身份号码使用未分配的
3399xx 地区码。

learners {learners}, seed {seed}. The same learners, seed and delivery day give the same files.
One folder is one agency's drop; `truth` holds what is known about them and is no delivery.
"""


@dataclass(frozen=True, slots=True)
class Province:
    """Where a written province lies: one drop folder an agency below `root`, the truth beside them."""

    root: Path
    learners: int
    seed: int
    day: int
    agencies: tuple[str, ...]
    truth: Path


def write_province(
    root: Path, *, learners: int = 5_000, seed: int = 1, day: int = 1, progress: Progress | None = None
) -> Province:
    """Write one day's deliveries of all simulated agencies and the truth about them below `root`.

    The same learners, seed and day give byte-identical files. Memory does not grow with the learners.
    `progress` is told (what, done, of) now and then. Deliveries appear under their names only when they are
    whole; those of an earlier call with the same names are replaced. Day 1 is the first delivery; a later day
    is the next one, with known changes (see churn), beside the earlier ones and with its own truth folder.

    :raises ValueError: outside 1,000–2,500,000 learners or days 1–10
    """
    plan = make_plan(learners, seed)
    defects = plan_defects(plan)
    churn = plan_churn(plan, defects, day)
    root.mkdir(parents=True, exist_ok=True)
    (root / "README.txt").write_text(_README.format(learners=learners, seed=seed), encoding="utf-8")
    folder = root / "truth" if day == 1 else root / "truth" / f"day{day}"
    with Truth(folder) as truth:
        _write_learners(root, plan, defects, churn, truth, _Teller(progress, plan.everyone))
        cells = fill_population(truth, learners)
        write_statistics(root, cells, truth, defects.each, day)
        write_returns(root, plan, cells, truth, defects.each, day)
        write_bank(root, plan, defects, truth, day, _adult_of(plan), worker_of(plan))
        head = {"simulated": True, "learners": learners, "seed": seed, "day": day, "present": PRESENT.isoformat()}
        truth.write_expected(head, mean_years(cells))
    agencies = (
        *SCHOOL_AGENCIES,
        *(university.agency for university in UNIVERSITIES),
        *STATS_AGENCIES,
        LABOUR_AGENCY,
        *SENIOR_AGENCIES,
        POLICY_AGENCY,
        BANK_AGENCY,
    )
    return Province(root, learners, seed, day, agencies, folder)


def _write_learners(root: Path, plan: Plan, defects: DefectPlan, churn: Churn, truth: Truth, tell: _Teller) -> None:
    """Write the bureaus one after the other, all other agencies alongside: they share people with the schools."""
    with ExitStack() as stack:
        universities = {
            university.agency: stack.enter_context(OpenUniversity(root, university, plan, truth, churn.day))
            for university in UNIVERSITIES
        }
        registers = {
            agency: stack.enter_context(Register(root, agency, truth, churn.day)) for agency in SENIOR_AGENCIES
        }
        workforce = Workforce(stack.enter_context(LabourOffice(root, truth, churn.day)))
        campus = Campus(plan, universities)
        crossings = Crossings(plan, workforce, SeniorSchools(registers))
        numbers = bygone.numbers()
        for agency in SCHOOL_AGENCIES:
            with Bureau(root, agency, truth, churn.day) as bureau:
                bureau.write_frame(defects.each)
                writer = SchoolWriter(plan, defects, churn, bureau, campus, crossings)
                schools = plan.schools_of(agency)
                kept = bygone.Bygone(writer, workforce, numbers)
                for school, other in _with_next(schools):
                    writer.write(school, other)
                    kept.write(school, other)
                    tell("schools", school.people)
                for newcomer in churn.newcomers(agency):
                    writer.write_newcomer(newcomer, schools)
        for block in plan.adults:
            _write_adults(block, plan, defects, churn, campus, crossings, tell)
        _write_new_adults(plan, churn, campus, truth)
        write_workers(plan, defects, churn, workforce)
        tell("labour office", sum(block.count for block in plan.workers))
        for agency in SENIOR_AGENCIES:
            write_seniors(plan, defects, churn, crossings, agency)
            tell("senior universities", sum(block.count for block in plan.seniors[agency]))


def _with_next(schools: Sequence[School]) -> list[tuple[School, School | None]]:
    """Each school with another of its kind, the next in the bundle with room, that its pupils may move to."""
    pairs: list[tuple[School, School | None]] = []
    for place, school in enumerate(schools):
        following = (*schools[place + 1 :], *schools[:place])
        other = next((other for other in following if other.kind == school.kind and other.size >= 30), None)
        pairs.append((school, other))
    return pairs


def _write_adults(
    block: AdultBlock, plan: Plan, defects: DefectPlan, churn: Churn, campus: Campus, crossings: Crossings,
    tell: _Teller,
) -> None:  # fmt: skip
    tally = crossings.workforce.office.truth.tally
    for place in range(block.count):
        adult, no = block.first_adult + place, block.first_person + place
        fate = churn.adult(adult)
        if adult < len(WITNESSES):
            person, enrolled = enrol_witness(plan, campus.universities, adult, no, block.county)
        else:
            rng = plan.rng("adult", no)
            person = _adult(rng, no, block.county)
            enrolled = campus.enrol(person, rng, planted=defects.adults.get(adult), fate=fate)
        tally.lives(person)
        elsewhere = [] if adult < len(WITNESSES) else crossings.student(person, enrolled.home_code)
        if fate.present:
            tally.studied(person, enrolled.home_code, enrolled.seen)
            tally.known_as([*enrolled.states, *elsewhere], learner=True)
        elif elsewhere:
            tally.known_as(elsewhere, learner=False)
        if place % _TELL_EVERY == _TELL_EVERY - 1:
            tell("open universities", _TELL_EVERY)
    tell("open universities", block.count % _TELL_EVERY)


def _write_new_adults(plan: Plan, churn: Churn, campus: Campus, truth: Truth) -> None:
    for place, newcomer in enumerate(churn.newcomers(UNIVERSITIES_TOGETHER)):
        rng = plan.rng("new adult", newcomer.no)
        person = _adult(rng, newcomer.no, rng.choice(HEADLINE))
        at = UNIVERSITIES[place % len(UNIVERSITIES)].agency
        enrolled = campus.enrol(person, rng, newcomer=True, fate=newcomer.fate, at=at)
        truth.tally.studied(person, enrolled.home_code, enrolled.seen)
        truth.tally.known_as(enrolled.states, learner=True)


def _adult(rng: random.Random, no: int, home: County) -> Person:
    first, last = _birth_years(rng.random())
    return draw_person(rng, no, date(first, 1, 1), date(last, 12, 31), home)


def _adult_of(plan: Plan) -> Draw:
    """Draws an adult who studies, the same as when their rows were written."""
    return lambda no, block: _adult(plan.rng("adult", no), no, block.county)


def _birth_years(place: float) -> tuple[int, int]:
    """First and last birth year of the age group a draw falls into."""
    for youngest, oldest, share in _ADULT_AGES:
        place -= share
        if place < 0:
            return PRESENT.year - oldest, PRESENT.year - youngest
    youngest, oldest, _ = _ADULT_AGES[-1]
    return PRESENT.year - oldest, PRESENT.year - youngest


class _Teller:
    """Adds up and passes on how many people are written."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def __call__(self, what: str, more: int) -> None:
        self._done += more
        if self._progress:
            self._progress(what, self._done, self._total)
