"""Takes a text file apart into records, whatever parts its columns: nothing held but the current record.

A quote may span ``MOST_LINES`` lines; one that is still open then, or that ends in the middle of a field, costs its own
line and no other. Lines without anything on them are no records.
"""

from __future__ import annotations

import csv
import io
import re
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from connectors.sources.base import Repair
from connectors.sources.package import Member
from connectors.sources.text_form import TextForm, examine, reading

MOST_LINES = 64
"""Lines one record may span; a quoted field with more line breaks is taken for a quote no one closed."""
_MOST_TITLES = 5
_LOOKED_AT = 100
_SEPARATORS = ",;\t|，"
_SEPARATOR_LINE = re.compile(r'"?sep=(?P<mark>.)"?\s*', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_TOTALS = frozenset({"合计", "总计", "小计", "共计", "总数", "total", "totals", "subtotal", "grandtotal", "sum"})
LABELS_OF_NO_RECORD = frozenset(
    written + colon
    for label in _TOTALS | {"grand total", "合 计", "总 计", "小 计", "合  计"}
    for written in (label, label.capitalize(), label.upper(), label.title())
    for colon in ("", ":", "：")
) | {"", " "}
"""A first cell with which :func:`no_record` may find something; one look-up for every other row."""
_NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?%?")

Piece = tuple[int, list[str] | None, list[str]]
"""Line a record begins on, its fields (None where quotes made the line unreadable), and its text line by line."""


@dataclass(frozen=True)
class Layout:
    """How a file is written and where its header stands; ``header`` is None where it cannot be read."""

    form: TextForm
    delimiter: str = ","
    before: int = 0
    """records above the header"""
    header: list[str] | None = None
    header_line: int = 1
    has_rows: bool = False
    """records below the header; where there is no header, whether there is anything at all"""
    repairs: tuple[Repair, ...] = ()


class _OpenQuoteError(Exception):
    """A quoted field goes on for longer than any we believe in."""


_LAYOUTS: weakref.WeakKeyDictionary[Member, Layout] = weakref.WeakKeyDictionary()


def layout_of(member: Member) -> Layout:
    """Layout of a file; it is found out once, by reading the file through.

    :raises BadInput: what :func:`~connectors.sources.text_form.examine` refuses
    """
    if member not in _LAYOUTS:
        _LAYOUTS[member] = _found_out(member)
    return _LAYOUTS[member]


def split(member: Member, form: TextForm, delimiter: str) -> Iterator[Piece]:
    """All records of a file, header and all, in its order. A record's text is valid until the next is asked for."""
    with reading(member) as raw:
        if form.skip:
            raw.read(form.skip)
        buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw, 2**16)  # type: ignore[type-var]
        text = io.TextIOWrapper(buffered, encoding=form.encoding, errors=form.errors, newline="")
        yield from _split_text(text, delimiter)


def no_record(fields: Sequence[str], header: Sequence[str]) -> str | None:
    """Repair to note where a line is none of the table's: empty cells, the header once more, a line of totals."""
    if fields == header:
        return "repair.repeated_header"
    filled = [text for field in fields if (text := field.strip())]
    if not filled:
        return "repair.empty_row"
    label = "".join(filled[0].split()).strip(":：").lower()
    if label in _TOTALS and len(filled) > 1 and all(_NUMBER.fullmatch(text) for text in filled[1:]):
        return "repair.total_row"
    return None


def _found_out(member: Member) -> Layout:
    form = examine(member)
    repairs = [Repair("repair.encoding")] if form.encoding != "utf-8" else []
    if member.sender.strict:
        first = [(begin, fields) for begin, fields, _ in islice(split(member, form, ","), 2)]
        begin, header = first[0] if first else (1, None)
        return Layout(form, ",", 0, header, begin, len(first) > (header is not None))
    delimiter, is_said = _delimiter(member, form)
    if is_said:
        repairs.append(Repair("repair.separator_line"))
    if delimiter != ",":
        repairs.append(Repair("repair.delimiter"))
    records = [(begin, fields) for begin, fields, _ in islice(split(member, form, delimiter), 2 + _MOST_TITLES)]
    before = 1 if is_said else 0
    titles = _titles([fields for _, fields in records[before:]])
    if titles:
        repairs.append(Repair("repair.title_row", rows=titles))
    before += titles
    if before >= len(records):
        return Layout(form, delimiter, repairs=tuple(repairs))
    begin, header = records[before]
    if header is None:
        return Layout(form, delimiter, before, None, begin, has_rows=True)
    below = [fields for _, fields, _ in islice(split(member, form, delimiter), before + 1, before + 1 + _LOOKED_AT)]
    if extra := _empty_columns(header, below):
        header = header + [""] * extra
        repairs.append(Repair("repair.trailing_cells"))
    has_rows = any(fields is None or no_record(fields, header) is None for fields in below)
    return Layout(form, delimiter, before, header, begin, has_rows or len(below) == _LOOKED_AT, tuple(repairs))


def _empty_columns(header: list[str], below: list[list[str] | None]) -> int:
    """How many cells every row has behind the last column, all empty. In a single row they may mean a stray comma."""
    width = len(header)
    whole = [fields for fields in below if fields is not None]
    extra = min((len(fields) for fields in whole), default=width) - width
    if extra <= 0 or any(len(fields) != width + extra or any(fields[width:]) for fields in whole):
        return 0
    return extra


def _titles(records: list[list[str] | None]) -> int:
    """How many lines stand above the header: lines of one filled cell above a line of several."""
    widths = [0 if fields is None else sum(1 for field in fields if field.strip()) for fields in records]
    header = next((at for at, width in enumerate(widths) if width > 1), 0)
    return header if all(width == 1 for width in widths[:header]) else 0


def _delimiter(member: Member, form: TextForm) -> tuple[str, bool]:
    """What parts the columns, and whether a first line ``sep=`` says so."""
    lines = []
    with reading(member) as raw:
        start = raw.read(form.skip + 2**16)[form.skip :].decode(form.encoding, "replace")
        lines = [line for line in start.splitlines() if line.strip()][: 1 + _MOST_TITLES]
    if lines and (said := _SEPARATOR_LINE.fullmatch(lines[0])):
        return said["mark"], True
    best = ","
    most = max((_QUOTED.sub("", line).count(best) for line in lines[:1]), default=0)
    for mark in _SEPARATORS:
        count = max((_QUOTED.sub("", line).count(mark) for line in lines[: 1 if most else None]), default=0)
        if count > most:
            best, most = mark, count
    return best, False


def _split_text(text: io.TextIOWrapper, delimiter: str) -> Iterator[Piece]:
    line = 0
    ahead: deque[str] = deque()
    while True:
        held: list[str] = []
        try:
            for fields in csv.reader(_lines(text, ahead, held), delimiter=delimiter, strict=True):
                if len(fields) > 1 or (fields and fields[0].strip()):
                    yield line + 1, fields, held
                line += len(held)
                held.clear()
        except (csv.Error, _OpenQuoteError):
            yield line + 1, None, held[:1]
            line += 1
            ahead.extendleft(reversed(held[1:]))
        else:
            return


def _lines(text: io.TextIOWrapper, ahead: deque[str], held: list[str]) -> Iterator[str]:
    while ahead:
        held.append(ahead.popleft())
        if len(held) > MOST_LINES:
            raise _OpenQuoteError
        yield held[-1]
    for line in text:
        held.append(line)
        if len(held) > MOST_LINES:
            raise _OpenQuoteError
        yield line
