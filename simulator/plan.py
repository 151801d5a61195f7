"""Who lives where, decided before the first row is written: schools, adults and their person numbers.

The plan holds one small record a school (some thousands for a million learners) and nothing per person;
every person is drawn again from (seed, person number) when their rows are written.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from simulator.divisions import HEADLINE, SCHOOL_AGENCIES, SENIOR_AGENCIES, County, counties_of
from simulator.school_names import school_name

FEWEST_LEARNERS: Final = 1_000
MOST_LEARNERS: Final = 2_500_000  # with teachers and newcomers still fewer people than there are synthetic ids

_LEAVER_RATIO: Final = 0.04
_TEACHER_STUDENT_RATIO: Final = 0.012
_ADULT_RATIO: Final = 0.36
_WORKER_RATIO: Final = 0.08
_SENIOR_RATIO: Final = 0.05
_FEWEST_WORKERS: Final = 150  # room for every planted defect and the scripted ones
_FEWEST_SENIORS: Final = 70
_PUPILS_PER_TEACHER: Final = 13
_YOUNG: Final = {"city": 1.0, "mountain": 1.0, "island": 0.72}

LEVELS: Final = (("11", 0.19, 180), ("21", 0.41, 900), ("31", 0.2, 800), ("34", 0.2, 1100))
"""Kind in the school code, share of the pupils, mean size in a province of 100,000 learners or more."""

GRADES: Final = {
    "11": ("K1", "K2", "K3"),
    "21": ("01", "02", "03", "04", "05", "06"),
    "31": ("07", "08", "09"),
    "34": ("10", "11", "12"),
}
_EXACT: Final = (
    (5_000, "330106", "11", 99),
    (5_000, "330106", "21", 100),
    (5_000, "330108", "21", 101),
    (100_000, "330106", "21", 2_000),
    (100_000, "330106", "21", 2_240),
    (100_000, "330108", "21", 2_001),
)
"""Schools on the edges of the size bands: from how many learners on, county, kind, size.

Of the 101 only 99 are there on the reference day: one came late, one never came (see schools).
"""


@dataclass(frozen=True, slots=True)
class School:
    """One school, and where its people's numbers begin. `exact`: no planted defect may change its size."""

    agency: str
    county: County
    kind: str
    serial: int
    name: str
    size: int
    leavers: int
    teachers: int
    first_pupil: int
    first_teacher: int
    first_person: int
    exact: bool

    @property
    def code(self) -> str:
        """Ten digits: kind, province, serial."""
        return f"{self.kind}33{self.serial:06d}"

    @property
    def people(self) -> int:
        """Person numbers the school takes up: pupils, then leavers, then teachers."""
        return self.size + self.leavers + self.teachers


