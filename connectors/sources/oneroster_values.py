"""Cells as the standard has them: words in their case, dates as YYYY-MM-DD, times as ISO 8601, a row's status.

A day and a month that could be either are told apart by the file's other rows, or not at all.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from connectors.sources import oneroster_deviations as deviations
from connectors.sources.base import Repair
from connectors.sources.oneroster_deviations import Subject, Tolerance
from connectors.sources.oneroster_standard import MODIFIED, STATUS, Column, Version

Order = Literal["day first", "month first"]
Values = dict[str, str | None]

EXTENDED = "ext:"
SYNONYMS: Mapping[str, Mapping[str, str]] = {"roleType": {"true": "primary", "false": "secondary"}}
"""Words of other programs that mean one of the standard's, by column; in lower case."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|\+00:00)")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<sign>[-/.]?)(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})")
_YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<sign>[-/.])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4})")
_MIDNIGHT = re.compile(r"(?P<date>.+?)[T ]0?0:00(:00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?")
_GONE, _ACTIVE, _INACTIVE = "tobedeleted", "active", "inactive"


class UnknownStatusError(ValueError):
    """A word that says neither that a record is there nor that it is gone: the row is set aside."""


class Cells:
    """Puts the cells of one file's rows right; ``order`` is asked only when a date can be read in two ways."""

    def __init__(
        self,
        columns: Iterable[Column],
        subject: Subject,
        tolerance: Tolerance,
        order: Callable[[], Order | None],
    ) -> None:
        self._subject, self._tolerance, self._order = subject, tolerance, order
        self._checks = tuple(check for column in columns if (check := self._check(column)))

    def mend(self, line: int, values: Values) -> tuple[Repair, ...]:
        """Put a row's cells right in place; what can be read in no way or two is left for the rules to judge."""
        repairs: tuple[Repair, ...] = ()
        for name, accepts, mended, deviation in self._checks:
            value = values.get(name)
            if value is None or accepts(value):
                continue
            better = mended(value)
            if better is not None and better != value:
                repairs += (self._tolerance.met(deviation, self._subject, field=name, line=line),)
                values[name] = better
        return repairs

    def _check(
        self, column: Column
    ) -> tuple[str, Callable[[str], object], Callable[[str], str | None], deviations.Deviation] | None:
        if column.name in (STATUS, MODIFIED):
            return None
        if column.kind == "date":
            return column.name, _DATE.fullmatch, lambda value: date(value, self._order), deviations.DATE
        words = ("true", "false") if column.kind == "boolean" else column.values
        if column.kind not in ("boolean", "enum"):
            return None
        meant = {**{word.lower(): word for word in words}, **SYNONYMS.get(column.name, {})}
        return (
            column.name,
            functools.partial(_is_word, frozenset(words)),
            lambda value: meant.get(value.strip().lower()),
            deviations.WORD,
        )

    def modified(self, line: int, text: str) -> tuple[str | None, tuple[Repair, ...]]:
        """The time of change, in UTC where no offset is given; None where it cannot be told."""
        if _TIME.fullmatch(text) and (moment := _moment(text)):
            return moment, ()
        day = date(text, self._order)
        moment = _moment(f"{day}T00:00:00Z") if day else _moment(text)
        deviation = deviations.TIME if moment else deviations.TIME_UNCLEAR
        return moment, (self._tolerance.met(deviation, self._subject, field=MODIFIED, line=line),)


def is_gone(status: str, version: Version) -> tuple[bool, bool]:
    """Whether a status says that the record is gone, and whether the word is the standard's own.

    :raises UnknownStatusError: when it is none of the known words
    """
    word = status.strip().lower()
    if word not in (_GONE, _ACTIVE, _INACTIVE):
        raise UnknownStatusError
    return word != _ACTIVE, status == word and (word != _INACTIVE or version == "1.0")


def date(text: str, order: Callable[[], Order | None]) -> str | None:
    """A date as YYYY-MM-DD, if ``text`` can be read in one way only."""
    text = text.strip()
    if midnight := _MIDNIGHT.fullmatch(text):
        text = midnight["date"]
    if found := _YEAR_FIRST.fullmatch(text):
        if not found["sign"] and len(text) != 8:
            return None
        return _day(found["year"], found["month"], found["day"])
    if not (found := _YEAR_LAST.fullmatch(text)):
        return None
    year, one, two = found["year"], found["one"], found["two"]
    by_day, by_month = _day(year, two, one), _day(year, one, two)
    if by_day == by_month or not (by_day and by_month):
        return by_day or by_month
    known = order()
    return None if known is None else by_day if known == "day first" else by_month


def order_of(texts: Iterable[str]) -> Order | None:
    """Which of day and month stands first in a file's dates; None when they do not say, or do not agree."""
    seen: set[Order] = set()
    for text in texts:
        found = _YEAR_LAST.fullmatch(text.strip().partition(" ")[0])
        if not found:
            continue
        one, two = int(found["one"]), int(found["two"])
        if one > 12 >= two:
            seen.add("day first")
        elif two > 12 >= one:
            seen.add("month first")
    return seen.pop() if len(seen) == 1 else None


def dated(columns: Sequence[Column]) -> frozenset[str]:
    """Names of the columns that hold dates or times."""
    return frozenset(column.name for column in columns if column.kind in ("date", "time"))


def _is_word(words: frozenset[str], value: str) -> bool:
    return value in words or value.startswith(EXTENDED)


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _moment(text: str) -> str | None:
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).isoformat()
