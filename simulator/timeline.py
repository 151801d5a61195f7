"""The simulated calendar: what "now" is, and the windows the known truth is counted over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

PRESENT: Final = date(2025, 12, 31)
"""The day the first delivery is taken; nothing in it is dated later."""

SCHOOL_REFERENCE: Final = date(2025, 9, 1)
WINDOW_AFTER: Final = date(2024, 12, 31)
"""Participation counts days in (WINDOW_AFTER, PRESENT]."""

TERM_BEGIN: Final = date(2025, 9, 1)
TERM_END: Final = date(2026, 7, 1)
LAST_TERM_BEGIN: Final = date(2024, 9, 1)
LAST_TERM_END: Final = date(2025, 7, 1)
BEFORE_LAST_TERM_BEGIN: Final = date(2023, 9, 1)
BEFORE_LAST_TERM_END: Final = date(2024, 7, 1)

_PRESENTATION_MONTH: Final = {"B": 2, "J": 10}


def delivery_date(day: int) -> date:
    """The date in the names of the files of the day-th delivery (1 is the first)."""
    return PRESENT + timedelta(days=day - 1)


def presentation_start(code: str) -> date:
    """First day of an OULAD presentation: 2025B is 1 February 2025, 2025J is 1 October 2025."""
    return date(int(code[:4]), _PRESENTATION_MONTH[code[4]], 1)


def in_window(day: date) -> bool:
    """Whether a day of activity counts as participation in the last twelve months."""
    return WINDOW_AFTER < day <= PRESENT


def age_at(born: date, on: date) -> int:
    """Completed years; someone born on 29 February turns a year older on 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
