"""What a cell may hold, the same for every kind of workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

UNCALCULATED, ERROR = "reader.formula_without_value", "reader.error_cell"


class Number(NamedTuple):
    """A number as the file holds it: whole ones without a decimal part, and only those too long with an exponent."""

    text: str
    is_percent: bool = False
    digits: int = 0
    """digits it is shown with, where the cell's format fills up with zeros (``00012``)"""


class Moment(NamedTuple):
    """A date, ISO 8601, or a date with a time."""

    text: str


class Flag(NamedTuple):
    """True or false."""

    value: bool


class Fault(NamedTuple):
    """A cell without a value of its own: an error, or a formula no one has calculated."""

    rule_id: str
    shown: str


Cell = str | Number | Moment | Flag | Fault
"""A plain text is a ``str`` that is never empty; a cell with nothing in it is not there."""


class SheetRow(NamedTuple):
    """One row; ``number`` and columns as the sheet counts, rows from 1 and columns from 0."""

    number: int
    cells: Mapping[int, Cell]
    filled: frozenset[int] = frozenset()
    """columns whose value stands in a cell above that was merged over this row"""


class Span(NamedTuple):
    """Cells merged into one, over several rows; rows from 1, columns from 0, ends included."""

    first_row: int
    last_row: int
    column: int


def reference(column: int, row: int) -> str:
    """Name of a cell, like C5."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def column_of(letters: str) -> int:
    """Column of its letters, from 0."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def shown(cell: Cell | None) -> str:
    """A cell as text, for the header, for raw rows and for recognising what is no record."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Flag):
        return "TRUE" if cell.value else "FALSE"
    return cell.shown if isinstance(cell, Fault) else cell.text


def number(value: float, *, is_percent: bool = False, digits: int = 0, raw: str | None = None) -> Number:
    """A number in its shortest exact writing; ``raw`` is what the file says, kept where digits may have been lost."""
    if value == int(value) and abs(value) < EXACT_BELOW:
        return Number(str(int(value)), is_percent, digits)
    return Number(raw if raw is not None and abs(value) >= EXACT_BELOW else repr(value), is_percent, digits)


EXACT_BELOW = 10**15
"""Spreadsheet programs keep fifteen digits and fill up with zeros; longer whole numbers have lost their end."""
