"""What the two statistics bureaus report: people by single age and sex, and the wide county yearbook.

The province's people are its learners, its teachers and everyone else; everyone else is added here, so the
returns are on the scale of the simulated learners and no learner is missing from a denominator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

from simulator import past
from simulator.cohorts import Cells, Cohorts, draw_cohorts
from simulator.divisions import COUNTIES, STATS_AGENCIES, County
from simulator.files import Table, deliver_file, writing_place
from simulator.kinds import POPULATION_NEGATIVE, SEXES_DO_NOT_ADD, Kind
from simulator.layouts import EDUCATION, OCCUPATIONS, POPULATION, YEARBOOK, YEARBOOK_WITH_POINT
from simulator.plan import apportion
from simulator.timeline import PRESENT, delivery_date
from simulator.truth import Truth

PEOPLE_PER_LEARNER: Final = 4
YEARBOOK_REFERENCE: Final = "2025-11-01"
_BASE: Final = "resident"
_SEXES: Final = (("male", "m", 0.513), ("female", "f", 0.487))

_SHAPE: Final = {
    "city": (0.8, 4, 6, 5.5, 5.5, 6, 9, 10, 9.5, 8, 7, 6.5, 6, 4.8, 4.2, 3, 2, 1.2, 1),
    "mountain": (0.8, 3.8, 5.5, 6.5, 5, 3.5, 4.2, 5.5, 6, 7.5, 9, 9.8, 9, 6.8, 6.4, 4.6, 2.8, 1.8, 1.5),
    "island": (0.6, 2.8, 4, 4.2, 3.8, 3, 4.5, 6, 6.5, 6.5, 9, 11.5, 11, 9, 7.5, 4.8, 2.6, 1.6, 1.1),
}
"""Invented age pyramids, in the yearbook's nineteen groups."""

_GROUP_AGES: Final = ((0, 0), (1, 4), *((low, low + 4) for low in range(5, 85, 5)), (85, 100))
_EDUCATION_SHARES: Final = {
    "city": (0.015, 0.008, 0.16, 0.19, 0.16, 0.16, 0.307),
    "mountain": (0.05, 0.01, 0.38, 0.3, 0.14, 0.06, 0.06),
    "island": (0.035, 0.006, 0.36, 0.35, 0.11, 0.07, 0.069),
}
_SCHOOL_YEARS: Final = (0, 0, 6, 9, 12, 16, 16)
_OCCUPATION_SHARES: Final = (2, 14, 7, 31, 12, 33, 1)


