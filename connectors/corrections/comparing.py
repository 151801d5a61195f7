"""What an agency changed in a row: what came back, held against what the file showed.

Between the two a spreadsheet program had the file in its hands. Saved as CSV, ids lose zeros in front or their last
digits, days change their form, letters GBK does not know become question marks. A cell that is nothing but such a
rendition of what stood there was not changed by anyone, and what stood there stays.
"""

from __future__ import annotations

import decimal
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.corrections import cells, showing
from connectors.sources.meaning import Meaning
from connectors.sources.spreadsheet.cells import Cell, Moment, shown
from pipeline.contracts import Contract

_EXPONENT = re.compile(r"(\d)(?:\.(\d+))?[Ee]\+?(\d{1,3})")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_DAY_LAST_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(:00(\.0+)?)?$")
_EXACT_DIGITS = 15


@dataclass(frozen=True)
class Difference:
    """What is to become of a row; nothing in it where it came back as it went."""

    values: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    """of landed fields that were changed; None for a value that was taken out"""
    identifiers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """those that were filled in"""

    def __bool__(self) -> bool:
        return bool(self.values or self.identifiers)


class Comparer:
    """Compares rows of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._meaning = Meaning(contract)
        self._fields = tuple((f.name, f.classification == "identifier") for f in showing.fields(contract))

    def difference(
        self, before: Mapping[str, str], columns: Mapping[str, int], given: Mapping[int, Cell]
    ) -> Difference:
        """What differs from ``before``, the values the file showed. A column that is gone was not touched.

        :raises Unreadable: for a cell that was changed and whose value is lost
        """
        changed: dict[str, Cell] = {}
        emptied: list[str] = []
        for name, is_identifier in self._fields:
            place = columns.get(name)
            if place is None:
                continue
            cell, was = _value(given.get(place)), "" if is_identifier else before.get(name, "")
            text = _tidy(shown(cell))
            if text == _tidy(was) or (text and was and is_rendition(was, cell)):
                continue
            if cell is not None and text:
                changed[name] = cell
            else:
                emptied.append(name)
        read = self._meaning.values(changed)[0] if changed else {}
        values: dict[str, str | None] = dict.fromkeys(emptied)
        identifiers: dict[str, str] = {}
        for name, is_identifier in self._fields:
            value = read.get(name)
            if value is None or value == before.get(name):
                continue
            if is_identifier:
                identifiers[name] = value
            else:
                values[name] = value
        return Difference(values, identifiers)


def is_rendition(was: str, cell: Cell | None) -> bool:
    """Whether a cell shows nothing but what a spreadsheet program makes of ``was``."""
    text = _tidy(shown(cell))
    if isinstance(cell, Moment):
        return _MIDNIGHT.sub("", text) == _MIDNIGHT.sub("", was)
    if text.casefold() == was.casefold() and text.casefold() in ("true", "false"):
        return True
    if was.isdigit() and was.isascii():
        return _is_shortened(was, text)
    if _NUMBER.fullmatch(was) and _NUMBER.fullmatch(text):
        return decimal.Decimal(was) == decimal.Decimal(text)
    if (day := _DAY.fullmatch(was)) is not None:
        return _day(text) == tuple(map(int, day.groups()))
    return not was.isascii() and was.encode("gbk", "replace").decode("gbk") == text


def _is_shortened(was: str, text: str) -> bool:
    """Digits without their zeros in front, with zeros for their last ones, or as 3.30E+17."""
    if (written := _EXPONENT.fullmatch(text)) is not None:
        first, decimals, exponent = written[1], written[2] or "", int(written[3])
        bare = was.lstrip("0")
        if len(bare) != exponent + 1 or len(decimals) > exponent:
            return False
        step: int = 10 ** (exponent - len(decimals))
        return 2 * abs(int(first + decimals) * step - int(bare)) <= step
    if not (text.isdigit() and text.isascii()):
        return False
    bare = was.lstrip("0") or "0"
    return text in (bare, bare[:_EXACT_DIGITS] + "0" * (len(bare) - _EXACT_DIGITS)) and text != was


def _day(text: str) -> tuple[int, ...] | None:
    plain = _MIDNIGHT.sub("", text)
    if (found := _DAY.fullmatch(plain)) is not None:
        return tuple(map(int, found.groups()))
    if (found := _DAY_LAST_YEAR.fullmatch(plain)) is not None:
        month, day, year = map(int, found.groups())
        return year, month, day
    return None


def _value(cell: Cell | None) -> Cell | None:
    return cells.unmarked(cell) if isinstance(cell, str) else cell


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