@dataclass(frozen=True, slots=True)
class AdultBlock:
    """Adults of one county, numbered together: open-university students, workers, or seniors."""

    county: County
    count: int
    first_adult: int
    first_person: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole province in outline.

    `people` and the numbers below it are those of schools and open universities, whose files must not change when a
    sector is added: people known only to the labour office or a senior university are numbered beyond them.
    """

    learners: int
    seed: int
    schools: tuple[School, ...]
    adults: tuple[AdultBlock, ...]
    teachers: int
    studying_teachers: int
    people: int
    pupils: dict[str, int] = field(hash=False)
    workers: tuple[AdultBlock, ...]
    seniors: dict[str, tuple[AdultBlock, ...]] = field(hash=False)
    first_unused: int

    @property
    def everyone(self) -> int:
        """All people of the first delivery, whichever agency knows them."""
        return self.people + sum(block.count for blocks in (self.workers, *self.seniors.values()) for block in blocks)

    def schools_of(self, agency: str) -> tuple[School, ...]:
        """The schools one education bureau reports, in file order."""
        return tuple(school for school in self.schools if school.agency == agency)

    def rng(self, part: str, number: int = 0) -> random.Random:
        """A generator that depends on seed, part and number alone, whatever was drawn before."""
        return random.Random(f"{self.seed}/{part}/{number}")  # a text seed is hashed with SHA-512: the same everywhere

    def studies(self, teacher: int) -> bool:
        """Whether the teacher with this number is an open-university student: evenly spread, exact in number."""
        return (
            teacher + 1
        ) * self.studying_teachers // self.teachers > teacher * self.studying_teachers // self.teachers


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Split a whole number by weights: sums exactly, largest remainders first, ties to the earlier."""
    whole = math.fsum(weights)
    shares = [total * weight / whole for weight in weights]
    parts = [int(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - shares[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def make_plan(learners: int, seed: int) -> Plan:
    """Outline a province with exactly this many distinct learners.

    Learners are pupils, last summer's leavers, teachers who study and adults who study; other teachers
    come on top.

    :raises ValueError: outside 1,000–2,500,000 learners
    """
    if not FEWEST_LEARNERS <= learners <= MOST_LEARNERS:
        raise ValueError(f"learners must be between {FEWEST_LEARNERS:,} and {MOST_LEARNERS:,}, not {learners:,}")
    adults = round(learners * _ADULT_RATIO)
    leavers = round(learners * _LEAVER_RATIO)
    studying = round(learners * _TEACHER_STUDENT_RATIO)
    pupils = learners - adults - leavers - studying
    sizes = _school_sizes(learners, pupils, seed)
    schools = _schools(sizes, leavers)
    teachers = sum(school.teachers for school in schools)
    first = schools[-1].first_person + schools[-1].people
    blocks = _blocks(adults, HEADLINE, [county.weight * county.uptake for county in HEADLINE], first)
    people = first + adults
    counts = {agency: sum(school.size for school in schools if school.agency == agency) for agency in SCHOOL_AGENCIES}
    beyond = people + learners // 20 + 100  # those who join schools and universities on later days lie in between
    count = max(_FEWEST_WORKERS, round(learners * _WORKER_RATIO))
    workers = _blocks(count, HEADLINE, [county.weight for county in HEADLINE], beyond)
    beyond += count
    seniors = {}
    for agency, prefecture in SENIOR_AGENCIES.items():
        counties = [county for county in HEADLINE if county.prefecture_code == prefecture]
        weights = [county.weight for county in counties]
        count = max(_FEWEST_SENIORS, round(learners * _SENIOR_RATIO * math.fsum(weights)))
        seniors[agency] = _blocks(count, counties, weights, beyond)
        beyond += count
    return Plan(learners, seed, schools, blocks, teachers, studying, people, counts, workers, seniors, beyond)


def _blocks(
    total: int, counties: Sequence[County], weights: Sequence[float], first_person: int
) -> tuple[AdultBlock, ...]:
    blocks = []
    first = 0
    for county, count in zip(counties, apportion(total, weights), strict=True):
        blocks.append(AdultBlock(county, count, first, first_person + first))
        first += count
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class _Size:
    county: County
    kind: str
    size: int
    exact: bool


def _school_sizes(learners: int, pupils: int, seed: int) -> list[_Size]:
    scale = min(1.0, max(0.3, math.sqrt(learners / 100_000)))
    cap = 600 if learners < 50_000 else 2_900
    by_county = apportion(pupils, [county.weight * _YOUNG[county.landscape] for county in HEADLINE])
    pupils_of = dict(zip((county.code for county in HEADLINE), by_county, strict=True))
    sizes = []
    for agency in SCHOOL_AGENCIES:
        for county in counties_of(agency):
            rng = random.Random(f"{seed}/school sizes/{county.code}")
            quotas = apportion(pupils_of[county.code], [share for _, share, _ in LEVELS])
            for (kind, _, mean), quota in zip(LEVELS, quotas, strict=True):
                exact = _exact_sizes(learners, county.code, kind, quota)
                drawn = _split(quota - sum(exact), mean * scale, cap, rng)
                sizes += [_Size(county, kind, size, exact=True) for size in exact]
                sizes += [_Size(county, kind, size, exact=False) for size in drawn]
        # A new school that has no pupils yet is active and counts among the small ones.
        sizes.append(_Size(counties_of(agency)[-1], "21", 0, exact=True))
    return sizes


def _exact_sizes(learners: int, county_code: str, kind: str, quota: int) -> list[int]:
    exact: list[int] = []
    for threshold, code, level, size in _EXACT:
        if learners >= threshold and code == county_code and level == kind and sum(exact) + size + 20 <= quota:
            exact.append(size)
    return exact


def _split(quota: int, mean: float, cap: int, rng: random.Random) -> list[int]:
    """Sizes that sum to the quota, some small, few large, none above the cap."""
    count = max(1, round(quota / mean), math.ceil(quota / (cap * 0.8)))
    weights = [max(0.25, min(2.6, rng.lognormvariate(0, 0.6))) for _ in range(count)]
    while True:
        sizes = apportion(quota, weights)
        if max(sizes) <= cap:
            return sizes
        top = sizes.index(max(sizes))
        weights = [weight * (0.8 if index == top else 1.0) for index, weight in enumerate(weights)]


def _schools(sizes: Sequence[_Size], leavers: int) -> tuple[School, ...]:
    leaving = apportion(leavers, [size.size if size.kind == "34" else 0 for size in sizes])
    schools = []
    pupil_of = dict.fromkeys(SCHOOL_AGENCIES, 0)
    teacher = person = 0
    for serial, (size, gone) in enumerate(zip(sizes, leaving, strict=True), start=1):
        agency = size.county.school_agency
        teachers = max(1 if not size.size else 2, math.ceil(size.size / _PUPILS_PER_TEACHER))
        school = School(
            agency=agency,
            county=size.county,
            kind=size.kind,
            serial=serial,
            name=school_name(size.county, size.kind, serial),
            size=size.size,
            leavers=gone,
            teachers=teachers,
            first_pupil=pupil_of[agency],
            first_teacher=teacher,
            first_person=person,
            exact=size.exact,
        )
        schools.append(school)
        pupil_of[agency] += size.size
        teacher += teachers
        person += school.people
    return tuple(schools)
