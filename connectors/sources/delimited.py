"""Reads tables from delimited text: what can mean only one thing is repaired and told, what cannot is set aside.

A record that cannot be taken apart is handed on as :class:`Rejected` with its text, and reading goes on with the next
line: nothing is lost, and a file with a hundred bad lines is a hundred rows in quarantine. Only what makes the whole
file doubtful refuses it: no known columns, an encoding that cannot be told, no rows at all.

A strict sender (``tolerance: strict``) gets no repairs: commas, UTF-8 and the agreed column names, or a refusal.

=============================  =========================================================================================
``reader.ragged_row``          another number of fields than the header has
``reader.cut_row``             the last line ends in the middle and without a line end: the file was cut off. Its key
                               may be cut too, so it is taken for unreadable, and a bulk file deletes nothing
``reader.bad_quotes``          a quotation mark that no one closed, or that ends within a field
``reader.bad_encoding``        bytes that do not fit the file's encoding
``reader.garbled_text``        text spoilt before it reached us (:mod:`connectors.sources.garbled`)
``reader.nul_bytes``           NUL bytes, as a torn disk leaves them
``reader.id_lost_in_spreadsheet``  an id a spreadsheet turned into 3.30E+17; its last digits are gone
=============================  =========================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from connectors.sources import splitting
from connectors.sources.base import Rejected, Repair, Row
from connectors.sources.headers import clean, complaint, loosely
from connectors.sources.package import Member
from connectors.sources.splitting import MOST_LINES, layout_of, split
from connectors.sources.spoilt import oddity, raw_of, spoilt
from connectors.sources.text_form import LONGEST_LINE, TextForm
from connectors.sources.tidy import Tidier
from pipeline.contracts import Contract

__all__ = [
    "LONGEST_LINE",
    "MOST_LINES",
    "Heading",
    "Record",
    "first_record",
    "heading",
    "picker",
    "rows",
    "tidied_rows",
]

RAGGED, BAD_QUOTES, CUT = "reader.ragged_row", "reader.bad_quotes", "reader.cut_row"
LOST_ID = "reader.id_lost_in_spreadsheet"
_AN_ID = re.compile(r"[0-9A-Za-z._/@:-]{1,64}")

Record = tuple[int, list[str]]
"""Line a record begins on, and its fields."""
Taken = tuple[int, list[str], str, tuple[Repair, ...]]
"""The same, with its text (empty where there is nothing in it to repair) and what was repaired so far."""
Tidied = tuple[Row, list[str]]
"""A row and the fields it was made from."""
Finish = Callable[[Row, list[str]], Row]


@dataclass(frozen=True)
class Heading:
    """Which columns a file has; ``columns`` are contract names where a column is known, else as written."""

    member: Member
    columns: tuple[str, ...]
    key: tuple[str, ...]
    repairs: tuple[Repair, ...] = ()
    """of the file as a whole"""

    def position(self, column: str) -> int | None:
        """Where a column stands, or None."""
        return self.columns.index(column) if column in self.columns else None

    def records(self) -> Iterator[Record | Rejected]:
        """All records below the header, in the file's order, their cells as they are written."""
        for taken in self.taken_apart():
            if isinstance(taken, Rejected):
                yield taken
            elif not isinstance(taken, Repair):
                yield taken[0], taken[1]

    def taken_apart(self) -> Iterator[Taken | Rejected | Repair]:
        """All records; a :class:`Repair` stands for a line that is no record (a total, the header once more)."""
        layout, width, lenient = layout_of(self.member), len(self.columns), not self.member.sender.strict
        form, header = layout.form, layout.header or []
        lines = split(self.member, form, layout.delimiter)
        for _ in range(layout.before + 1):
            next(lines, None)
        suspects = splitting.LABELS_OF_NO_RECORD | set(header[:1]) if lenient else frozenset()
        is_odd, may_be_odd = oddity(form), not form.is_ascii or form.has_marks or form.has_nul
        commas = width if layout.delimiter == "," else 1
        none: tuple[Repair, ...] = ()
        for begin, fields, text in lines:
            if fields is None:
                yield self._unreadable(begin, text, form)
                continue
            record = text[0] if len(text) == 1 else "".join(text)
            odd = may_be_odd and is_odd(record)
            if odd and (reason := spoilt(record, form)):
                yield Rejected(begin, raw_of(record, form), reason, self.hint(fields))
                continue
            if fields[0] in suspects and (code := splitting.no_record(fields, header)):
                yield Repair(code)
                continue
            repairs = none
            if len(fields) != width:
                if not lenient or len(fields) > width or any(self.columns[len(fields) :]):
                    yield self._ragged(begin, fields, record)
                    continue
                fields = fields + [""] * (width - len(fields))  # the columns it lacks have no name
                repairs = (Repair("repair.trailing_cells"),)
            yield begin, fields, record if odd or record.count(",") >= commas else "", repairs

    def _unreadable(self, begin: int, text: list[str], form: TextForm) -> Rejected:
        return Rejected(begin, raw_of("".join(text), form), CUT if _is_cut(text[-1]) else BAD_QUOTES, None)

    def _ragged(self, begin: int, fields: list[str], record: str) -> Rejected:
        if _is_cut(record) and len(fields) < len(self.columns):
            return Rejected(begin, record, CUT, None)
        return Rejected(begin, record, RAGGED, self.hint(fields))

    def hint(self, fields: list[str]) -> str | None:
        """The record id as it stands in the file, where all of its key can be read."""
        positions = [self.columns.index(column) for column in self.key]
        if not positions or max(positions) >= len(fields):
            return None
        parts = [fields[position] for position in positions]
        return "|".join(parts) if all(_AN_ID.fullmatch(part) for part in parts) else None


