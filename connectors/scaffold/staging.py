"""Names and order of a new staging model's columns: ids, codes, measures, times, then what the pipeline adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from connectors.scaffold.sample import Column

_RESERVED_WORDS: Final = (
    "all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation "
    "column concurrently constraint create cross current_catalog current_date current_role current_schema current_time "
    "current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze "
    "from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like "
    "limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary "
    "references returning right select session_user similar some symmetric system_user table tablesample then to "
    "trailing true union unique user using variadic verbose when where window with"
)
_RESERVED: Final = frozenset(_RESERVED_WORDS.split())
"""Words that PostgreSQL takes for a column's name only in quotation marks."""
_SHARED: Final = ("agency_code", "record_id")
_PIPELINE: Final = ("_event_id", "_batch_id", "_released_seq")
_PERSON: Final = ("_person_key", "_id_status")


def lines(source: str, columns: Sequence[Column]) -> list[str]:
    """What the model selects, a column a line, without commas."""
    own = [_selected(column, name) for column, name in _named(source, columns)]
    return ["_agency_code as agency_code", "_record_id as record_id", *own, *_added(columns)]


def described(source: str, columns: Sequence[Column]) -> list[tuple[str, str]]:
    """(column, description) as the model's yml gives them; what models share is described once, elsewhere."""
    own = [(name, f"{column.words}, as delivered.") for column, name in _named(source, columns)]
    shared = [(name, f"{{{{ doc('{name}') }}}}") for name in (*_SHARED, *_added(columns))]
    return shared[: len(_SHARED)] + own + shared[len(_SHARED) :]


def _added(columns: Sequence[Column]) -> tuple[str, ...]:
    bears_person = any(column.identifier == "resident_id" for column in columns)
    return (*(_PERSON if bears_person else ()), *_PIPELINE)


def _named(source: str, columns: Sequence[Column]) -> Iterator[tuple[Column, str]]:
    taken = set(_SHARED)
    for column in sorted((column for column in columns if column.lands), key=_rank):
        name = _name(source, column)
        if name in taken or name in _RESERVED:
            name = f"{column.column}_{source}"
        taken.add(name)
        yield column, name


def _name(source: str, column: Column) -> str:
    word = column.column
    if word.endswith(("_id", "_no")):
        return f"{word}_{source}"
    if column.pg_type == "date" and not word.endswith("_date"):
        return f"{word}_date"
    if column.pg_type == "timestamptz" and not word.endswith("_at"):
        return f"{word}_at"
    if column.pg_type == "boolean" and not word.startswith(("is_", "has_")):
        return f"is_{word.removesuffix('_flag')}"
    return word


def _rank(column: Column) -> int:
    if column.column.endswith(("_id", "_no")) or (column.key_position is not None and column.pg_type == "text"):
        return 0
    return {"text": 1, "boolean": 2, "date": 4, "timestamptz": 5}.get(column.pg_type, 3)


def _selected(column: Column, name: str) -> str:
    word = f'"{column.column}"' if column.column in _RESERVED else column.column
    return word if word == name else f"{word} as {name}"
