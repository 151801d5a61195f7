"""Which relations of core an entity's records can reach, read from the models' own text.

A model names what it reads in ``ref('…')``, in the macros' lists of parts, and in the name of its touched view. That
is all of dbt that is needed here, so a reconciliation starts in no time and works where nothing was ever built; a test
compares it with dbt's manifest.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_REF = re.compile(r"ref\(\s*'(\w+)'\s*\)")
_CARRIED = re.compile(r"'([a-z0-9_]+__[a-z0-9_]+)' as source_entity")
_QUOTED = re.compile(r"'((?:int|stg|base)_\w+)'")
BASE, VERSIONS = "base_", "__versions"
"""``base_<table>`` holds a record's latest version, ``base_<table>__versions``, where there is one, all of them."""


@dataclass(frozen=True)
class Relation:
    """One relation of core: what it is made from at the last step, and every entity whose records can reach it."""

    name: str
    parents: tuple[str, ...]
    tables: tuple[str, ...]
    """landing tables (``source__entity``) at the far end, also where they only decide about others' rows"""
    carries: tuple[str, ...]
    """those of them whose records are its rows"""


@dataclass(frozen=True)
class Lineage:
    """The project's models: relations of core by name, and landing tables that have a base model."""

    core: Mapping[str, Relation]
    bases: tuple[str, ...]

    def reaching(self, table: str) -> tuple[Relation, ...]:
        """The relations that an entity's records can reach; none: it ends at staging."""
        return tuple(relation for relation in self.core.values() if table in relation.tables)


@functools.cache
def read(project: Path) -> Lineage:
    """Lineage of a dbt project's folder."""
    models = project / "models"
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(models.rglob("*.sql"))}
    parents = {name: _parents(name, text, texts) for name, text in texts.items()}
    bases = {name: _table(name) for name in texts if name.startswith(BASE)}
    core = {}
    for path in sorted((models / "marts" / "core").glob("*.sql")):
        name = path.stem
        far = tuple(sorted({bases[above] for above in _above(name, parents) if above in bases}))
        carried = tuple(sorted(_carried(name, texts, parents) & set(far)))
        core[name] = Relation(name, parents[name], far, carried)
    return Lineage(core, tuple(sorted(set(bases.values()))))


def _table(base: str) -> str:
    return base.removeprefix(BASE).removesuffix(VERSIONS)


def _parents(name: str, text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    named = {*_REF.findall(text), *_QUOTED.findall(text)}
    return tuple(sorted(parent for parent in named if parent in known and parent != name))


def _carried(name: str, texts: Mapping[str, str], parents: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Tables that a model names as its rows' own, else those that its parents do."""
    if name.startswith(BASE):
        return {_table(name)}
    named = set(_CARRIED.findall(texts[name]))
    return named or {table for parent in parents[name] for table in _carried(parent, texts, parents)}


def _above(name: str, parents: Mapping[str, tuple[str, ...]]) -> set[str]:
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        fresh = [parent for parent in parents[waiting.pop()] if parent not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return seen
