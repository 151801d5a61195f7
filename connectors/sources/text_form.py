"""Finds out how a text file was written, from the whole file and before its first row: encoding, and what it is at all.

The file is read once as bytes, in pieces, so the decision rests on every line and costs no memory. UTF-8 is what was
agreed and wins wherever it fits. GB18030 (of which GBK and GB2312 are part) is taken when more lines are written in it
than in UTF-8 and what they say is ordinary Chinese; anything less certain is refused rather than guessed. Lines that do
not fit the file's encoding keep their bytes as surrogates, so that their rows can be set aside whole.
"""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from charset_normalizer import from_bytes

from connectors.sources.file_kinds import refuse_other_kinds
from connectors.sources.package import Member
from pipeline.errors import BadInput

LONGEST_LINE = 2**20
_PIECE = 2**18
_MOST_EVIDENCE = 5_000
"""Lines whose characters are counted one by one; what they do not show, the rest will not."""
_ORDINARY = 0.85
"""Share of characters that must be everyday Chinese before a file counts as GB18030; real ones lie above 0.97."""
_LIKELY_ENCODINGS = ["gb18030", "big5", "cp1252"]
"""What offices here save in; with every encoding allowed, a few Chinese words are as often taken for Korean."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAVE_AS_UTF8 = "In the spreadsheet program choose Save as, CSV UTF-8, and send that file."
_IN_WORDS = {"big5": "Big5, for traditional Chinese", "cp1252": "Windows-1252, for Western Europe"}
_SPREADSHEET_MARKS = (b"=", b"'", b"+")
_SURELY_UTF8 = re.compile(rb"[\xe0-\xf4]")
_GB_CHARACTER = re.compile(
    rb"(?P<ordinary>[\x81-\xfe][0-9][\x81-\xfe][0-9]|[\xb0-\xf7\xa1\xa3][\xa1-\xfe])"
    rb"|(?P<rare>[\x81-\xfe][\x40-\x7e\x80-\xfe])"
)


@dataclass(frozen=True)
class TextForm:
    """How a file's bytes become text, and which oddities it may hold at all, so that no row is searched in vain."""

    encoding: str = "utf-8"
    skip: int = 0
    """bytes of the mark at its start"""
    is_whole: bool = True
    """every line fits the encoding"""
    is_ascii: bool = False
    has_nul: bool = False
    has_marks: bool = False
    """equals signs, apostrophes or exponents, as spreadsheets write text and long numbers"""

    @property
    def errors(self) -> str:
        """What decoding does with bytes that do not fit; UTF-16 cannot keep them."""
        return "replace" if self.encoding.startswith("utf-16") else "surrogateescape"


@contextmanager
def reading(member: Member) -> Iterator[IO[bytes]]:
    """The file's bytes; what is wrong with the zip around it or our leave to read it is said of this file."""
    try:
        with member.open() as raw:
            yield raw
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise member.bad("the zip is torn here", code="refused.torn_archive", advice="Send it again.") from error
    except PermissionError as error:
        raise member.bad(
            "we may not read this file", code="refused.not_readable", advice="Give us leave to read it."
        ) from error


def examine(member: Member, *, longest_line: int | None = LONGEST_LINE) -> TextForm:
    """Read the file once and decide.

    :raises BadInput: for what is no text, for an encoding that cannot be told, and, from a strict sender, for any but
        UTF-8
    """
    with reading(member) as raw:
        head = raw.read(2**12)
        refuse_other_kinds(member, head)
        mark, encoding = _named(member, head)
        traits = _Traits()
        whole = _fits(encoding, head[len(mark) :], raw, traits)
    if longest_line is not None and traits.longest >= longest_line:
        raise member.bad(
            "a line is longer than a million characters",
            code="refused.line_too_long",
            advice="Check whether line breaks or a quotation mark are missing.",
        )
    if not whole and encoding == "utf-8":
        encoding = _decide(member, traits)
    return TextForm(encoding, len(mark), whole, traits.is_ascii, traits.has_nul, traits.has_marks)


def _named(member: Member, head: bytes) -> tuple[bytes, str]:
    """The mark a file begins with and the encoding it names; UTF-8 where there is none."""
    mark, encoding = next(((m, name) for m, name in _MARKS if head.startswith(m)), (b"", "utf-8"))
    if encoding == "utf-32" or (not mark and _seems_utf16(head)):
        problem = "the text is written in UTF-32, or in UTF-16 without its mark"
    elif encoding != "utf-8" and member.sender.strict:
        problem = "the file is written in UTF-16"
    else:
        return mark, encoding
    raise member.bad(problem, code="refused.encoding", line=1, advice=_SAVE_AS_UTF8)


