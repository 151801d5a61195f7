"""What was counted in earlier years, of one realm: births, moves, pupils, teachers, students, learners, residents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pipeline.db import Connection

_READ: Final = """
select realm, measure, member, division_code, data_year, value
from intermediate.int_forecast__history order by 1, 2, 3, 4, 5
"""
_IS_MADE: Final = "select to_regclass('intermediate.int_forecast__history') is not null"


class History:
    """Yearly values by measure, member and division; a missing value is nothing, never nought."""

    def __init__(self, rows: Iterable[tuple[str, str, str, int, float]]) -> None:
        """Rows are (measure, member, division, year, value)."""
        self._values: dict[tuple[str, str], dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
        for measure, member, division, year, value in rows:
            self._values[measure, member][division][year] = value

    def of(self, measure: str, member: str, division: str) -> Mapping[int, float]:
        """Values of one division by year."""
        return self._values.get((measure, member), {}).get(division, {})

    def by_division(self, measure: str, member: str) -> Mapping[str, Mapping[int, float]]:
        """Values by division and year."""
        return dict(self._values.get((measure, member), {}))

    def divisions(self, *measures: str) -> Sequence[str]:
        """Every division that has one of the measures."""
        return sorted({code for (measure, _), of in self._values.items() if measure in measures for code in of})

    def latest(self, measure: str, division: str) -> float | None:
        """The sum of all members in the last year that has one."""
        years: dict[int, float] = defaultdict(float)
        for (name, _), of_division in self._values.items():
            if name == measure:
                for year, value in of_division.get(division, {}).items():
                    years[year] += value
        return years[max(years)] if years else None

    def counts_of_ages(self, division: str) -> Sequence[int]:
        """Years in which residents were counted by single age, the earliest first."""
        members = (of.get(division, {}) for (name, _), of in self._values.items() if name == "residents")
        return sorted({year for of in members for year in of})

    def ages(self, division: str, year: int) -> Mapping[int, float]:
        """Residents by single age in a year of a count."""
        return {
            int(member): of[division][year]
            for (name, member), of in self._values.items()
            if name == "residents" and year in of.get(division, {})
        }

    @property
    def last_birth_year(self) -> int | None:
        """The last calendar year whose births were returned."""
        years = [year for of in self._values.get(("births", "total"), {}).values() for year in of]
        return max(years, default=None)


def read(connection: Connection[Any]) -> tuple[dict[str, History], list[tuple[Any, ...]]]:
    """Histories by realm, and the rows they were made from; nothing where core was never built."""
    made = connection.execute(_IS_MADE).fetchone()
    rows = connection.execute(_READ).fetchall() if made and made[0] else []
    by_realm = defaultdict(list)
    for realm, *row in rows:
        by_realm[realm].append(tuple(row))
    return {realm: History(of_realm) for realm, of_realm in sorted(by_realm.items())}, rows
