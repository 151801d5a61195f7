"""What one person did at work: spells with their employers, certificates of skill, trainings."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from simulator.divisions import HEADLINE, County
from simulator.draws import pick
from simulator.employers import Employer, Occupation, draw_employer, issuer
from simulator.people import Person
from simulator.timeline import PRESENT, age_at

SKILL_LEVELS: Final = ("学徒工", "五级", "四级", "三级", "二级", "一级", "特级技师", "首席技师")
"""The chain of eight grades of 2022, low to high; the five in the middle under the words of the national grades."""

SKILL_GRADE, SINGLE_SKILL, TITLE = "职业技能等级", "专项能力", "职称"
_QUALIFICATION: Final = "职业资格"
UNGRADED: Final = "不分级"
_TITLES: Final = ("助理级", "中级", "副高级")
_LEVEL_SHARES: Final = (0.05, 0.33, 0.27, 0.2, 0.09, 0.04, 0.015, 0.005)
_TRAINING_KINDS: Final = (
    ("induction", 0.2), ("in-service", 0.5), ("transition", 0.14), ("enterprise apprenticeship", 0.1),
    ("entrepreneurship", 0.06),
)  # fmt: skip
_FORMS: Final = {
    "city": (("contract", 0.7), ("dispatch", 0.11), ("flexible", 0.09), ("platform", 0.08), ("self", 0.02)),
    "rural": (("contract", 0.46), ("rural", 0.2), ("flexible", 0.17), ("self", 0.11), ("dispatch", 0.06)),
}
"""Forms of employment where towns prevail, and elsewhere."""
_HOURS: Final = {"contract": 40, "dispatch": 40, "flexible": 24, "platform": 48, "self": 44, "rural": 36}
_LESSONS_A_DAY: Final = 4
_WORKS_ELSEWHERE: Final = 0.12
_CERTIFIED: Final = 0.36
_TRAINED: Final = 0.42
_IN_ISCO: Final = 0.12  # of the employers report occupations in the international scheme
_RETIRES: Final = {"male": 60, "female": 55}
_FIRST_SPELL: Final = date(1996, 1, 1)  # registers are electronic since then


@dataclass(frozen=True, slots=True)
class Spell:
    """One employment, numbered within the person; `end` is its last day, None while it lasts."""

    number: int
    employer: Employer
    form: str
    start: date
    end: date | None
    occupation: Occupation
    isco: bool

    @property
    def hours(self) -> int:
        """Agreed hours a week."""
        return _HOURS[self.form]

    def lasts_on(self, day: date) -> bool:
        """Whether the person is employed here on a day; the last day still belongs to the spell."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate, numbered within the person."""

    number: int
    kind: str
    occupation: Occupation
    level: str
    issuer_uscc: str
    issued: date
    valid_to: date | None = None
    revoked: date | None = None

    @property
    def rank(self) -> int:
        """0 to 7 in the chain of eight; -1 for what is no grade of skill."""
        return SKILL_LEVELS.index(self.level) if self.kind in (SKILL_GRADE, _QUALIFICATION) else -1

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day; the last day of validity still counts, the day of revocation does not."""
        return (
            self.issued <= day
            and (self.valid_to is None or day <= self.valid_to)
            and (self.revoked is None or day < self.revoked)
        )


@dataclass(frozen=True, slots=True)
class Training:
    """One training, numbered within the person; `certificate` is the number of the one it led to."""

    number: int
    programme: str
    kind: str
    provider_uscc: str
    start: date
    end: date
    hours: int
    result: str
    subsidised: bool
    certificate: int | None = None


@dataclass(slots=True)
class Career:
    """Everything the labour office holds about one person."""

    spells: list[Spell] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    trainings: list[Training] = field(default_factory=list)

    def workplace_on(self, day: date) -> str:
        """Code of the county the person works in on a day, "" out of work."""
        return next((spell.employer.county.code for spell in self.spells if spell.lasts_on(day)), "")

    def rank_on(self, day: date) -> int:
        """Highest grade of skill in force on a day, -1 without one."""
        return max((held.rank for held in self.certificates if held.holds_on(day)), default=-1)


def draw_career(
    rng: random.Random, person: Person, *, since: date | None = None, early: bool = False, full: bool = False
) -> Career:
    """A working life from the end of school to retirement or today.

    `since`: it begins then. `early`: it begins before twenty and has two spells at least. `full`: there are a
    certificate and a training in it, so that any defect finds its row.
    """
    career = Career()
    began = birthday(person.born, 16 + int(rng.random() ** 0.5 * (4 if early else 8)))
    last = min(PRESENT, birthday(person.born, _RETIRES[person.sex] + int(rng.random() * 3)))
    _work(rng, person, career, since or max(_FIRST_SPELL, began), last, least=2 if early else 1)
    if not career.spells:
        return career
    if full or rng.random() < _CERTIFIED:
        _certify(rng, person, career)
    if full or rng.random() < _TRAINED:
        _train(rng, career, full=full)
    return career


def _work(rng: random.Random, person: Person, career: Career, begin: date, last: date, *, least: int) -> None:
    start = begin + timedelta(days=int(rng.random() * 120))
    wanted = max(least, 1 + int(rng.random() * 2.6))
    for number in range(1, wanted + 1):
        if start >= last:
            return
        latest = number == wanted
        room = (last - start).days
        # What is left of the working life is shared out; the last spell lasts to its end, or still lasts.
        days = room if latest else int(room * (0.3 + rng.random() * 0.5) / (wanted - number + 0.5))
        end = start + timedelta(days=max(days, 1))
        open_end = latest and end >= PRESENT and rng.random() < 0.94
        spell = _spell(rng, person, number, start, None if open_end else min(end, PRESENT))
        career.spells.append(spell)
        start = end + timedelta(days=1 + int(rng.random() * 90))


def _spell(rng: random.Random, person: Person, number: int, start: date, end: date | None) -> Spell:
    county = _workplace(rng, person.home)
    chosen = draw_employer(rng, county)
    occupation = rng.choice(chosen.industry.occupations)
    form = _form(rng, county, age_at(person.born, start))
    return Spell(number, chosen, form, start, end, occupation, rng.random() < _IN_ISCO)


def _workplace(rng: random.Random, home: County) -> County:
    return rng.choice(HEADLINE) if rng.random() < _WORKS_ELSEWHERE else home


def _form(rng: random.Random, county: County, age: int) -> str:
    shares = _FORMS["city" if county.urban_ratio > 0.9 else "rural"]
    place = rng.random() ** (1.25 if age < 45 else 0.8)  # the older the farther from a contract
    for form, share in shares:
        place -= share
        if place < 0:
            return form
    return shares[-1][0]


def _certify(rng: random.Random, person: Person, career: Career) -> None:
    spell = career.spells[-1]
    skilled = spell.occupation.skilled
    rank = _rank(rng) if skilled else 0
    issued = _within(rng, spell)
    office = issuer(person.home, int(rng.random() * 4))
    if not skilled:
        kind, level = (TITLE, rng.choice(_TITLES)) if rng.random() < 0.6 else (SINGLE_SKILL, UNGRADED)
        career.certificates.append(Certificate(1, kind, spell.occupation, level, office, issued))
        return
    grade = Certificate(1, SKILL_GRADE, spell.occupation, SKILL_LEVELS[rank], office, issued)
    habit = rng.random()
    if habit < 0.06:
        grade = replace(grade, revoked=min(PRESENT, _later(rng, issued)))
    elif habit < 0.14:
        grade = replace(grade, kind=_QUALIFICATION, valid_to=_later(rng, issued))
    career.certificates.append(grade)
    if 1 <= rank <= 4 and rng.random() < 0.25 and (later := issued + timedelta(days=900)) < PRESENT:
        step = replace(grade, number=2, kind=SKILL_GRADE, level=SKILL_LEVELS[rank + 1], issued=later)
        career.certificates.append(replace(step, valid_to=None, revoked=None))


def _train(rng: random.Random, career: Career, *, full: bool) -> None:
    for number in range(1, 2 + (rng.random() < 0.3)):
        spell = rng.choice(career.spells)
        start = _within(rng, spell)
        days = 2 + int(rng.random() * 40)
        end = min(PRESENT, start + timedelta(days=days))
        kind = pick(rng, _TRAINING_KINDS)
        led_to = next((held for held in career.certificates if held.issued > end), None)
        result = "completed" if led_to or full else pick(
            rng, (("completed", 0.86), ("failed", 0.05), ("withdrawn", 0.09))
        )  # fmt: skip
        career.trainings.append(
            Training(
                number,
                f"{spell.occupation.name_zh}培训",
                kind,
                issuer(spell.employer.county, number),
                start,
                end,
                _LESSONS_A_DAY * ((end - start).days + 1),
                result,
                rng.random() < 0.55,
                led_to.number if led_to else None,
            )
        )


def _within(rng: random.Random, spell: Spell) -> date:
    last = spell.end or PRESENT
    return spell.start + timedelta(days=int(rng.random() * (last - spell.start).days))


def _later(rng: random.Random, day: date) -> date:
    return day + timedelta(days=30 + int(rng.random() * 2_000))


def birthday(born: date, age: int) -> date:
    """The day someone turns an age; born on 29 February, it is 1 March in other years."""
    if (born.month, born.day) == (2, 29):
        return date(born.year + age, 3, 1)
    return born.replace(year=born.year + age)


def _rank(rng: random.Random) -> int:
    place = rng.random()
    for rank, share in enumerate(_LEVEL_SHARES):
        place -= share
        if place < 0:
            return rank
    return 1
