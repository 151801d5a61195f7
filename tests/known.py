"""The province as the real servers hold it after a delivery, asked what the simulator's truth can answer, too."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.db import connect
from pipeline.settings import Settings

VLE = "student_vle"
"""Rows without a record id of their own: the truth gives the natural key that the record id begins with."""


@dataclass(frozen=True)
class Province:
    """A written province that has gone the whole way, and what is known about its first day."""

    settings: Settings
    root: Path
    expected: dict[str, Any]
    by_id: dict[str, Any] = field(default_factory=dict)
    """what core counted while only ids linked, before anybody was found by their name"""

    def ask(self, query: str, *parameters: Any, **named: Any) -> list[tuple[Any, ...]]:
        with connect(self.settings, "engineer") as connection:
            return connection.execute(query, named or parameters).fetchall()

    def truth(self, name: str) -> list[dict[str, str]]:
        return rows_of(self.root / "truth" / f"{name}.csv")

    def defects(self) -> list[dict[str, str]]:
        return self.truth("defects")


def skilled_workers(province: Province) -> dict[str, dict[str, int]]:
    """No indicator yet: what core holds of spells and certificates, asked the way the definitions propose."""
    found = province.ask(
        """
        with held as (
            select learner_key, max(skill_rank) as skill_rank
            from core.fct_skill_certificate
            where issued_date <= %(day)s and (ended_date is null or ended_date > %(day)s)
            group by learner_key
        )
        select
            spells.workplace_division_code,
            count(*) filter (where learners.is_linked),
            count(*) filter (where learners.is_linked and held.skill_rank >= 1),
            count(*) filter (where learners.is_linked and held.skill_rank >= 3),
            count(*) filter (where not learners.is_linked)
        from core.fct_employment_spell as spells
        inner join core.dim_learner as learners on spells.learner_key = learners.learner_key
        left join held on spells.learner_key = held.learner_key
        where spells.started_date <= %(day)s and (spells.ended_date is null or spells.ended_date > %(day)s)
        group by spells.workplace_division_code
        """,
        day=province.expected["indicators"]["skilled_workers"]["on"],
    )
    words = ("employed", "skilled", "highly_skilled", "unlinked_records")
    return {county: dict(zip(words, counts, strict=True)) for county, *counts in found}


def seniors(province: Province) -> dict[str | None, dict[str, int]]:
    """No indicator yet, either: learners of 60 in registers of senior universities, by county of residence."""
    found = province.ask(
        """
        select
            learners.residence_division_code,
            count(distinct learners.learner_key) filter (where learners.is_linked),
            count(distinct learners.learner_key) filter (where not learners.is_linked)
        from core.fct_enrolment as enrolments
        inner join core.dim_learner as learners on enrolments.learner_key = learners.learner_key
        where enrolments.source_entity = 'senior__enrolments'
            and extract(year from age(%(day)s::date, learners.birth_date)) >= 60
        group by learners.residence_division_code
        """,
        day=province.expected["indicators"]["senior_learners_60plus"]["on"],
    )
    return {county: {"learners": known, "unlinked_records": unlinked} for county, known, unlinked in found}


def participants(province: Province) -> dict[str, tuple[int, int]]:
    """Adults active at open universities, linked and not, by county: what version 1 of the indicator counted."""
    window = province.expected["indicators"]["lifelong_participation_25_64"]
    found = province.ask(
        """
        with active as (
            select distinct activities.learner_key
            from core.fct_learning_activity as activities
            inner join core.dim_agency as agencies on activities.agency_code = agencies.agency_code
            where agencies.realm = 'simulated' and agencies.sector_code = 'open_university'
                and activities.activity_date > %(after)s and activities.activity_date <= %(until)s
                and (activities.activity_kind_code = 'submission' or activities.clicks > 0)
        )
        select
            learners.residence_division_code,
            count(*) filter (where learners.is_linked),
            count(*) filter (where not learners.is_linked)
        from active
        inner join core.dim_learner as learners on active.learner_key = learners.learner_key
        where extract(year from age(%(until)s::date, learners.birth_date)) between 25 and 64
        group by learners.residence_division_code
        """,
        after=window["after"],
        until=window["until"],
    )
    return {county: (known, unlinked) for county, known, unlinked in found}


def returned_schools(province: Province) -> dict[str, dict[str, dict[str, int]]]:
    """What core holds of the last school year's return, by county and stage."""
    stages = {"11": "kindergarten", "21": "primary", "31": "junior", "34": "senior"}
    found = province.ask(
        "select division_code, school_kind_code, sum(places), sum(headcount), sum(full_time_teachers), count(*) "
        "from core.school_returns where school_year = %s group by division_code, school_kind_code",
        province.expected["returns"]["schools"]["school_year"],
    )
    counties: dict[str, dict[str, dict[str, int]]] = {}
    for county, kind, *counts in found:
        words = ("places", "headcount", "full_time_teachers", "schools")
        counties.setdefault(county, {})[stages[kind]] = dict(zip(words, counts, strict=True))
    return counties


