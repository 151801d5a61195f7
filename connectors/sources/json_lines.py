"""Reads JSON documents in constant memory: one a line (JSON lines), the elements of one array, or one document.

Which of the three a file is, its beginning tells. A line or element that cannot be used is handed on as
:class:`Rejected` and reading goes on behind it; a last one that is cut off is set aside like a cut row of a table.
Held is one document, at most ``MOST_CHARACTERS`` of it.

============================  ==========================================================================================
``reader.bad_json``           no JSON, or no object: NaN and Infinity, comments and trailing commas are none either
``reader.repeated_key``       a name twice in one object: which value is meant cannot be known
``reader.number_too_large``   a number no column of ours can hold without changing it
``reader.too_deep``           nested deeper than ``MOST_DEEP``
``reader.oversized_row``      longer than ``MOST_CHARACTERS``
``reader.cut_row``            the file ends in its middle
``reader.bad_encoding``       bytes that do not fit, half of a surrogate pair
``reader.garbled_text``       text spoilt before it reached us; ``reader.nul_bytes``: NULs in the file
============================  ==========================================================================================
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from connectors.sources.base import Rejected, Repair
from connectors.sources.json_array import Piece, elements
from connectors.sources.package import Member
from connectors.sources.spoilt import BAD_ENCODING, raw_of, spoilt
from connectors.sources.text_form import TextForm, examine, reading

MOST_CHARACTERS = 4 * 2**20
MOST_DEEP = 64
LONGEST_NUMBER = 30
_KEPT_OF_OVERSIZED = 2**16
_BLANK = "\n\r\t \ufeff"
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class Document(NamedTuple):
    """One JSON object of a file."""

    line: int
    """line it begins on"""
    value: dict[str, Any]
    text: str
    """as it stands in the file"""


class _UnusableError(ValueError):
    """A document that cannot be used; its text is the rule id."""


def documents(member: Member) -> Iterator[Document | Rejected]:
    """The documents of a file in its order, each either usable or rejected.

    :raises BadInput: for a file that is empty, no text, or in an encoding that cannot be told
    """
    form = examine(member, longest_line=None)
    found = False
    for piece in _pieces(member, form):
        found = True
        yield _document(piece, form)
    if not found:
        raise member.bad("the file is empty", code="refused.empty_file", advice="Export it again, or leave it out.")


def repairs_of(member: Member) -> tuple[Repair, ...]:
    """What was put right about the file as a whole."""
    encoding = (Repair("repair.encoding"),) if examine(member, longest_line=None).encoding != "utf-8" else ()
    return (*member.repairs, *encoding)


def _pieces(member: Member, form: TextForm) -> Iterator[Piece]:
    kind = _kind(member, form)
    with reading(member) as raw:
        raw.read(form.skip)
        buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw, 2**16)  # type: ignore[type-var]
        text = io.TextIOWrapper(buffered, encoding=form.encoding, errors=form.errors, newline="\n")
        if kind == "array":
            yield from elements(text, MOST_CHARACTERS)
        elif kind == "document":
            whole = text.read(MOST_CHARACTERS + 1)
            before = whole[: len(whole) - len(whole.lstrip())].count("\n")
            yield Piece(1 + before, whole, is_last=True)
        else:
            yield from _lines(text)


def _kind(member: Member, form: TextForm) -> str:
    """``lines``, ``array`` or ``document``: an object whose first line is not whole, unless the next lines are."""
    with reading(member) as raw:
        start = raw.read(form.skip + 2**18)[form.skip :].decode(form.encoding, "replace").lstrip()
    if start.startswith("["):
        return "array"
    first, *others = [line for line in start.split("\n") if line.strip()][:4] or [""]
    whole = [line for line in others if line.lstrip().startswith("{") and line.rstrip().endswith("}")]
    return "document" if start.startswith("{") and others and not whole and not _is_object(first) else "lines"


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _lines(text: io.TextIOWrapper) -> Iterator[Piece]:
    number = 0
    while line := text.readline(MOST_CHARACTERS + 1):
        number += 1
        begin = line
        while len(line) > MOST_CHARACTERS and not line.endswith("\n"):
            line = text.readline(MOST_CHARACTERS + 1)
        if begin.strip(_BLANK):
            yield Piece(number, begin, is_last=not line.endswith("\n"))


def _document(piece: Piece, form: TextForm) -> Document | Rejected:
    record = piece.text
    if piece.is_oversized or len(record) > MOST_CHARACTERS:
        return Rejected(piece.line, record[:_KEPT_OF_OVERSIZED], "reader.oversized_row", None)
    if reason := spoilt(record, form):
        return Rejected(piece.line, raw_of(record, form), reason, None)
    try:
        return Document(piece.line, _parsed(record.strip(_BLANK)), record)
    except _UnusableError as unusable:
        reason = str(unusable)
    except (ValueError, RecursionError):
        reason = "reader.cut_row" if piece.is_last and not record.rstrip().endswith("}") else "reader.bad_json"
    return Rejected(piece.line, raw_of(record, form), reason, None)


def _parsed(text: str) -> dict[str, Any]:
    if text.count("[") + text.count("{") > MOST_DEEP and _depth(text) > MOST_DEEP:
        raise _UnusableError("reader.too_deep")
    value = _DECODER.decode(text)
    if not isinstance(value, dict):
        raise _UnusableError("reader.bad_json")
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise _UnusableError(BAD_ENCODING) from None
    return value


def _depth(text: str) -> int:
    deep = deepest = 0
    for found in _BRACKETS.finditer(text):
        mark = found.group()
        if mark in "[{":
            deep += 1
            deepest = max(deepest, deep)
        elif mark in "]}":
            deep -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _UnusableError("reader.repeated_key")
    return value


def _whole_number(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _UnusableError("reader.number_too_large")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value) or len(text) > 2 * LONGEST_NUMBER:
        raise _UnusableError("reader.number_too_large")
    return value


def _no_number(text: str) -> float:
    raise _UnusableError("reader.bad_json")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole_number, parse_float=_number, parse_constant=_no_number
)
