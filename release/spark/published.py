"""What a release would show of Spark's candidates, held against what it would show of PostgreSQL's.

Disclosure control is the same code over both; nothing is published. Figures agree to the tolerance of the tables.
"""
# ruff: noqa: S608 - the path is ours

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.settings import Settings
from release import publish
from release.candidates import Slice, Value
from release.spark.compare import TOLERANCE, Difference

RELATION = "mart.indicator_value"


def compare(settings: Settings, folder: Path) -> Difference:
    """Compare value by value; ``folder`` holds core.indicator_candidate as Spark made it."""
    return differ(publish.foretold(settings), publish.foretold(settings, _rows(folder)))


def differ(here: Sequence[Value], there: Sequence[Value]) -> Difference:
    """Compare two releases by slice; a slice stands once in a release."""
    ours, theirs = _by_slice(here), _by_slice(there)
    apart = {
        key: tuple(name for name in value if not _same(value[name], theirs[key][name]))
        for key, value in ours.items()
        if key in theirs
    }
    different = {key for key, names in apart.items() if names}
    close = sum(ours[key] != theirs[key] for key in apart) - len(different)
    return Difference(
        RELATION, len(ours), len(theirs), len(ours.keys() - theirs.keys() | different),
        len(theirs.keys() - ours.keys() | different), close,
        tuple(sorted({name for names in apart.values() for name in names})),
    )  # fmt: skip


def _rows(folder: Path) -> list[dict[str, Any]]:
    import duckdb

    with duckdb.connect() as engine:
        found = engine.execute(
            f"select * from read_parquet('{folder}/*.parquet') "
            "order by indicator_code, method, realm, period, area_code, dimension, member"
        )
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _by_slice(values: Sequence[Value]) -> dict[Slice, Mapping[str, Any]]:
    return {value.slice: {name: part for name, part in asdict(value).items() if name != "slice"} for value in values}


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=TOLERANCE)
    return bool(left == right)