def returned(province: Province) -> dict[str, dict[str, int]]:
    """What core holds of the other returns' last period, summed as the truth sums it."""
    return {
        name: dict(province.ask(query))
        for name, query in {
            "forms": "select study_form_code, sum(headcount) from core.higher_education "
            "where school_year = 2026 group by 1",
            "fields": "select isced_f_broad_code, sum(graduates) from core.graduates where data_year = 2025 group by 1",
            "occupations": "select occupation_code, sum(vacancies) from core.vacancies "
            "where data_month = '2025-12' group by 1",
            "attendances": "select division_code, sum(attendances) from core.community_learning "
            "where data_month like '2025-%%' group by 1",
        }.items()
    }


def credits_held(province: Province, kinds: Sequence[str], day: str) -> dict[str, tuple[float, ...]]:
    """What the simulated credit bank's accounts hold of each outcome on a day, by kind of account."""
    held: dict[str, dict[str, float]] = {}
    for outcome, kind, amount in province.ask(
        "select outcome_id, account_kind_code, sum(amount_credits)::float8 from core.fct_credit_entry "
        "where agency_code = 'bank-zhejiang' and account_kind_code <> 'issued' and effective_on <= %s group by 1, 2",
        day,
    ):
        held.setdefault(outcome, {})[kind] = amount
    return {outcome: tuple(amounts.get(kind, 0) for kind in kinds) for outcome, amounts in held.items()}


def not_empty(counts: dict[Any, dict[str, int]]) -> dict[Any, dict[str, int]]:
    """Leave out what a query that counts has no row for."""
    return {of: numbers for of, numbers in counts.items() if any(numbers.values())}


def fingerprint(province: Province) -> list[tuple[Any, ...]]:
    """Count and checksum of everything that records of persons end in."""
    return [
        row
        for table in (
            "fct_enrolment",
            "fct_learning_activity",
            "fct_learning_outcome",
            "fct_employment_spell",
            "fct_skill_certificate",
            "fct_credit_entry",
            "dim_learner",
            "person_link",
            "population",
        )
        for row in province.ask(f"select '{table}', count(*), sum(hashtext(t::text)::bigint) from core.{table} as t")
    ]


def published(
    province: Province, indicator: str, column: str, *, dimension: str = "size_band", method: str | None = None
) -> dict[tuple[str, str], Any]:
    """One column of an indicator's current values, by county and member, of the counties with schools.

    Name the method where an indicator has several: their values would stand for each other.
    """
    counties = set(province.expected["indicators"]["school_size_bands"]["counties"])
    found = province.ask(
        f"select area_code, member, {column} from mart.current_indicator_value "
        "where indicator_code = %s and realm = 'simulated' and area_level = 'county' and dimension = %s "
        "and method = coalesce(%s, method)",
        indicator,
        dimension,
        method,
    )
    return {(area, member): value for area, member, value in found if area in counties}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def natural(table: str, record_id: str) -> str:
    return "|".join(record_id.split("|")[:5]) if table.endswith(VLE) else record_id