def surely_utf8(line: bytes) -> bool:
    """Whether a line that is valid UTF-8 holds Chinese in it: two-byte letters alone may be GBK by accident."""
    return _SURELY_UTF8.search(line) is not None


class _Traits:
    """What the pieces of a file were seen to hold."""

    def __init__(self) -> None:
        self.is_ascii, self.has_nul, self.has_marks, self.has_newline = True, False, False, False
        self.longest = self._since = 0

    def see(self, piece: bytes) -> None:
        self.is_ascii = self.is_ascii and piece.isascii()
        self.has_nul = self.has_nul or b"\0" in piece
        self.has_marks = self.has_marks or any(mark in piece for mark in _SPREADSHEET_MARKS)
        ends = [at for at in (piece.find(b"\n"), piece.find(b"\r")) if at >= 0]
        self.has_newline = self.has_newline or b"\n" in piece
        self.longest = max(self.longest, self._since + (min(ends) if ends else len(piece)))
        last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._since = len(piece) - last - 1 if ends else self._since + len(piece)


def _fits(encoding: str, piece: bytes, raw: IO[bytes], traits: _Traits) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    fits = between = True
    while piece:
        traits.see(piece)
        if fits and not (between and encoding == "utf-8" and piece.isascii()):
            try:
                decoder.decode(piece)
                between = not decoder.getstate()[0]
            except UnicodeDecodeError:
                fits = False
        piece = raw.read(_PIECE)
    return fits and between


def _seems_utf16(head: bytes) -> bool:
    """Without a mark, UTF-16 shows by its zeros: every other byte of what is ASCII in it."""
    zeros = sorted((head[::2].count(0), head[1::2].count(0)))
    return len(head) >= 8 and zeros[1] * 4 > len(head) and zeros[0] * 8 < zeros[1]


def _decide(member: Member, traits: _Traits) -> str:
    """Encoding of a file that is not UTF-8 throughout."""
    utf8 = weak = gb = neither = ordinary = rare = first = 0
    for number, line in _lines(member, b"\n" if traits.has_newline else b"\r"):
        if line.isascii():
            continue
        if _decodes(line, "utf-8"):
            utf8, weak = (utf8 + 1, weak) if surely_utf8(line) else (utf8, weak + 1)
            continue
        first = first or number
        if not _decodes(line, "gb18030"):
            neither += 1
            continue
        gb += 1
        if gb <= _MOST_EVIDENCE:
            kinds = [found.lastgroup for found in _GB_CHARACTER.finditer(line)]
            ordinary += kinds.count("ordinary")
            rare += kinds.count("rare")
    if member.sender.strict:
        raise _not_utf8(member, first, traits)
    if ordinary < _ORDINARY * (ordinary + rare):
        neither, gb = neither + gb, 0
    if neither > 1 and neither > utf8 + weak + gb:
        raise _not_utf8(member, first, traits)
    encoding = "gb18030" if gb > utf8 else "utf-8"
    if first == 1 and encoding == "utf-8":  # without its header nothing below can be read
        raise _not_utf8(member, first, traits)
    return encoding


def _lines(member: Member, end: bytes) -> Iterator[tuple[int, bytes]]:
    number, rest = 0, b""
    with reading(member) as raw:
        while piece := raw.read(_PIECE):
            *lines, rest = (rest + piece).split(end)
            for number, line in enumerate(lines, number + 1):  # noqa: B020 - counts on from piece to piece
                yield number, line
        yield number + 1, rest


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8(member: Member, first: int, traits: _Traits) -> BadInput:
    sample = b""
    for number, line in _lines(member, b"\n" if traits.has_newline else b"\r"):
        if number >= first:
            sample += line + b"\n"
        if len(sample) > 2**14:
            break
    guess = from_bytes(sample[: 2**15], cp_isolation=_LIKELY_ENCODINGS).best()
    seems = f" (it seems to be {_IN_WORDS.get(guess.encoding, guess.encoding)})" if guess else ""
    return member.bad(f"the text is not UTF-8{seems}", code="refused.encoding", line=first, advice=_SAVE_AS_UTF8)
