"""Turns what a cell holds into a value of the contract, where it can mean only one thing, and says what was put right.

Cells come from workbooks with their types, or from text files as text; the same words mean the same in both. What
cannot be read one way only is handed on as it stands, for the contract or a rule to set aside. A value of which a
spreadsheet program has thrown a part away is never guessed: :class:`Unreadable` says which field.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping

from connectors.sources import words
from connectors.sources.base import Repair
from connectors.sources.spreadsheet import dates
from connectors.sources.spreadsheet.cells import EXACT_BELOW, Cell, Fault, Flag, Moment, Number, shown
from connectors.sources.words import FieldWords
from pipeline.contracts import Contract, Field

LOST_ID = "reader.id_lost_in_spreadsheet"
_EXPONENT = re.compile(r"[+-]?\d(\.\d+)?[Ee]\+?\d{1,3}")
_WRITTEN_EXPONENT = re.compile(r"\d(\.\d+)?[Ee]\+\d{1,3}")
_TEXT_MARKER = re.compile(r"""="(?P<quoted>[^"]*)"|['‘’](?P<marked>[^'‘’]+|[=+@-].*)""", re.DOTALL)
_DATE = re.compile(r"(\d{4})[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})日?(?:[T ]+0{1,2}:00(?::00(?:\.0+)?)?)?")
_COMPACT_DATE = re.compile(r"((?:18|19|20)\d{2})(\d{2})(\d{2})")
_SERIAL = re.compile(r"[1-5]\d{4}(\.0+)?")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_AGREED = frozenset({"是", "否", "1", "0", "true", "false"})
_MIDNIGHT = "T00:00:00"
_NUMERIC = frozenset({"integer", "bigint", "numeric", "double precision"})


class Unreadable(Exception):
    """A cell whose value is lost: an error, a formula without a value, an id that became a number."""

    def __init__(self, field: str, rule_id: str) -> None:
        self.field, self.rule_id = field, rule_id
        super().__init__(f"{field}: {rule_id}")


