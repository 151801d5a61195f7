"""What a template asks for: one column a field of the contract, in words, with its list and its format."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from openpyxl.utils import get_column_letter

from connectors.sources import words
from connectors.sources.words import FieldWords
from pipeline.contracts import Contract, Field

Language = Literal["zh", "en", "both"]
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is run as a formula by spreadsheet programs when it stands in a CSV."""
_YES_NO = {"zh": ("是", "否"), "en": ("true", "false")}
_NUMBER, _EXACT = re.compile(r"-?[0-9]+(\.[0-9]+)?"), 15
FORMATS = {
    "date": ("日期，年-月-日", "date, year-month-day", "yyyy-mm-dd"),
    "boolean": ("是 或 否", "true or false", "@"),
    "integer": ("整数", "whole number", "0"),
    "bigint": ("整数", "whole number", "0"),
    "numeric": ("数字", "number", "General"),
    "double precision": ("数字", "number", "General"),
    "timestamptz": ("日期和时间", "date and time", "@"),
    "text": ("文本", "text", "@"),
}
"""(in Chinese, in English, number format of the cells) by type of the contract."""


@dataclass(frozen=True)
class Column:
    """One column of a template."""

    field: Field
    words: FieldWords
    letter: str

    def title(self, language: Language) -> str:
        """Header text; a star says that it must be filled in."""
        star = "*" if self.field.required else ""
        if language == "both" and self.words.zh != self.words.en:
            return f"{self.words.zh}{star}\n{self.words.en}"
        return f"{self.words.zh if language != 'en' else self.words.en}{star}"

    def line(self, language: Language) -> str:
        """The header text in one line."""
        zh, _, en = self.title(language).partition("\n")
        return f"{zh} / {en}" if en else zh

    def choices(self, language: Language) -> Sequence[tuple[str, str]]:
        """(word to write, code) of its list, empty where there is none."""
        if self.field.pg_type == "boolean":
            return tuple(zip(_YES_NO["en" if language == "en" else "zh"], ("true", "false"), strict=True))
        return [(code.en if language == "en" else code.zh, code.code) for code in self.words.codes]

    def written(self, value: str, language: Language) -> str:
        """A value of the contract as people write it here."""
        return next((word for word, code in self.choices(language) if code == value), value)


def columns(contract: Contract) -> list[Column]:
    """Columns of a contract's template; what would be thrown away is not asked for, unless a file must have it."""
    described = words.of(contract)
    asked = [field for field in contract.fields if field.classification != "dropped" or field.required]
    return [Column(f, described[f.name], get_column_letter(n)) for n, f in enumerate(asked, 1)]


def example(laid: Sequence[Column]) -> dict[str, str | None]:
    """The invented row; only where all key columns have an example can the reader know it again."""
    given: dict[str, str | None] = {c.field.name: c.words.example for c in laid if c.words.example is not None}
    keys = {c.field.name for c in laid if c.field.key_position is not None}
    return given if keys <= set(given) else {}


def safe(value: str) -> str:
    """A text for a CSV cell that no spreadsheet program runs as a formula: an apostrophe says that it is text."""
    return f"'{value}" if value.startswith(RISKY) and not is_number(value) else value


def day_of(value: str) -> dt.date | None:
    """A day that a workbook can hold as one; None for others, which are written as text."""
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.year >= 1900 and day > dt.date(1900, 2, 28) else None


def is_number(value: str) -> bool:
    """Whether a workbook can hold this as a number without losing a digit."""
    return len(value) <= _EXACT and _NUMBER.fullmatch(value) is not None
