"""What every number means, kept with the releases: a version that was once published never reads otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.db import SQL, Connection, Identifier, dict_row
from pipeline.errors import FlyoverError
from release.derive import KINDS, Derivation, Meaning

_WORDS = (
    "name_zh", "name_en", "sentence_zh", "sentence_en", "formula", "source", "numerator", "denominator",
    "reference_date", "unit", "unit_of_count", "missing_return", "seed_table_1", "better",
)  # fmt: skip
_KEY = ("indicator_code", "method", "definition_version")
_COLUMNS = SQL(", ").join(map(Identifier, (*_KEY, *_WORDS)))
Key = tuple[str, str, int]


class DefinitionChanged(FlyoverError):
    """A definition that was published reads otherwise now under the same version."""


def keep(connection: Connection, release_id: int) -> None:
    """Write down the definitions in force that no release has used yet.

    :raises DefinitionChanged: naming the definitions that were published with other words
    """
    published = _read(connection, "mart", "indicator_definition")
    in_force = _read(connection, "core", "indicator_definitions")
    _refuse_changed(published, in_force)
    insert = SQL("insert into mart.indicator_definition ({}, first_release_id) values ({})").format(
        _COLUMNS, SQL(", ").join([SQL("%s")] * (len(_KEY) + len(_WORDS) + 1))
    )
    connection.cursor().executemany(
        insert, [(*key, *words, release_id) for key, words in in_force.items() if key not in published]
    )


def of_derived(connection: Connection) -> tuple[list[Derivation], dict[tuple[str, str], Meaning]]:
    """What is to be made of a release's own figures, and what the definitions in force say of it."""
    meanings = connection.execute(
        "select distinct on (indicator_code, method) indicator_code, method, unit, definition_version "
        "from core.indicator_definitions where indicator_code = any(%s) "
        "order by indicator_code, method, definition_version desc",
        (sorted(KINDS),),
    ).fetchall()
    derivations = connection.execute(
        "select derived_code, derived_method, input_indicator, input_method, dimension, coalesce(member_a, ''), "
        "coalesce(member_b, '') from core.indicator_derivations order by 1, 2, 3, 4, 5, 6, 7"
    ).fetchall()
    return (
        [Derivation(*row) for row in derivations],
        {(code, method): Meaning(unit, version) for code, method, unit, version in meanings},
    )


def _read(connection: Connection, *relation: str) -> dict[Key, tuple[Any, ...]]:
    rows = connection.cursor(row_factory=dict_row).execute(
        SQL("select {} from {} order by 1, 2, 3").format(_COLUMNS, Identifier(*relation))
    )
    return {
        (row["indicator_code"], row["method"], row["definition_version"]): tuple(row[word] for word in _WORDS)
        for row in rows
    }


def _refuse_changed(published: Mapping[Key, tuple[Any, ...]], now: Mapping[Key, tuple[Any, ...]]) -> None:
    changed = [key for key in published.keys() & now.keys() if published[key] != now[key]]
    if not changed:
        return
    named = "; ".join(
        f"{code} ({method}) version {version}: "
        + ", ".join(w for w, then, today in zip(_WORDS, published[key], now[key], strict=True) if then != today)
        for key in sorted(changed)
        for code, method, version in [key]
    )
    raise DefinitionChanged(
        f"a published definition reads otherwise now: {named}. Nothing was published. Put the old words back and add "
        "the new ones as a row with the next definition_version in dbt_project/seeds/indicators"
    )
