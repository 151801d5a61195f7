"""Reads column names as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping

from connectors.sources.tidy import without_invisible

_LOOSE = re.compile(r"[\W_]+")
_PARTED_BY = {";": "semicolons", "\t": "tabs", "|": "bars"}


def clean(column: str) -> str:
    """A column's name in ordinary letters, without invisible characters."""
    return without_invisible(unicodedata.normalize("NFKC", column)).strip()


def loosely(columns: tuple[str, ...], known: Collection[str], aliases: Mapping[str, str]) -> tuple[str, ...]:
    """Known names for columns written in another case, with other spaces or dashes; taken only where unmistakable."""
    names = {_LOOSE.sub("", alias).casefold(): name for alias, name in aliases.items()}
    names.update((_LOOSE.sub("", name).casefold(), name) for name in known)
    agreed, written = frozenset(known), frozenset(columns)
    found = [c if c in agreed else names.get(_LOOSE.sub("", c).casefold(), c) for c in columns]
    times = Counter(found)  # a header may have a hundred thousand columns
    return tuple(was if now in written or times[now] > 1 else now for was, now in zip(columns, found, strict=True))


def complaint(missing: list[str], header: list[str]) -> str:
    """What is said about columns that are not there, and what seems to be the reason."""
    problem = f"the column {missing[0]} is missing"
    if len(missing) > 1:
        problem = f"the columns {', '.join(missing[:5])}{' and more' if len(missing) > 5 else ''} are missing"
    if len(header) == 1 and (mark := next((mark for mark in _PARTED_BY if mark in header[0]), None)):
        problem += f": columns are parted by {_PARTED_BY[mark]}, not by commas"
    return problem
