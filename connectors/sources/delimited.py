"""Takes comma-separated files apart line by line: nothing held but the current record, nothing lost on the way.

A record that cannot be taken apart is handed on as :class:`Rejected` with its text, and reading goes on with the next
line. That holds for a stray quotation mark too: a quote may span ``MOST_LINES`` lines; one that is still open then, or
that ends in the middle of a field, costs its own line and no other. A file that is not UTF-8 is refused as a whole.
Lines without anything on them are no records.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import IO, Any

from charset_normalizer import from_bytes

from connectors.sources.base import Rejected
from connectors.sources.package import Member
from pipeline.contracts import Contract
from pipeline.errors import BadInput

MOST_LINES = 64
"""Lines one record may span; a quoted field with more line breaks is taken for a quote no one closed."""
LONGEST_LINE = 2**20
RAGGED, BAD_QUOTES = "reader.ragged_row", "reader.bad_quotes"
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_LIKELY_ENCODINGS = ["gb18030", "big5", "cp1252"]
"""What offices here save in; with every encoding allowed, a few Chinese words are as often taken for Korean."""
_AN_ID = re.compile(r"[0-9A-Za-z._/@:-]{1,64}")

Record = tuple[int, list[str]]
"""Line a record begins on, and its fields."""


class _OpenQuoteError(Exception):
    """A quoted field goes on for longer than any we believe in."""


@dataclass(frozen=True)
class Heading:
    """Which columns a file has; ``columns`` are contract names where a column is known, else as written."""

    member: Member
    columns: tuple[str, ...]
    key: tuple[str, ...]

    def position(self, column: str) -> int | None:
        """Where a column stands, or None."""
        return self.columns.index(column) if column in self.columns else None

    def records(self) -> Iterator[Record | Rejected]:
        """All records below the header, in the file's order."""
        width = len(self.columns)
        lines = _split(self.member)
        next(lines)
        for begin, fields, text in lines:
            if fields is None:
                yield Rejected(begin, text[0], BAD_QUOTES, None)
            elif len(fields) == width:
                yield begin, fields
            else:
                yield Rejected(begin, "".join(text), RAGGED, self._hint(fields))

    def _hint(self, fields: list[str]) -> str | None:
        positions = [self.columns.index(column) for column in self.key]
        if not positions or max(positions) >= len(fields):
            return None
        parts = [fields[position] for position in positions]
        return "|".join(parts) if all(_AN_ID.fullmatch(part) for part in parts) else None


def heading(
    member: Member, contract: Contract, *, required: Collection[str], aliases: Mapping[str, str] | None = None
) -> Heading:
    """Read and check the header of a file, and that at least one record follows.

    ``aliases`` are other spellings of a column, taken only where the right one is not there.

    :raises BadInput: naming the file and the column that is missing or doubled
    """
    header = first_record(member)
    columns = tuple(column.strip() for column in header)
    if aliases:
        columns = tuple(aliases[c] if c in aliases and aliases[c] not in columns else c for c in columns)
    known = {field.name for field in contract.fields}
    for column in columns:
        if column in known and columns.count(column) > 1:
            raise member.bad(f"the column {column} is there twice", line=1, advice="Keep one of them.")
    missing = [field.name for field in contract.fields if field.name in required and field.name not in columns]
    if missing:
        raise member.bad(_missing(missing, header), line=1, advice="The header must name the columns as agreed.")
    key = tuple(field.name for field in contract.key_fields if field.name in columns)
    whole_key = key if len(key) == len(contract.key_fields) else ()
    return Heading(member, columns, whole_key)


def first_record(member: Member) -> list[str]:
    """Header of a file that has one and at least one record below it."""
    lines = _split(member)
    first = next(lines, None)
    if first is None:
        raise member.bad("the file is empty", advice="Export it again, or leave it out.")
    _, fields, _ = first
    if fields is None:
        raise member.bad("a quotation mark in the header is never closed", line=1, advice="Export it again.")
    if next(lines, None) is None:
        raise member.bad(
            "there is a header and no rows", advice="Leave the file out (in OneRoster: declare it absent)."
        )
    return fields


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
        picked = {name: None if value in tokens else value for name, value in zip(present, pick(fields), strict=True)}
        return {**picked, **absent} if absent else picked

    return values


def _missing(missing: list[str], header: list[str]) -> str:
    problem = f"the column {missing[0]} is missing"
    if len(missing) > 1:
        problem = f"the columns {', '.join(missing[:5])}{' and more' if len(missing) > 5 else ''} are missing"
    separators = {";": "semicolons", "\t": "tabs", "|": "bars"}
    if len(header) == 1 and (mark := next((mark for mark in separators if mark in header[0]), None)):
        problem += f": columns are parted by {separators[mark]}, not by commas"
    return problem


def _split(member: Member) -> Iterator[tuple[int, list[str] | None, list[str]]]:
    """(line it begins on, fields, its text); fields are None where a quotation mark made the line unreadable."""
    try:
        with member.open() as raw:
            yield from _split_text(member, _decoded(raw, member))
    except UnicodeDecodeError:
        raise _not_utf8(member) from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise member.bad("the zip is torn here", advice="Send it again.") from error
    except PermissionError as error:
        raise member.bad("we may not read this file", advice="Give us leave to read it.") from error


def _split_text(member: Member, text: io.TextIOWrapper) -> Iterator[tuple[int, list[str] | None, list[str]]]:
    line = 0
    ahead: deque[str] = deque()
    while True:
        held: list[str] = []
        try:
            for fields in csv.reader(_lines(member, text, ahead, held), strict=True):
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


def _lines(member: Member, text: io.TextIOWrapper, ahead: deque[str], held: list[str]) -> Iterator[str]:
    readline = text.readline
    while line := ahead.popleft() if ahead else readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise member.bad("a line is longer than a million characters", advice="This is no table of ours.")
        held.append(line)
        if len(held) > MOST_LINES:
            raise _OpenQuoteError
        yield line


def _decoded(raw: IO[bytes], member: Member) -> io.TextIOWrapper:
    buffered = io.BufferedReader(raw, 2**16) if not isinstance(raw, io.BufferedReader) else raw  # type: ignore[type-var]
    start = buffered.peek(3)[:3]
    if start[:2] in _BOMS:
        raise member.bad(f"the file is written in {_BOMS[start[:2]]}", line=1, advice="Save it as UTF-8.")
    if start == b"\xef\xbb\xbf":
        buffered.read(3)
    return io.TextIOWrapper(buffered, encoding="utf-8", newline="")


def _not_utf8(member: Member) -> BadInput:
    with member.open() as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                guess = from_bytes(line + raw.read(2**14), cp_isolation=_LIKELY_ENCODINGS).best()
                seems = f" (it seems to be {guess.encoding})" if guess else ""
                return member.bad(f"the text is not UTF-8{seems}", line=number, advice="Save the file as UTF-8.")
    return member.bad("the text is not UTF-8", advice="Save the file as UTF-8.")
