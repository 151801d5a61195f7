"""The same people as clerks of four sectors wrote them down: what linkage has to see through, with the truth beside it.

Rates are invented, harsh on purpose where registers are known to be weak: senior universities take people without
asking for a number, and write names by ear. Ids are those of :mod:`simulator.identity`, which nobody has.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Literal

from simulator.identity import birth_and_id, check_character, mistyped
from simulator.naming import Name, draw_name

Sector = Literal["schools", "open_universities", "human_resources", "senior_universities"]

COUNTIES: Final = tuple(f"33{prefecture:02d}{county:02d}" for prefecture in range(1, 12) for county in range(2, 10))
TODAY: Final = date(2026, 11, 1)
_FIRST_BORN, _LAST_BORN = date(1936, 1, 1), date(2018, 1, 1)
_TWINS: Final = 0.012
_REISSUED: Final = 0.001
"""People who were given another number: their records carry the old one or the new one."""
_BORROWED: Final = 0.0005
"""People some of whose records carry somebody else's number."""


@dataclass(frozen=True)
class _Care:
    """How often a sector's clerks write something else than what is so."""

    no_id: float
    wrong_id: float
    error: float


_CARE: Final[dict[Sector, _Care]] = {
    "schools": _Care(no_id=0.03, wrong_id=0.010, error=0.04),
    "open_universities": _Care(no_id=0.02, wrong_id=0.012, error=0.04),
    "human_resources": _Care(no_id=0.01, wrong_id=0.008, error=0.03),
    "senior_universities": _Care(no_id=0.09, wrong_id=0.020, error=0.08),
}
_SAME_SOUND: Final = dict(
    zip(
        "伟静峰丽华英辉建明玲云文林国宇浩欣佳涵杰喆堃昇赟垚燚",
        "玮靖锋莉花瑛晖健铭铃芸雯琳帼羽皓昕嘉含洁哲坤升晕尧易",
        strict=True,
    )
)
_ANY: Final = "伟强磊军洋芳娜敏静丽艳峰锋国文海东林松平英秀华云月兰"


@dataclass(frozen=True)
class Person:
    """Who it is."""

    no: int
    name: Name
    born: date
    sex: str
    home: str
    resident_id: str
    new_id: str | None = None


@dataclass(frozen=True)
class Record:
    """What one register says of a person. ``person_no`` is the truth, and no register knows it."""

    record_no: int
    person_no: int
    age: int
    true_sex: str
    sector: Sector
    full_name: str
    birth_date: date | None
    sex: str | None
    division_code: str | None
    institution: str
    resident_id: str | None
    is_id_valid: bool


def records(count: int, seed: int) -> Iterator[Record]:
    """At least ``count`` records of people drawn from a seed; the records of a person follow each other."""
    rng = random.Random(seed)
    written, no = 0, 0
    before: Person | None = None
    while written < count:
        no += 1
        person = _person(rng, no)
        family = [person]
        if rng.random() < _TWINS:
            no += 1
            family.append(_twin(rng, no, person))
        for member in family:
            for record in _written(rng, member, before):
                yield replace(record, record_no=written)
                written += 1
            before = member


def _person(rng: random.Random, no: int) -> Person:
    sex = "male" if rng.random() < 0.512 else "female"
    born, number = birth_and_id(no, sex, _FIRST_BORN, _LAST_BORN, rng)
    new_id = None
    if rng.random() < _REISSUED:
        new_id = _numbered(f"{339900 + rng.randrange(1, 99)}{number[6:14]}", int(number[14:17]))
    return Person(no, draw_name(rng, sex, 0.006), born, sex, rng.choice(COUNTIES), number, new_id)


def _twin(rng: random.Random, no: int, first: Person) -> Person:
    """Born the same day, with the next number; often named alike."""
    given = draw_name(rng, first.sex, 0.0).given
    if rng.random() < 0.5 and len(first.name.given) == 2:
        given = first.name.given[0] + given[-1]
    number = _numbered(first.resident_id[:14], (int(first.resident_id[14:17]) + 2) % 1000)
    return replace(first, no=no, name=Name(first.name.family, given), resident_id=number, new_id=None)


