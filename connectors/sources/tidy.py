"""Repairs what has only one meaning in a single cell, and says so: each repair is named and counted.

=================================  =====================================================================================
``repair.invisible_characters``    zero-width and direction marks, byte order marks in the middle: taken out
``repair.spaces``                  no-break, ideographic and other wide spaces inside a value become plain spaces
``repair.unicode_form``            letters written as letter plus accent (NFD) are put together (NFC)
``repair.full_width``              full-width letters, digits, signs become ordinary ones, in codes, numbers and dates
``repair.thousands_separator``     ``1,234,567`` becomes ``1234567``; ``1,234`` too where the column holds whole numbers
                                   (in a column of decimals it might be 1.234, so there it stays and is set aside)
``repair.text_marker``             ``="0012"`` and ``'0012``, as spreadsheets keep zeros in front, become ``0012``
``repair.name_dot``                the dots of names (``•``, ``・``, ``‧``, ``∙``, ``⋅``, ``･``) become the ``·`` of the
                                   standard; full stops stay, for they also mark an initial
=================================  =====================================================================================

Ordinary text keeps its full-width characters: there they are how Chinese is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from connectors.sources.base import Repair
from connectors.sources.garbled import GARBLED_STARTS
from pipeline.contracts import Contract, Field

Kind = Literal["whole", "decimal", "code", "name", "text"]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u0085]")
ODD_CHARACTER = re.compile(
    "[\u0080-\u00ff\u0300-\u036f\u1100-\u11ff\u1680\u2000-\u200f\u2022\u2027-\u202f\u205f-\u2069\u2212\u2219\u22c5"
    "\u3000\u3099\u309a\u30fb\uf900-\ufaff\ufeff\uff01-\uff65\ufffd" + GARBLED_STARTS + "]"
)
"""Whatever is repaired or shows a spoilt text has one of these; one search spares every other row the rest."""
_DOTS = re.compile("(?<=\\w)[\u2022\u2027\u2219\u22c5\u30fb\uff65](?=\\w)")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2212: ord("-"), 0x3000: ord(" ")}
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?P<groups>(?:,\d{3})+)(?P<decimals>\.\d+)?")
_TEXT_MARKER = re.compile(r"""="(?P<quoted>[^"]*)"|'(?P<marked>\d[^']*)""")
_LOST_ID = re.compile(r"\d(\.\d+)?[Ee]\+\d{2}")
_KINDS: dict[str, Kind] = {"integer": "whole", "bigint": "whole", "numeric": "decimal", "double precision": "decimal"}
_NAMES = frozenset({"full_name", "given_name", "family_name"})
_CODE_ENDINGS = ("_code", "_id", "_no", "_number", "uscc", "identifier")


def kind_of(field: Field) -> Kind:
    """What a field holds, as far as repairs go."""
    if field.pg_type != "text":
        return _KINDS.get(field.pg_type, "code")
    if field.identifier in _NAMES:
        return "name"
    held = field.key_position is not None or field.reference or field.identifier or field.linkage
    return "code" if held or field.column.endswith(_CODE_ENDINGS) else "text"


class Tidier:
    """Repairs the cells of one table's rows; knows from the contract which columns hold what."""

    def __init__(self, contract: Contract) -> None:
        self._kinds = {field.name: kind_of(field) for field in contract.fields}
        self._numbers = tuple(name for name, kind in self._kinds.items() if kind in ("whole", "decimal"))
        self._codes = tuple(name for name, kind in self._kinds.items() if kind == "code")
        self._ids = tuple(
            field.name
            for field in contract.fields
            if field.pg_type == "text" and (field.key_position or field.reference or field.identifier)
        )

    def repaired(self, values: dict[str, str | None], text: str) -> list[Repair]:
        """Repair a row's values in place; ``text`` is the record as it stands in the file."""
        found: list[Repair] = []
        if not text.isascii():
            found.extend(self._characters(values))
        if '="' in text or "'" in text:
            found.extend(self._text_markers(values))
        if "," in text or "，" in text:
            found.extend(self._thousands(values))
        return found

    def lost_id(self, values: dict[str, str | None], text: str) -> str | None:
        """Field whose id a spreadsheet turned into a number like 3.30E+17, of which the last digits are gone."""
        if "E+" not in text:
            return None
        return next((n for n in self._ids if (value := values.get(n)) and _LOST_ID.fullmatch(value.strip())), None)

    def _characters(self, values: dict[str, str | None]) -> Iterator[Repair]:
        for name, value in values.items():
            if value is None or value.isascii():
                continue
            tidied, codes = _characters(value, self._kinds.get(name, "text"))
            if codes:
                values[name] = tidied or None
                yield from (Repair(code, name) for code in codes)

    def _thousands(self, values: dict[str, str | None]) -> Iterator[Repair]:
        for name in self._numbers:
            value = values.get(name)
            if value is None or "," not in value or not (found := _THOUSANDS.fullmatch(value.strip())):
                continue
            if self._kinds[name] == "whole" or found["decimals"] or found["groups"].count(",") > 1:
                values[name] = value.strip().replace(",", "")
                yield Repair("repair.thousands_separator", name)

    def _text_markers(self, values: dict[str, str | None]) -> Iterator[Repair]:
        for name in (*self._codes, *self._numbers):
            value = values.get(name)
            if value and (found := _TEXT_MARKER.fullmatch(value.strip())):
                values[name] = found["quoted"] or found["marked"] or None
                yield Repair("repair.text_marker", name)


def without_invisible(text: str) -> str:
    """The text without zero-width and direction marks."""
    return _INVISIBLE.sub("", text)


def _characters(value: str, kind: Kind) -> tuple[str, list[str]]:
    codes = []
    if _INVISIBLE.search(value):
        value = _INVISIBLE.sub("", value)
        codes.append("repair.invisible_characters")
    if not unicodedata.is_normalized("NFC", value):
        value = unicodedata.normalize("NFC", value)
        codes.append("repair.unicode_form")
    value = value.strip()
    if _SPACES.search(value):
        value = _SPACES.sub(" ", value)
        codes.append("repair.spaces")
    if kind not in ("text", "name") and (narrow := value.translate(_WIDE)) != value:
        value = narrow
        codes.append("repair.full_width")
    if kind == "name" and _DOTS.search(value):
        value = _DOTS.sub("·", value)
        codes.append("repair.name_dot")
    return value, codes
