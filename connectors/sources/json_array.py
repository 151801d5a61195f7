"""Parts the elements of one long JSON array without holding more than one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, NamedTuple

_READ_AT_ONCE = 2**16
_TOKEN = re.compile(r'\\.|["{}\[\],]', re.DOTALL)


class Piece(NamedTuple):
    """Text that should be one document."""

    line: int
    text: str
    is_last: bool = False
    """nothing ends it but the end of the file"""
    is_oversized: bool = False
    """only its beginning is here"""


class _Element:
    """Text gathered of the current element."""

    def __init__(self, most: int) -> None:
        self._most, self._parts, self._length, self._skipped = most, [], 0, 0
        self._line = 1

    _parts: list[str]

    def add(self, text: str) -> None:
        if self._length <= self._most:
            self._parts.append(text[: self._most + 1])
            self._length += len(text)
        else:
            self._skipped += text.count("\n")

    def taken(self, *, is_last: bool = False) -> Piece | None:
        """The element, and an empty one in its place; None where there is nothing but blanks."""
        text = "".join(self._parts)
        bare = text.lstrip()
        too_long = self._length > self._most
        begin = self._line + text[: len(text) - len(bare)].count("\n")
        self._line += text.count("\n") + self._skipped
        self._parts, self._length, self._skipped = [], 0, 0
        return Piece(begin, bare, is_last, too_long) if bare else None


def elements(text: IO[str], most: int) -> Iterator[Piece]:
    """Elements of the array ``text`` begins with, in order; what follows the array is handed on as one more piece.

    An array that does not end hands on what there is of its last element.
    """
    element, depth, in_string, rest = _Element(most), 0, False, ""
    while piece := text.read(_READ_AT_ONCE):
        piece, at = rest + piece, 0
        rest = "\\" if _ends_in_escape(piece) else ""
        piece = piece[: len(piece) - len(rest)]
        for found in _TOKEN.finditer(piece):
            mark = found.group()
            if mark == '"':
                in_string = not in_string
            elif in_string or mark[0] == "\\":
                continue
            elif mark in "[{":
                depth += 1
                if depth == 1:
                    at = found.end()
                    element.add(piece[: found.start()])
                    element.taken()
            elif depth == 1:  # a comma, or the end of the array
                element.add(piece[at : found.start()])
                if whole := element.taken():
                    yield whole
                at = found.end()
                depth -= mark == "]"
            elif mark in "]}":
                depth -= 1
        element.add(piece[at:])
    if left := element.taken(is_last=depth > 0 or in_string):
        yield left


def _ends_in_escape(piece: str) -> bool:
    return (len(piece) - len(piece.rstrip("\\"))) % 2 == 1
