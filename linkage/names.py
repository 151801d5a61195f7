"""Names as they are compared: one writing, how they sound, and which characters they are made of."""

from __future__ import annotations

import functools
import re
import unicodedata

from pypinyin import Style, lazy_pinyin

_DOTS = re.compile(r"\s*[·•‧・∙⋅.．]\s*")
_BLANKS = re.compile(r"\s+")
_LATIN = re.compile(r"[A-Za-z]")
_KNOWN = 500_000
"""Names kept with what was made of them: common ones come again and again."""


@functools.lru_cache(_KNOWN)
def written(name: str | None) -> str | None:
    """A name in one writing: NFKC, capitals, one kind of middle dot, no blanks in Chinese; None for an empty one."""
    text = _DOTS.sub("·", unicodedata.normalize("NFKC", name or "").strip())
    return _BLANKS.sub(" " if _LATIN.search(text) else "", text).upper() or None


@functools.lru_cache(_KNOWN)
def sound(name: str) -> str:
    """How a name sounds: pinyin without tones, syllable by syllable. What has no pinyin stands for itself."""
    return " ".join(lazy_pinyin(name, style=Style.NORMAL))


@functools.lru_cache(_KNOWN)
def letters(name: str) -> str:
    """The characters in one order: the same whichever of family and given name comes first."""
    return "".join(sorted(letter for letter in name if letter.isalpha()))