def heading(
    member: Member, contract: Contract, *, required: Collection[str], aliases: Mapping[str, str] | None = None
) -> Heading:
    """Read and check the header of a file, and that at least one record follows.

    ``aliases`` are other names of a column (misspellings, Chinese headers), taken only where the right one is not
    there. A lenient sender may also write names in another case, with spaces or in full width.

    :raises BadInput: naming the file and the column that is missing or doubled
    """
    header, layout = first_record(member), layout_of(member)
    columns = tuple(header)
    known = [field.name for field in contract.fields]
    if aliases:
        columns = tuple(aliases[c] if c in aliases and aliases[c] not in columns else c for c in columns)
    if not member.sender.strict:
        columns = loosely(columns, known, aliases or {})
    named = [Repair("repair.header_name", now) for was, now in zip(header, columns, strict=True) if was != now]
    for column in columns:
        if column in known and columns.count(column) > 1:
            raise member.bad(
                f"the column {column} is there twice",
                code="refused.doubled_column",
                line=layout.header_line,
                advice="Keep one of them.",
            )
    missing = [field.name for field in contract.fields if field.name in required and field.name not in columns]
    if missing:
        raise member.bad(
            complaint(missing, header),
            code="refused.missing_column",
            line=layout.header_line,
            advice="The header must name the columns as agreed.",
        )
    key = tuple(field.name for field in contract.key_fields if field.name in columns)
    whole_key = key if len(key) == len(contract.key_fields) else ()
    return Heading(member, columns, whole_key, (*member.repairs, *layout.repairs, *named))


def first_record(member: Member) -> list[str]:
    """Header of a file that has one and at least one record below it."""
    layout = layout_of(member)
    if layout.header is None:
        if layout.has_rows:
            raise member.bad(
                "a quotation mark in the header is never closed",
                code="refused.broken_header",
                line=1,
                advice="Export it again.",
            )
        raise member.bad("the file is empty", code="refused.empty_file", advice="Export it again, or leave it out.")
    if not layout.has_rows:
        raise member.bad(
            "there is a header and no rows",
            code="refused.no_rows",
            advice="Leave the file out (in OneRoster: declare it absent).",
        )
    if member.sender.strict:
        return [column.strip() for column in layout.header]
    return [clean(column) for column in layout.header]


