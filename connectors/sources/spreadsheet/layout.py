"""Finds the table in a sheet: which rows are its header, and which rows below are no records.

Above the header may stand titles, merged or not; the header may take two rows, groups above columns. Below the records
may stand totals, remarks and signatures; between them the header once more, from printing. None of these is a record,
and each that is left out is told.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.sources import words
from connectors.sources.base import Repair
from connectors.sources.spreadsheet.book import Sheet
from connectors.sources.spreadsheet.cells import Cell, SheetRow, shown
from pipeline.contracts import Contract

HEADER_WITHIN = 40
"""Rows with something in them among which the header must be."""
LEAST_COLUMNS = 2
_LONGEST_TITLE = 256


@dataclass(frozen=True)
class Fit:
    """A sheet read as a table of one contract."""

    sheet: Sheet
    contract: Contract
    header_row: int
    """last row of the header"""
    columns: Mapping[str, int]
    """column of each field that was found"""
    titles: Mapping[int, str]
    """of every column: the field's name, or for a column no one asked for its title as it stands"""
    header: frozenset[str]
    """words of the header, to know it when it comes again"""
    doubled: str | None
    """a field that two columns claim"""
    repairs: tuple[Repair, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields without a column."""
        return tuple(f.name for f in self.contract.fields if f.required and f.name not in self.columns)


def fit(sheet: Sheet, contract: Contract) -> Fit | None:
    """The best reading of a sheet as a table of a contract, or None where no row looks like its header."""
    rows = list(itertools.islice(sheet.rows(), HEADER_WITHIN))
    known = words.columns(contract)
    best: tuple[int, int, int] = (0, 0, 0)
    chosen: tuple[list[SheetRow], dict[int, list[str]]] | None = None
    for position, row in enumerate(rows):
        for lines in (1, 2):
            header = rows[position : position + lines]
            if len(header) < lines or header[-1].number != row.number + lines - 1:
                continue
            candidates = _one_line(row) if lines == 1 else _two_lines(*header)
            score = len({named for column in candidates.values() if (named := _named(column, known))})
            if (score, -lines, -position) > best:
                best, chosen = (score, -lines, -position), (header, candidates)
    if chosen is None or best[0] < LEAST_COLUMNS:
        return None
    header, candidates = chosen
    above = sum(row.number < header[0].number for row in rows)
    return _fit(sheet, contract, header, candidates, above)


def _fit(
    sheet: Sheet, contract: Contract, header: Sequence[SheetRow], candidates: Mapping[int, list[str]], above: int
) -> Fit:
    known = words.columns(contract)
    columns: dict[str, int] = {}
    agreed: dict[str, bool] = {}
    doubled: str | None = None
    repairs = [Repair("repair.title_row", rows=above)] if above else []
    for column, names in candidates.items():
        named = _named(names, known)
        if named is None:
            repairs.append(Repair("note.column_not_read"))
            continue
        name, is_agreed = named
        if name in columns and agreed[name] == is_agreed:
            doubled = name
        if name not in columns or (is_agreed and not agreed[name]):
            columns[name], agreed[name] = column, is_agreed
    repairs.extend(Repair("repair.header_name", name) for name, is_agreed in agreed.items() if not is_agreed)
    if len(header) > 1:
        repairs.append(Repair("repair.header_of_two_rows"))
    seen = frozenset(word for names in candidates.values() for word in names)
    titles = {column: _title(cell) for column, cell in header[-1].cells.items()}
    titles.update((column, name) for name, column in columns.items())
    return Fit(sheet, contract, header[-1].number, columns, titles, seen, doubled, tuple(repairs))


def _one_line(row: SheetRow) -> dict[int, list[str]]:
    return {column: words.header_words(_title(cell)) for column, cell in row.cells.items() if _title(cell)}


def _two_lines(upper: SheetRow, lower: SheetRow) -> dict[int, list[str]]:
    """Header words of columns under groups; a group stands over its first column and those right of it without one."""
    candidates: dict[int, list[str]] = {}
    group = ""
    for column in range(max((*upper.cells, *lower.cells)) + 1):
        own, sub = _title(upper.cells.get(column)), _title(lower.cells.get(column))
        group = own or group
        if sub and sub != own:
            candidates[column] = [*words.header_words(sub), words.loose(group + sub), words.loose(sub + group)]
        elif own:
            candidates[column] = words.header_words(own)
    return {column: names for column, names in candidates.items() if names}


def _named(names: Sequence[str], known: Mapping[str, tuple[str, bool]]) -> tuple[str, bool] | None:
    return next((known[name] for name in names if name in known), None)


def _title(cell: Cell | None) -> str:
    return shown(cell).strip() if isinstance(cell, str) and len(cell) <= _LONGEST_TITLE else ""


class Sieve:
    """Tells records from what stands between and below them."""

    def __init__(self, found: Fit) -> None:
        self._fit = found
        self._keys = tuple(found.columns[f.name] for f in found.contract.key_fields if f.name in found.columns)
        self._read = frozenset(found.columns.values())
        self._office = words.office()

    def records(self) -> Iterator[SheetRow | Repair]:
        """The rows that are records, and a repair for each that was left out; rows with nothing in them just go."""
        for row in self._fit.sheet.rows():
            if row.number <= self._fit.header_row:
                continue
            own = [column for column in row.cells if column not in row.filled]
            if not own:
                continue
            code = self._no_record(row, own)
            yield row if code is None else Repair(code)

    def _no_record(self, row: SheetRow, own: Sequence[int]) -> str | None:
        """Code of the repair that leaves a row out, or None for a record."""
        filled_keys = sum(column in row.cells and column not in row.filled for column in self._keys)
        if filled_keys == len(self._keys):
            return "repair.repeated_header" if self._is_header(row) else None
        first = unicodedata.normalize("NFKC", "".join(shown(row.cells[min(own)]).split())).casefold()
        if self._office.total.fullmatch(first):
            return "repair.total_row"
        if self._office.remark.fullmatch(first) or not self._read & set(own):
            return "repair.remark_row"
        return "repair.repeated_header" if self._is_header(row) else None

    def _is_header(self, row: SheetRow) -> bool:
        texts = [_title(cell) for column, cell in row.cells.items() if column in self._read]
        return len(texts) >= LEAST_COLUMNS and all(
            text and any(word in self._fit.header for word in words.header_words(text)) for text in texts
        )
