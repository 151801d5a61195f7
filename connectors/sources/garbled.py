"""Recognises text that was read in a wrong encoding and saved again, so that it is set aside and never guessed at.

Each way of spoiling leaves a pattern that ordinary Chinese or Latin text does not have:

- UTF-8 read as Latin-1 or Windows-1252: ``æ­å·``, ``Ã©``;
- UTF-8 read as GBK: ``鏉窞``, six bytes of which are two characters of UTF-8 again, and everyday ones;
- GBK read as Latin-1: ``º¼ÖÝ``;
- characters already lost: U+FFFD, and what becomes of two of them in GBK, ``锟斤拷``.

Undoing it would give the right word most of the time; a person's name is no place for most of the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TRAILING = range(0x80, 0xC0)


def _class(pairs: Iterable[tuple[int, int]]) -> str:
    characters = {bytes(pair).decode("gb18030", "ignore") for pair in pairs}
    return "[" + "".join(re.escape(c) for c in sorted(characters) if len(c) == 1) + "]"


def _latin(values: Iterable[int]) -> str:
    """The characters these bytes are in Latin-1 and in Windows-1252."""
    seen = {bytes([v]).decode(encoding, "ignore") for v in values for encoding in ("latin-1", "cp1252")}
    return "[" + "".join(re.escape(c) for c in sorted(seen) if c) + "]"


_LEADING = range(0xE4, 0xEA)
"""First bytes, in UTF-8, of the characters U+4000 to U+9FFF."""
_FIRST = _class((a, b) for a in _LEADING for b in _TRAILING)
GARBLED_STARTS = _FIRST[1:-1] + "锟"
"""Characters, for a class of a regular expression, one of which is in all text this module finds but the Latin one."""
_AS_GBK = re.compile(
    _FIRST
    + _class((a, b) for a in range(0x81, 0xC0) for b in _LEADING)
    + _class((a, b) for a in range(0x81, 0xC0) for b in _TRAILING)
)
_AS_LATIN = re.compile(f"{_latin(range(0xE2, 0xF0))}{_latin(_TRAILING)}{{2}}")
_SURE = re.compile(
    "\ufffd|锟斤拷" + f"|Ã{_latin(_TRAILING)}|Â{_latin(range(0xA0, 0xC0))}" + "|(?:[\u00b0-\u00d7][\u00a1-\u00fe]){2}"
)
_WORTH_A_LOOK = re.compile("[\u0080-\u00ff\ufffd锟]")
"""One of these is in everything ``_SURE`` finds, and in hardly any Chinese text."""


def is_garbled(text: str) -> bool:
    """Whether the text shows one of these patterns; ASCII never does."""
    if _WORTH_A_LOOK.search(text) and (
        _SURE.search(text) or any(_was_chinese(found.group()) for found in _AS_LATIN.finditer(text))
    ):
        return True
    return any(_was_utf8(found.group()) for found in _AS_GBK.finditer(text))


def _was_utf8(three: str) -> bool:
    """Whether three characters are two everyday ones of UTF-8 read as GBK; by chance that is one in a million."""
    try:
        original = three.encode("gb18030").decode("utf-8")
        raw = original.encode("gb2312")
    except UnicodeError:
        return False
    return len(original) == 2 and all(0xB0 <= lead <= 0xD7 for lead in raw[::2])


def _was_chinese(three: str) -> bool:
    """Whether three Latin characters are one Chinese character, or sign, of UTF-8."""
    raw = b"".join(c.encode("latin-1" if ord(c) < 0x100 else "cp1252", "ignore") for c in three)
    try:
        raw.decode("utf-8").encode("gb2312")
    except UnicodeError:
        return False
    return True
