"""What every role may do, in letters, as it is in the database or as it was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pipeline.db import Connection
from pipeline.rights import catalogue
from pipeline.rights.catalogue import Thing
from pipeline.rights.decisions import Decisions, Kind, Right, Undecided, load

LETTERS: Mapping[str, str] = {
    "select": "s", "insert": "i", "update": "u", "delete": "d", "execute": "x", "usage": "n", "create": "c",
}  # fmt: skip
"""one letter a right; any other right stands as its whole word"""
KEY = "s select, i insert, u update, d delete, x execute, n next number; * some columns only; (rows) those of an agency"


@dataclass(frozen=True)
class Line:
    """Objects of a schema that stand together and may be used alike; ``may`` has letters by role."""

    schema: str
    name: str
    count: int
    is_kept_by_row: bool
    may: Mapping[str, str]


def lines(connection: Connection[Any]) -> list[Line]:
    """The matrix as it is: objects of one decision with the same rights are one line."""
    decided = load()
    alike: dict[tuple[str, str, bool, frozenset[Right]], list[Thing]] = {}
    for thing in catalogue.things(connection):
        if thing.kind == "schemas" or thing.is_counter:
            continue
        key = (thing.schema, _label(decided, thing), thing.is_kept_by_row, thing.rights)
        alike.setdefault(key, []).append(thing)
    return sorted(
        (
            Line(schema, things[0].name if len(things) == 1 else label, len(things), is_kept, letters(rights))
            for (schema, label, is_kept, rights), things in alike.items()
        ),
        key=lambda line: (line.schema, line.name),
    )


def letters(rights: Iterable[Right]) -> dict[str, str]:
    """Letters by role, in the order of :data:`LETTERS`; a star where a right is to some columns."""
    held: dict[str, dict[str, bool]] = {}
    for right in rights:
        whole = held.setdefault(right.role, {})
        whole[right.privilege] = whole.get(right.privilege, False) or not right.column
    order = [*LETTERS]
    return {
        role: "".join(
            LETTERS.get(privilege, f" {privilege} ") + ("" if whole else "*")
            for privilege, whole in sorted(privileges.items(), key=lambda r: order.index(r[0]) if r[0] in order else 99)
        ).strip()
        for role, privileges in sorted(held.items())
    }


def _label(decided: Decisions, thing: Thing) -> str:
    kind: Kind = thing.kind  # type: ignore[assignment]
    try:
        group = decided.group_of(kind, thing.name)
    except Undecided:
        return thing.name
    shown = next((name for name in group.names if "*" in name and fnmatchcase(thing.name, name)), group.names[0])
    if "*" not in shown and len(group.names) > 1:
        shown = f"{shown}, …"
    return f"{shown} (partitions)" if kind == "partitions" else shown
