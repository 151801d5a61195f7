"""The policy office's delivery: eight statistical returns about the whole province, on the scale of its learners.

It is sent once, with the first delivery. Nothing in it is about one person: what it counts is drawn from the finished
population and the finished schools, so no number of another agency moves by it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from simulator.cohorts import SCHOOL_YEARS, STAGES, Cells, draw_cohorts
from simulator.county_returns import MONTHS, birth_rows, community_rows, vacancy_rows
from simulator.divisions import POLICY_AGENCY
from simulator.files import Table, deliver_folder, writing_place
from simulator.higher_returns import draw_higher_education
from simulator.kinds import (
    HEADCOUNT_NO_NUMBER,
    KIND_NOT_OF_CODE,
    OCCUPATION_OF_OTHER_SCHEME,
    OLDER_THAN_ALL,
    SCHOOL_RAGGED,
    SURVEY_OF_NOBODY,
    Kind,
)
from simulator.layouts import RETURN_KEYS, RETURNS
from simulator.plan import Plan
from simulator.policy_returns import survey_rows, target_rows
from simulator.school_returns import reported_schools, school_rows
from simulator.timeline import PRESENT, delivery_date
from simulator.truth import Truth

Row = Mapping[str, object]

_SMALL_COUNTY: Final = "330122"
"""Wrong rows are about this county, which has no schools, vacancies or learning points of its own."""
_STRANGE_SERIAL: Final = 980_000
_MEASURES: Final = ("places", "headcount", "full_time_teachers")
_YEAR: Final = str(PRESENT.year)


def write_returns(root: Path, plan: Plan, cells: Mapping[str, Cells], truth: Truth, each: int, day: int) -> None:
    """Write the eight returns into one folder, with `each` wrong rows of every kind; after day 1 nothing is sent."""
    if day > 1:
        return
    cohorts = draw_cohorts(cells)
    schools = reported_schools(plan, truth.tally.headcounts)
    colleges = draw_higher_education(plan, cells)
    tables = {
        "schools": list(school_rows(plan, schools, cohorts)),
        "births_migration": list(birth_rows(plan, cells, cohorts)),
        "higher_education": list(colleges.student_rows()),
        "graduates": list(colleges.graduate_rows()),
        "vacancies": list(vacancy_rows(plan, cells)),
        "community_learning": list(community_rows(plan, cells)),
        "surveys": list(survey_rows(plan)),
        "targets": list(target_rows()),
    }
    truth.tally.returned = _totals(tables)
    final = root / POLICY_AGENCY / f"returns_{delivery_date(day):%Y%m%d}"
    place = writing_place(final)
    for name, rows in tables.items():
        with Table(place / f"{name}.csv", RETURNS[name]) as table:
            for row in rows:
                table.write(row[column] for column in RETURNS[name])
            _plant(name, rows, table, truth, each)
        truth.rows(POLICY_AGENCY, name, table)
    deliver_folder(place, final)


def _plant(name: str, rows: list[dict[str, Any]], table: Table, truth: Truth, each: int) -> None:
    """Wrong rows after the right ones, each under a key of its own, so that no right row is lost by them."""
    for number in range(each):
        for kind, change in _WRONG.get(name, ()):
            row = {**rows[0], "division_code": _SMALL_COUNTY, **_own_key(name, kind, number), **change}
            if name == "surveys":
                del row["division_code"]
            values = [row[column] for column in RETURNS[name]]
            table.write(values[:-1] if kind is SCHOOL_RAGGED else values)
            record = "|".join(str(value) for value in values[: RETURN_KEYS[name]])
            truth.defect(kind, POLICY_AGENCY, record, table)


_WRONG: Final[Mapping[str, tuple[tuple[Kind, Row], ...]]] = {
    "schools": ((SCHOOL_RAGGED, {"school_kind": "21"}), (KIND_NOT_OF_CODE, {"school_kind": "31", "fee_cny_month": 0})),
    "higher_education": ((HEADCOUNT_NO_NUMBER, {"headcount": "约两千"}),),
    "vacancies": (
        (OCCUPATION_OF_OTHER_SCHEME, {"occupation_scheme": "ISCO08", "vacancies": 1, "applicants": 1}),
    ),
    "community_learning": ((OLDER_THAN_ALL, {"attendances": 30, "attendances_60plus": 31, "learners": 20}),),
    "surveys": ((SURVEY_OF_NOBODY, {"n": 0}),),
}  # fmt: skip


def _own_key(name: str, kind: Kind, number: int) -> Row:
    if name == "schools":
        return {"school_code": f"2133{_STRANGE_SERIAL + number * 10 + kind.number % 10}", "paired_school_code": ""}
    if name == "higher_education":
        return {"institution_code": f"4133{_STRANGE_SERIAL + number}", "origin_province": "33"}
    if name == "vacancies":
        return {"month": MONTHS[-1 - number % len(MONTHS)], "occupation_code": f"4-{10 + number // len(MONTHS)}-01-06"}
    if name == "community_learning":
        return {"month": MONTHS[-1], "point_code": f"{_SMALL_COUNTY}-{90 + number}"}
    return {"wave": f"{_YEAR}-{number + 1}"}


def _totals(tables: Mapping[str, Iterable[Row]]) -> dict[str, Any]:
    """What has to come out of the returns: this year by county and stage, form, field, occupation and county."""
    schools: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in tables["schools"]:
        if row["school_year"] == SCHOOL_YEARS[-1]:
            stage = STAGES[str(row["school_kind"])]
            schools[str(row["division_code"])][stage].update({word: int(str(row[word])) for word in _MEASURES})
            schools[str(row["division_code"])][stage]["schools"] += 1
    recent = [row for row in tables["graduates"] if row["year"] == PRESENT.year]
    month = [row for row in tables["vacancies"] if row["month"] == MONTHS[-1]]
    year = [row for row in tables["community_learning"] if str(row["month"]).startswith(_YEAR)]
    students = [row for row in tables["higher_education"] if row["school_year"] == SCHOOL_YEARS[-1]]
    return {
        "schools": {
            "school_year": SCHOOL_YEARS[-1],
            "counties": schools,
        },
        "higher_education": {"school_year": SCHOOL_YEARS[-1], "forms": _sums(students, "form", "headcount")},
        "graduates": {"year": PRESENT.year, "fields": _sums(recent, "isced_f_broad", "graduates")},
        "vacancies": {"month": MONTHS[-1], "occupations": _sums(month, "occupation_code", "vacancies")},
        "community_learning": {
            "year": PRESENT.year,
            "attendances": _sums(year, "division_code", "attendances"),
            "attendances_60plus": _sums(year, "division_code", "attendances_60plus"),
        },
    }


def _sums(rows: Iterable[Row], by: str, measure: str) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[str(row[by])] += int(str(row[measure]))
    return dict(sorted(sums.items()))