def fill_population(truth: Truth, learners: int) -> dict[str, Cells]:
    """Bring the residents counted so far up to the whole population, in place; returns county → sex → ages.

    A cell is never smaller than the people already in it and a tenth more.
    """
    people = apportion(learners * PEOPLE_PER_LEARNER, [county.weight for county in COUNTIES])
    cells: dict[str, Cells] = {}
    for county, total in zip(COUNTIES, people, strict=True):
        by_age = [
            share for group in zip(_GROUP_AGES, _SHAPE[county.landscape], strict=True) for share in _spread(*group)
        ]
        for sex, _, ratio in _SEXES:
            wanted = apportion(round(total * ratio), by_age)
            known = truth.tally.residents[county.code, sex]
            for age, (want, have) in enumerate(zip(wanted, known, strict=True)):
                known[age] = max(want, have + have // 10 + (have > 0))
        cells[county.code] = {sex: truth.tally.residents[county.code, sex] for sex, _, _ in _SEXES}
    return cells


def _spread(ages: tuple[int, int], share: float) -> list[float]:
    low, high = ages
    weights = [0.78 ** (age - low) if low == 85 else 1.0 for age in range(low, high + 1)]
    return [share * weight / sum(weights) for weight in weights]


def mean_years(cells: Mapping[str, Cells]) -> dict[str, Decimal]:
    """Mean years of schooling by headline county, unrounded."""
    return {
        county.code: _mean_years(_yearbook_row(county, cells[county.code]), "mf")
        for county in COUNTIES
        if county.headline
    }


def write_statistics(root: Path, cells: Mapping[str, Cells], truth: Truth, each: int, day: int) -> None:
    """Write both returns of both bureaus, with `each` negative cells a bureau on day 1.

    The return by single age has this year first, then the years before and the people registered in all of them.

    On day 2 the bureaus send the same returns with everything mended, later nothing.
    """
    if day > 2:
        return
    cohorts = draw_cohorts(cells)
    version = "" if day == 1 else f"_{delivery_date(day):%Y%m%d}"
    for agency in STATS_AGENCIES:
        counties = [county for county in COUNTIES if county.stats_agency == agency]
        returns = _Returns(agency, counties, cells, cohorts, truth, mended=day > 1)
        returns.write_ages(root / agency / f"population_by_age_2025{version}.csv", each)
        returns.write_yearbook(root / agency / f"county_yearbook_2025{version}.csv")


@dataclass(frozen=True, slots=True)
class _Returns:
    agency: str
    counties: Sequence[County]
    cells: Mapping[str, Cells]
    cohorts: Cohorts
    truth: Truth
    mended: bool

    def write_yearbook(self, final: Path) -> None:
        place = writing_place(final)
        with Table(place / final.name, YEARBOOK) as table:
            for county in self.counties:
                row = _yearbook_row(county, self.cells[county.code])
                wrong = not county.headline
                if wrong and not self.mended:
                    row["pop_m"] = int(row["pop_m"]) + 3
                table.write(f"{row[column]}.0" if column in YEARBOOK_WITH_POINT else row[column] for column in YEARBOOK)
                if wrong:
                    record = f"{YEARBOOK_REFERENCE}|county|{county.prefecture_zh}|{county.name_zh}"
                    self._note(SEXES_DO_NOT_ADD, record, table)
        self.truth.rows(self.agency, "county_yearbook", table)
        deliver_file(place, final)

    def write_ages(self, final: Path, each: int) -> None:
        place = writing_place(final)
        with Table(place / final.name, POPULATION) as table:
            for county in self.counties:
                for age in range(101):
                    for sex, _, _ in _SEXES:
                        wrong = not county.headline and sex == "female" and 30 <= age < 30 + min(each, 60)
                        count = -3 if wrong and not self.mended else self.cells[county.code][sex][age]
                        table.write((PRESENT.isoformat(), _BASE, county.code, age, sex, count))
                        if wrong:
                            record = f"{PRESENT.isoformat()}|{_BASE}|{county.code}|{age}|{sex}"
                            self._note(POPULATION_NEGATIVE, record, table)
            for county in self.counties:
                for then in past.counts(county, self.cells[county.code], self.cohorts):
                    table.write((then.day.isoformat(), then.base, county.code, then.age, then.sex, then.people))
        self.truth.rows(self.agency, "population_by_age", table)
        deliver_file(place, final)

    def _note(self, kind: Kind, record: str, table: Table) -> None:
        if self.mended:
            self.truth.change("corrected", self.agency, kind.entity, record)
        else:
            self.truth.defect(kind, self.agency, record, table)


def _yearbook_row(county: County, ages: Cells) -> dict[str, int | str]:
    totals = {letter: sum(ages[sex]) for sex, letter, _ in _SEXES}
    people = sum(totals.values())
    urban = round(people * county.urban_ratio)
    row: dict[str, int | str] = {
        "level": "county",
        "code": county.code,
        "prefecture_zh": county.prefecture_zh,
        "county_zh": county.name_zh,
        "pop": people,
        "pop_m": totals["m"],
        "pop_f": totals["f"],
        "pop_urban": urban,
        "pop_rural": people - urban,
    }
    groups = [column.removeprefix("m_") for column in YEARBOOK if column.startswith("m_")]
    for sex, letter, _ in _SEXES:
        for group, (low, high) in zip(groups, _GROUP_AGES, strict=True):
            row[f"{letter}_{group}"] = sum(ages[sex][low : high + 1])
        shares = list(_EDUCATION_SHARES[county.landscape])
        shares[-1] *= max(0.5, county.uptake)  # where more people study, more have studied
        if letter == "f":
            shares[0] *= 2.2
        for level, count in zip(EDUCATION, apportion(sum(ages[sex][3:]), shares), strict=True):
            row[f"edu_{level}_{letter}"] = count
    for column, letters in (("mys", "mf"), ("mys_m", "m"), ("mys_f", "f")):
        row[column] = str(_mean_years(row, letters).quantize(Decimal("0.01"), ROUND_HALF_UP))
    adults = sum(sum(ages[sex][15:]) for sex, _, _ in _SEXES)
    row["illit15"] = (int(row["edu_unschooled_m"]) + int(row["edu_unschooled_f"])) * 4 // 5
    row["pop15plus"] = adults // 10
    employed = adults * 6 // 100
    row["occ_total_longform"] = employed
    row.update(zip(OCCUPATIONS, apportion(employed, _OCCUPATION_SHARES), strict=True))
    row["ind_education"] = employed // 18
    return row


def _mean_years(row: Mapping[str, int | str], letters: str) -> Decimal:
    counts = [sum(int(row[f"edu_{level}_{letter}"]) for letter in letters) for level in EDUCATION]
    weighted = sum(count * years for count, years in zip(counts, _SCHOOL_YEARS, strict=True))
    return Decimal(weighted) / sum(counts)