def _numbered(place_and_day: str, sequence: int) -> str:
    first17 = f"{place_and_day}{sequence:03d}"
    return first17 + check_character(first17)


def _written(rng: random.Random, person: Person, neighbour: Person | None) -> Iterator[Record]:
    age = TODAY.year - person.born.year - ((TODAY.month, TODAY.day) < (person.born.month, person.born.day))
    borrowed = neighbour is not None and rng.random() < _BORROWED
    for turn in range(1 + (rng.random() < 0.6) + (rng.random() < 0.3) + (rng.random() < 0.1)):
        sector = _sector(rng, age)
        care = _CARE[sector]
        number, is_valid = _number(rng, person, care)
        if borrowed and turn and is_valid and neighbour is not None:
            number = neighbour.resident_id
        yield Record(
            record_no=0,
            person_no=person.no,
            age=age,
            true_sex=person.sex,
            sector=sector,
            full_name=_name(rng, person.name, care.error),
            birth_date=_born(rng, person.born, care.error),
            sex=_sex(rng, person.sex),
            division_code=person.home if rng.random() > 0.15 else rng.choice(COUNTIES),
            institution=f"{sector}:{person.home}:{rng.randrange(12)}",
            resident_id=number,
            is_id_valid=is_valid,
        )


def _sector(rng: random.Random, age: int) -> Sector:
    if age < 19:
        return "schools"
    if age >= 60 and rng.random() < 0.7:
        return "senior_universities"
    return "open_universities" if rng.random() < 0.4 else "human_resources"


def _number(rng: random.Random, person: Person, care: _Care) -> tuple[str | None, bool]:
    number = person.new_id if person.new_id and rng.random() < 0.5 else person.resident_id
    place = rng.random()
    if place < care.no_id:
        return None, False
    if place >= care.no_id + care.wrong_id:
        return number, True
    if rng.random() < 0.4:
        return mistyped(number), False
    at = rng.randrange(6, 16)
    if rng.random() < 0.5:  # one digit wrong
        wrong = f"{number[:at]}{(int(number[at]) + rng.randrange(1, 10)) % 10}{number[at + 1 :]}"
    else:  # two neighbours exchanged
        wrong = f"{number[:at]}{number[at + 1]}{number[at]}{number[at + 2 :]}"
    if wrong[17] == check_character(wrong[:17]):
        return number, True
    return wrong, False


def _name(rng: random.Random, name: Name, error: float) -> str:
    """The name, seldom with a slip: another character, one that sounds the same, the parts in another order."""
    place, full = rng.random(), name.full
    if name.dotted and rng.random() < 0.3:
        full = full.replace("·", rng.choice("•. ‧"))
    if place < error * 0.4:
        return "".join(_SAME_SOUND.get(letter, letter) for letter in full)
    if place < error * 0.7:
        at = rng.randrange(1, len(full))
        return full[:at] + rng.choice(_ANY) + full[at + 1 :]
    if place < error * 0.9:
        return f"{name.family}·{name.given}" if name.dotted else name.given + name.family
    return full


def _born(rng: random.Random, born: date, error: float) -> date | None:
    place, kind = rng.random(), rng.random()
    if place < 0.015:
        return None
    if place > 0.015 + error * 0.3:
        return born
    if kind < 0.3 and born.day <= 12:
        return date(born.year, born.day, born.month)
    if kind < 0.6:
        return date(born.year + rng.choice((-10, -1, 1, 10)), born.month, min(born.day, 28))
    return born + timedelta(days=rng.choice((-1, 1, 10, 30)))


def _sex(rng: random.Random, sex: str) -> str | None:
    place = rng.random()
    if place < 0.01:
        return None
    if place < 0.013:
        return "male" if sex == "female" else "female"
    return sex