class Meaning:
    """Reads the cells of one table's rows by its contract and its words."""

    def __init__(self, contract: Contract, *, is_1904: bool | None = None, strict: bool = False) -> None:
        """``is_1904`` is None for files that do not say from when their days count; ``strict`` takes no other words."""
        described = words.of(contract)
        self._is_1904, self._strict = is_1904, strict
        self._office = words.office()
        self._fields = tuple(
            (f.name, _reader(self, f, described[f.name])) for f in contract.fields if f.classification != "dropped"
        )
        self._found: list[Repair] = []

    def values(self, cells: Mapping[str, Cell]) -> tuple[dict[str, str | None], tuple[Repair, ...]]:
        """Values of a row by field, None where there is no cell, and what was put right.

        :raises Unreadable: for the first field whose value is lost
        """
        self._found = []
        values: dict[str, str | None] = {}
        for name, read in self._fields:
            cell = cells.get(name)
            if isinstance(cell, Fault):
                raise Unreadable(name, cell.rule_id)
            values[name] = None if cell is None else read(cell)
        return values, tuple(self._found)

    def told(self, code: str, field: Field, value: str) -> str:
        """The value, and that it was put right; a strict sender's stays as it is and is judged so."""
        self._found.append(Repair(code, field.name))
        return value

    def date(self, field: Field, cell: Cell) -> str | None:
        """A day as YYYY-MM-DD."""
        if isinstance(cell, Moment):
            return cell.text.removesuffix(_MIDNIGHT) if cell.text.endswith(_MIDNIGHT) else self._day(field, cell.text)
        text = shown(cell).strip()
        if not text or self._strict or _is_day(text):
            return text or None
        plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).strip().lstrip("'")
        written = _DATE.fullmatch(plain) or _COMPACT_DATE.fullmatch(plain)
        if written and (day := _day(*written.groups()[:3])):
            return self.told("repair.date_format", field, day)
        if _SERIAL.fullmatch(plain) and self._is_1904 is not None:
            day = dates.moment(float(plain), is_1904=self._is_1904)
            return text if day is None else self.told("repair.date_serial", field, day)
        return text

    def _day(self, field: Field, moment: str) -> str:
        day, _, time = moment.partition("T")
        return self.told("repair.time_of_day", field, day) if time and not self._strict else moment

    def flag(self, field: Field, cell: Cell) -> str | None:
        """``true`` or ``false``."""
        if isinstance(cell, Flag):
            return "true" if cell.value else "false"
        text = shown(cell).strip()
        if text in ("", "true", "false") or self._strict:
            return text or None
        spoken = unicodedata.normalize("NFKC", text).strip().casefold()
        for said, value in ((self._office.yes, "true"), (self._office.no, "false")):
            if spoken in said:
                # the words of the template's list, and how programs write the same
                return value if spoken in _AGREED else self.told("repair.yes_no_word", field, value)
        return text

    def number(self, field: Field, described: FieldWords, cell: Cell) -> str | None:
        """A number without anything around it."""
        if isinstance(cell, Number):
            return self._percent(field, cell.text) if cell.is_percent else cell.text
        text = shown(cell).strip()
        if not text or self._strict or _NUMBER.fullmatch(text):
            return text or None
        plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).strip()
        code = None if plain == text else "repair.full_width"
        if marked := _TEXT_MARKER.fullmatch(plain):
            plain, code = (marked["quoted"] or marked["marked"] or "").strip(), "repair.text_marker"
        bare = plain.lstrip("¥￥").strip()
        for unit in described.units:
            if bare.casefold().endswith(unit):
                bare = bare[: -len(unit)].strip()
                break
        if bare != plain:
            plain, code = bare, "repair.unit"
        if _THOUSANDS.fullmatch(plain):
            plain, code = plain.replace(",", ""), "repair.thousands_separator"
        if plain.endswith("%") and _NUMBER.fullmatch(plain[:-1]):
            return plain[:-1] if field.column.endswith("_pct") else text
        return self.told(code, field, plain) if code and _NUMBER.fullmatch(plain) else text

    def _percent(self, field: Field, text: str) -> str:
        """A cell shown as 50% holds 0.5; it is that number only in a column of ratios, 50 in one of per cents."""
        if field.column.endswith("_pct"):
            return f"{float(text) * 100:.10g}"
        return text if field.column.endswith("_ratio") else f"{float(text) * 100:.10g}%"

    def code(self, field: Field, described: FieldWords, cell: Cell) -> str | None:
        """A code of a list, from the word for it."""
        text = shown(cell).strip()
        if not text or any(text == word.code for word in described.codes):
            return text or None
        meant = described.meant(text)
        if meant is None:
            return self.text(field, described, cell)
        value, is_agreed = meant
        if is_agreed or value == text:
            return value
        return text if self._strict else self.told("repair.code_word", field, value)

    def text(self, field: Field, described: FieldWords, cell: Cell) -> str | None:
        """Text; of an id or code what a spreadsheet program did to it is undone where it can be."""
        if isinstance(cell, Number):
            return self._number_as_text(field, described, cell)
        if isinstance(cell, Moment) and field.key_position is not None:
            raise Unreadable(field.name, LOST_ID)
        text = shown(cell).strip()
        if not text or self._strict:
            return text or None
        if not text.isascii():
            narrow = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).strip()
            if narrow.isascii() and narrow:
                text = self.told("repair.full_width", field, narrow)
        if text[0] in "='‘’" and (marked := _TEXT_MARKER.fullmatch(text)):
            text = self.told("repair.text_marker", field, (marked["quoted"] or marked["marked"] or "").strip())
        if "+" in text and _WRITTEN_EXPONENT.fullmatch(text):
            raise Unreadable(field.name, LOST_ID)
        return self._filled(field, described, text) or None

    def _number_as_text(self, field: Field, described: FieldWords, cell: Number) -> str:
        if abs(float(cell.text)) >= EXACT_BELOW:
            raise Unreadable(field.name, LOST_ID)
        if len(cell.text) < cell.digits and cell.text.isdigit():
            return self.told("repair.leading_zeros", field, cell.text.zfill(cell.digits))
        return self._filled(field, described, cell.text)

    def _filled(self, field: Field, described: FieldWords, text: str) -> str:
        wanted = described.filled
        if wanted and len(text) < wanted and text.isascii() and text.isdigit() and not self._strict:
            return self.told("repair.leading_zeros", field, text.zfill(wanted))
        return text


def _reader(meaning: Meaning, field: Field, described: FieldWords) -> Callable[[Cell], str | None]:
    if field.pg_type == "date":
        return lambda cell: meaning.date(field, cell)
    if field.pg_type == "boolean":
        return lambda cell: meaning.flag(field, cell)
    if field.pg_type in _NUMERIC:
        return lambda cell: meaning.number(field, described, cell)
    if described.codes or described.patterns:
        return lambda cell: meaning.code(field, described, cell)
    return lambda cell: meaning.text(field, described, cell)


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == text[7] == "-" and text.isascii()


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