def picker(
    heading: Heading, contract: Contract, *, missing_tokens: Collection[str], constants: Mapping[str, str] | None = None
) -> Callable[[list[str]], dict[str, str | None]]:
    """Function from a record's fields to values by contract name; ``dropped`` columns are never picked up."""
    wanted = [field.name for field in contract.fields if field.classification != "dropped"]
    present = [name for name in wanted if name in heading.columns]
    absent: dict[str, str | None] = dict.fromkeys(name for name in wanted if name not in present)
    absent.update((name, value) for name, value in (constants or {}).items() if name in absent)
    positions = [heading.columns.index(name) for name in present]
    pick: Callable[[list[str]], tuple[Any, ...]] = itemgetter(*positions)
    if len(positions) == 1:  # itemgetter gives a tuple only for two or more
        pick = itemgetter(slice(positions[0], positions[0] + 1))
    tokens = frozenset(missing_tokens) | {""}

    def values(fields: list[str]) -> dict[str, str | None]:
        picked = pick(fields)
        row: dict[str, str | None] = dict(zip(present, picked, strict=True))
        if not tokens.isdisjoint(picked):
            row = {name: None if value in tokens else value for name, value in row.items()}
        if absent:
            row.update(absent)
        return row

    return values


def rows(
    heading: Heading,
    contract: Contract,
    *,
    missing_tokens: Collection[str] = (),
    constants: Mapping[str, str] | None = None,
    finish: Finish | None = None,
) -> Iterator[Row | Rejected]:
    """All rows of a file, their cells repaired; ``finish`` adds to a row what the source reads from its fields.

    A line that is no record (a total, an empty line, the header once more) is noted on the row before it, or on the
    next where that was set aside.
    """
    values = picker(heading, contract, missing_tokens=missing_tokens, constants=constants)
    return _rows(heading, values, None if heading.member.sender.strict else Tidier(contract), finish)


def tidied_rows(
    heading: Heading, contract: Contract, *, missing_tokens: Collection[str] = ()
) -> Iterator[Tidied | Rejected]:
    """The same, each row with its fields as they are written."""
    values = picker(heading, contract, missing_tokens=missing_tokens)
    return _rows(heading, values, None if heading.member.sender.strict else Tidier(contract), _with_fields)


def _with_fields(row: Row, fields: list[str]) -> Tidied:
    return row, fields


def _rows(
    heading: Heading,
    values: Callable[[list[str]], dict[str, str | None]],
    tidier: Tidier | None,
    finish: Callable[[Row, list[str]], Any] | None,
) -> Iterator[Any]:
    last: Row | None = None  # held back until it is known what follows it
    its_fields: list[str] = []
    notes: tuple[Repair, ...] = ()
    for taken in heading.taken_apart():
        if isinstance(taken, Repair):
            notes = (*notes, taken)
            continue
        if last is not None:
            if notes:
                last, notes = last._replace(repairs=last.repairs + notes), ()
            yield last if finish is None else finish(last, its_fields)
            last = None
        if isinstance(taken, Rejected):
            yield taken
            continue
        line, its_fields, text, repairs = taken
        picked = values(its_fields)
        if text and tidier is not None:
            repairs = (*repairs, *tidier.repaired(picked, text))
            if lost := tidier.lost_id(picked, text):
                yield Rejected(line, text, LOST_ID, heading.hint(its_fields), field=lost)
                continue
        last = Row(line, picked, False, None, repairs)
    if last is not None:
        last = last._replace(repairs=last.repairs + notes)
        yield last if finish is None else finish(last, its_fields)


def _is_cut(record: str) -> bool:
    return not record.endswith(("\n", "\r"))
