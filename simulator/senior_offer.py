"""What the senior universities offer: schools, courses, terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from simulator.school_names import SIMULATED_ZH

Form = Literal["workbook", "gbk"]


@dataclass(frozen=True, slots=True)
class SeniorUniversity:
    """One agency of senior universities with its schools, and the form its office sends."""

    agency: str
    name_zh: str
    schools: tuple[str, ...]
    form: Form
    most_courses: int
    """courses one person may take in a term"""


@dataclass(frozen=True, slots=True)
class Course:
    """One course. `hours` are those of a term."""

    code: str
    category: str
    hours: int
    fee: int


@dataclass(frozen=True, slots=True)
class Term:
    """One term; `last` is its last day."""

    code: str
    first: date
    last: date


SENIOR_UNIVERSITIES: Final = {
    "sen-hangzhou": SeniorUniversity(
        "sen-hangzhou", f"杭州市老年大学{SIMULATED_ZH}", ("9233900101", "9233900102", "9233900103"), "workbook", 2
    ),
    "sen-lishui": SeniorUniversity(
        "sen-lishui", f"丽水市老年大学{SIMULATED_ZH}", ("9233900201", "9233900202"), "gbk", 2
    ),
}
COURSES: Final = (
    Course("SH01", "calligraphy-painting", 32, 180),
    Course("SH02", "calligraphy-painting", 32, 180),
    Course("YW01", "music-dance", 32, 160),
    Course("YW02", "music-dance", 32, 160),
    Course("JK01", "health-sport", 24, 90),
    Course("SZ01", "digital-skills", 16, 0),
    Course("SZ02", "digital-skills", 16, 0),
    Course("WS01", "history-culture", 24, 60),
    Course("YY01", "language", 32, 120),
    Course("GY01", "crafts", 24, 150),
    Course("YS01", "arts", 24, 120),
    Course("QT01", "other", 8, 0),
)
TERMS: Final = (
    Term("2024-autumn", date(2024, 9, 2), date(2025, 1, 10)),
    Term("2025-spring", date(2025, 3, 3), date(2025, 6, 27)),
    Term("2025-autumn", date(2025, 9, 1), date(2026, 1, 9)),
)
CURRENT: Final = TERMS[-1]
EARLIER_TERMS: Final = tuple(
    term
    for year in range(2018, 2025)
    for term in (
        Term(f"{year}-spring", date(year, 3, 1), date(year, 6, 28)),
        Term(f"{year}-autumn", date(year, 9, 1), date(year + 1, 1, 10)),
    )
    if term.last < TERMS[0].first
)
"""The terms before those of the last school years, as far back as the registers are electronic."""
