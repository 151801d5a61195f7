"""Who employs: invented firms of every county with their industries, and the jobs they have.

Occupations stand in the two schemes agencies use, side by side: the national dictionary (GB/T 6565) and ISCO-08.
An employer follows from its county and number alone, so none of them is remembered.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from simulator.divisions import HEADLINE, County
from simulator.identity import credit_code
from simulator.school_names import SIMULATED_ZH

EMPLOYERS_A_COUNTY: Final = 40
_FIRM, _COOPERATIVE, _SOLE_TRADER = "91", "93", "92"
_FIRST_SERIAL: Final = 500_000  # well above the schools'
_A_COUNTY: Final = 1_000  # serials kept for one county
_ISSUERS: Final = 900
_ISSUERS_A_COUNTY: Final = 4


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation in both schemes. `skilled`: certificates of skill grades exist for it."""

    gbt6565: str
    isco08: str
    name_zh: str
    skilled: bool = True


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry class of GB/T 4754-2017 with some of its occupations, and where it is found."""

    code: str
    word_zh: str
    occupations: tuple[Occupation, ...]
    landscapes: tuple[str, ...] = ("city", "mountain", "island")


_SOFTWARE = Occupation("2-02-10-03", "2512", "计算机软件工程技术人员", skilled=False)
_TEACHER = Occupation("2-08-03-01", "2341", "小学教师", skilled=False)
_NURSE = Occupation("2-05-08-01", "2221", "内科护士", skilled=False)
_ACCOUNTANT = Occupation("2-06-03-00", "2411", "会计专业人员", skilled=False)
_CLERK = Occupation("3-01-02-04", "4110", "行政办事员", skilled=False)
_SALES = Occupation("4-01-02-01", "5223", "营业员", skilled=False)
_COURIER = Occupation("4-02-07-08", "9621", "快递员")
_COOK = Occupation("4-03-02-01", "5120", "中式烹调师")
_HELPER = Occupation("4-10-01-06", "5322", "家政服务员")
_ELECTRICIAN = Occupation("6-31-01-03", "7412", "电工")
WELDER = Occupation("6-18-02-04", "7212", "焊工")
_MACHINIST = Occupation("6-18-01-01", "7223", "车工")
_SEAMSTRESS = Occupation("6-05-01-02", "8153", "缝纫工")
_BRICKLAYER = Occupation("6-29-01-01", "7112", "砌筑工")
_LORRY_DRIVER = Occupation("4-02-02-02", "8332", "道路货运汽车驾驶员")
_TEA_GROWER = Occupation("5-01-02-04", "6112", "茶园工")
_FISHER = Occupation("5-04-04-01", "6222", "水产捕捞工")

OTHER_WORKER: Final = Occupation("4-99-00-00", "5169", "其他社会生产和生活服务人员", skilled=False)

_INDUSTRIES: Final = (
    Industry("I6513", "软件", (_SOFTWARE, _SOFTWARE, _ACCOUNTANT, _CLERK), ("city",)),
    Industry("C3812", "电机", (_MACHINIST, WELDER, _ELECTRICIAN, _CLERK)),
    Industry("C1819", "服装", (_SEAMSTRESS, _SEAMSTRESS, _SALES)),
    Industry("F5211", "百货", (_SALES, _SALES, _ACCOUNTANT)),
    Industry("H6210", "餐饮", (_COOK, _COOK, _SALES)),
    Industry("G5431", "货运", (_LORRY_DRIVER, _CLERK)),
    Industry("G6020", "快递", (_COURIER, _COURIER, _CLERK)),
    Industry("E4710", "建筑", (_BRICKLAYER, _ELECTRICIAN, WELDER)),
    Industry("O8010", "家政", (_HELPER,)),
    Industry("P8321", "教育", (_TEACHER,)),
    Industry("Q8411", "医疗", (_NURSE, _CLERK)),
    Industry("A0164", "茶业", (_TEA_GROWER,), ("mountain",)),
    Industry("A0421", "渔业", (_FISHER,), ("island",)),
)
_OF_LANDSCAPE: Final = {
    landscape: tuple(industry for industry in _INDUSTRIES if landscape in industry.landscapes)
    for landscape in ("city", "mountain", "island")
}


@dataclass(frozen=True, slots=True)
class Employer:
    """One employer: its code, its name, what it does and where."""

    uscc: str
    name: str
    industry: Industry
    county: County


def employer(county: County, number: int) -> Employer:
    """The numbered employer of a county: the same whoever asks."""
    offered = _OF_LANDSCAPE[county.landscape]
    industry = offered[number % len(offered)]
    farming = industry.code.startswith("A")
    kind = _COOPERATIVE if farming else _SOLE_TRADER if number % 9 == 8 else _FIRM
    form = {_COOPERATIVE: "合作社", _SOLE_TRADER: "经营部", _FIRM: "有限公司"}[kind]
    name = f"{county.name_zh}{industry.word_zh}第{number + 1}{form}{SIMULATED_ZH}"
    return Employer(credit_code(kind, county.code, _serial(county) + number), name, industry, county)


def draw_employer(rng: random.Random, county: County) -> Employer:
    """Any employer of a county."""
    return employer(county, int(rng.random() * EMPLOYERS_A_COUNTY))


def occupations_of(county: County) -> tuple[Occupation, ...]:
    """The occupations that are looked for in a county, each once, in the order of its industries."""
    offered = (
        occupation for industry in reversed(_OF_LANDSCAPE[county.landscape]) for occupation in industry.occupations
    )
    return tuple(dict.fromkeys(offered))


def issuer(county: County, number: int) -> str:
    """The code of an office that trains and certifies."""
    return credit_code("12", county.code, _serial(county) + _ISSUERS + number % _ISSUERS_A_COUNTY)


def _serial(county: County) -> int:
    return _FIRST_SERIAL + HEADLINE.index(county) * _A_COUNTY
