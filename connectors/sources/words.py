"""What offices call things: Chinese and English names of columns and codes, as data in ``synonyms/<source>.yaml``.

The first word in either language (``zh``, ``en``) is the one templates use, so reading it is no repair; the words in
``also`` are understood and told as repairs. ``_office.yaml`` holds what is not about one source: yes and no, totals,
signatures.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipeline.contracts import Contract, Field
from pipeline.errors import ConfigurationError

HERE = Path(__file__).parent / "synonyms"
_NOISE = re.compile(r"[\s*★☆:_\-./,、。·\"'“”]+")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")
_LINES = re.compile(r"[\r\n]+| / ")
_FIELD_KEYS = frozenset({"zh", "en", "also", "means_zh", "means_en", "example", "codes", "patterns", "filled", "units"})
_CODE_KEYS = frozenset({"zh", "en", "also"})


@dataclass(frozen=True)
class CodeWord:
    """One code of a list in words."""

    code: str
    zh: str
    en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldWords:
    """What is known about a column beyond its contract."""

    zh: str
    en: str
    also: tuple[str, ...] = ()
    means_zh: str = ""
    means_en: str = ""
    example: str | None = None
    codes: tuple[CodeWord, ...] = ()
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()
    """other ways to write a value, and what they mean: ``2024年秋季`` is ``2024-autumn``"""
    filled: int | None = None
    """digits of a code of fixed length that may begin with zeros, which spreadsheets take away"""
    units: tuple[str, ...] = ()
    """words people write behind a number: 元, 课时"""
    by_word: Mapping[str, tuple[str, bool]] = field(default_factory=dict, hash=False)
    """(code, whether it is one of the template's own words) by loose word"""

    def meant(self, text: str) -> tuple[str, bool] | None:
        """(what a text means, whether it was agreed to be written so); None for a text we do not know."""
        known = self.by_word.get(loose(text))
        if known is not None:
            return known
        plain = unicodedata.normalize("NFKC", text).strip()
        for pattern, meaning in self.patterns:
            if match := pattern.fullmatch(plain):
                return match.expand(meaning), False
        return None


@dataclass(frozen=True)
class Office:
    """Words of every office, whatever the table is about."""

    yes: frozenset[str]
    no: frozenset[str]
    total: re.Pattern[str]
    remark: re.Pattern[str]
    guide_sheets: frozenset[str]


def loose(text: str) -> str:
    """A word without what varies: width, case, blanks, stars, dashes, colons."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def header_words(text: str) -> list[str]:
    """How a header cell may be meant, likeliest first: whole, without what is in brackets, its lines, the brackets."""
    plain = unicodedata.normalize("NFKC", text)
    outside = _BRACKETS.sub(" ", plain)
    inside = [part for groups in _BRACKETS.findall(plain) for part in groups if part]
    lines = [part for line in _LINES.split(plain) for part in (line, _BRACKETS.sub(" ", line))]
    found = [loose(part) for part in (plain, outside, *lines, *inside)]
    return [word for word in dict.fromkeys(found) if word]


@functools.cache
def of(contract: Contract) -> Mapping[str, FieldWords]:
    """Words of every field of a contract by its name; a field nobody described has its own name in both languages.

    :raises ConfigurationError: naming the file and what is wrong in it
    """
    path = HERE / f"{contract.source}.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    described = document.get(contract.concept, {})
    if strangers := sorted(set(described) - {f.name for f in contract.fields}):
        raise ConfigurationError(f"{path.name}: {contract.concept} has no field {strangers[0]}")
    return {f.name: _field(f, described.get(f.name, {}), path) for f in contract.fields}


@functools.cache
def columns(contract: Contract) -> Mapping[str, tuple[str, bool]]:
    """(field, whether it is one of the template's own names) by loose header word.

    A word that two fields share names neither.
    """
    found: dict[str, tuple[str, bool]] = {}
    shared: set[str] = set()
    for f in contract.fields:
        words = of(contract)[f.name]
        agreed = {loose(word) for word in (f.name, f.column, words.zh, words.en)}
        for word in agreed | {loose(word) for word in words.also}:
            if word in found and found[word][0] != f.name:
                shared.add(word)
            found[word] = (f.name, word in agreed)
    return {word: named for word, named in found.items() if word not in shared}


@functools.cache
def office() -> Office:
    """Words of every office."""
    document = yaml.safe_load((HERE / "_office.yaml").read_text(encoding="utf-8"))
    return Office(
        yes=frozenset(map(_spoken, document["yes"])),
        no=frozenset(map(_spoken, document["no"])),
        total=re.compile("|".join(document["total"])),
        remark=re.compile("|".join(document["remark"])),
        guide_sheets=frozenset(map(loose, document["guide_sheets"])),
    )


def _spoken(word: object) -> str:
    return unicodedata.normalize("NFKC", str(word)).strip().casefold()


def _field(f: Field, said: dict[str, Any], path: Path) -> FieldWords:
    _check(said, _FIELD_KEYS, f"{path.name}: {f.name}")
    codes = tuple(_code(code, words, f"{path.name}: {f.name}") for code, words in said.get("codes", {}).items())
    return FieldWords(
        zh=said.get("zh", f.name),
        en=said.get("en", f.name),
        also=_texts(said.get("also", ())),
        means_zh=said.get("means_zh", f.description),
        means_en=said.get("means_en", f.description),
        example=None if said.get("example") is None else str(said["example"]),
        codes=codes,
        patterns=tuple((re.compile(pattern), meaning) for pattern, meaning in said.get("patterns", {}).items()),
        filled=said.get("filled"),
        units=_texts(said.get("units", ())),
        by_word=_by_word(codes, f"{path.name}: {f.name}"),
    )


def _code(code: object, said: dict[str, Any], where: str) -> CodeWord:
    _check(said, _CODE_KEYS, f"{where}: {code}")
    return CodeWord(str(code), str(said["zh"]), str(said["en"]), _texts(said.get("also", ())))


def _by_word(codes: Sequence[CodeWord], where: str) -> dict[str, tuple[str, bool]]:
    found: dict[str, tuple[str, bool]] = {}
    for word in codes:
        agreed = {loose(text) for text in (word.code, word.zh, word.en)}
        for text in agreed | {loose(text) for text in word.also}:
            if text in found and found[text][0] != word.code:
                raise ConfigurationError(f"{where}: {text!r} means both {found[text][0]} and {word.code}")
            found[text] = (word.code, text in agreed)
    return found


def _texts(words: Sequence[object]) -> tuple[str, ...]:
    return tuple(str(word) for word in words)


def _check(said: dict[str, Any], known: frozenset[str], where: str) -> None:
    if unknown := sorted(set(said) - known):
        raise ConfigurationError(f"{where}: unknown key {unknown[0]}")
