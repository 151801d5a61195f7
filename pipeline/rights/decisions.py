"""Reads decisions.yml: which role may do what with which object, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

import yaml

from pipeline.errors import ConfigurationError

Kind = Literal["relations", "partitions", "sequences", "functions"]
FILE = "pipeline/rights/decisions.yml"
PUBLIC = "public"
OWN = "agency_code"
_RIGHT = re.compile(r"([a-z]+)(?:\(([^)]*)\))?(?:\s+|$)")
_WORDS: Mapping[str, frozenset[str]] = {
    "relations": frozenset({"select", "insert", "update", "delete"}),
    "partitions": frozenset({"select", "insert", "update", "delete"}),
    "sequences": frozenset({"usage", "select", "update"}),
    "functions": frozenset({"execute"}),
}


class Undecided(ConfigurationError):
    """An object of the database that no line of the decisions names."""


@dataclass(frozen=True, order=True)
class Right:
    """One right of one role; ``column`` empty stands for the whole object."""

    role: str
    privilege: str
    column: str = ""


@dataclass(frozen=True)
class Group:
    """Objects of one kind that are decided together."""

    kind: Kind
    names: tuple[str, ...]
    why: str
    rights: frozenset[Right]
    by_agency: str = ""
    """whose a row is: ``agency_code``, or a condition that follows from another such table; empty: no matter"""

    @property
    def roles(self) -> list[str]:
        """Who may do anything with these objects."""
        return sorted({right.role for right in self.rights})


@dataclass(frozen=True)
class Role:
    """A role of the house; ``can`` are attributes of the server, ``also`` the roles whose rights it has too."""

    name: str
    why: str
    can: frozenset[str]
    also: frozenset[str]


@dataclass(frozen=True)
class Schema:
    """A schema; what lies in a ``built`` one belongs to dbt and is decided by patterns before it exists."""

    name: str
    why: str
    is_built: bool


@dataclass(frozen=True)
class Decisions:
    """Everything that was decided."""

    roles: Mapping[str, Role]
    schemas: Mapping[str, Schema]
    groups: tuple[Group, ...]
    temporary: frozenset[str]
    people: tuple[str, ...]
    _exact: Mapping[tuple[Kind, str], Group] = field(repr=False)
    _patterns: Sequence[tuple[str, Group]] = field(repr=False)

    def group_of(self, kind: Kind, name: str) -> Group:
        """The line that decides about an object; an exact name goes before a pattern, a longer pattern first.

        :raises Undecided: when there is none
        """
        if (exact := self._exact.get((kind, name))) is not None:
            return exact
        for pattern, group in self._patterns:
            if group.kind == kind and fnmatchcase(name, pattern):
                return group
        raise Undecided(
            f"nobody has decided who may use {_ONE[kind]} {name}. Add it to a group of {FILE}, or make one, with the "
            "roles that need it and why; nothing was applied"
        )

    def schema(self, name: str) -> Schema:
        """What was said of a schema.

        :raises Undecided: when nothing was
        """
        if (found := self.schemas.get(name)) is None:
            raise Undecided(f"nobody has decided about schema {name}. Name it in {FILE}, with why; nothing was applied")
        return found

    def usage(self, schema: str) -> frozenset[Right]:
        """Who may look up names there: whoever may do something with what lies in it; dbt may make things."""
        may = {r.role for g in self.groups for name in g.names if _schema(name) == schema for r in g.rights}
        given = {Right(role, "usage") for role in may}
        if self.schemas[schema].is_built:
            given |= {Right("flyover_dbt", "usage"), Right("flyover_dbt", "create")}
        return frozenset(given)

    def by_default(self, schema: str) -> frozenset[Right]:
        """What is given on whatever dbt makes in a schema, until its own line is applied."""
        return frozenset(
            r for pattern, g in self._patterns if pattern == f"{schema}.*" and g.kind == "relations" for r in g.rights
        )


_ONE: Mapping[str, str] = {
    "relations": "table or view",
    "partitions": "partition",
    "sequences": "sequence",
    "functions": "function",
}


@cache
def load() -> Decisions:
    """The decisions of this release.

    :raises ConfigurationError: naming the line that is not well formed
    """
    return parse(resources.files(__package__).joinpath("decisions.yml").read_text(encoding="utf-8"))


def parse(text: str) -> Decisions:
    """The same from a text."""
    document = yaml.safe_load(text)
    roles = {name: _role(name, each) for name, each in document["roles"].items()}
    schemas = {
        name: Schema(name, _why(name, each), bool(each.get("built", False)))
        for name, each in document["schemas"].items()
    }
    groups = tuple(_group(each, roles.keys(), schemas) for each in document["groups"])
    exact: dict[tuple[Kind, str], Group] = {}
    patterns: dict[tuple[Kind, str], Group] = {}
    for group in groups:
        for name in group.names:
            known = patterns if "*" in name else exact
            if (group.kind, name) in known:
                raise _wrong(f"{name} is decided twice")
            known[group.kind, name] = group
    longest = sorted(patterns.items(), key=lambda each: -len(each[0][1]))
    return Decisions(
        roles,
        schemas,
        groups,
        frozenset(_known(document["database"]["temporary"], roles.keys())),
        tuple(_known(document["people"], roles.keys())),
        exact,
        [(name, group) for (_, name), group in longest],
    )


def _role(name: str, said: Mapping[str, Any]) -> Role:
    return Role(name, _why(name, said), frozenset(said.get("can", ())), frozenset(said.get("also", ())))


def _group(said: Mapping[str, Any], roles: Any, schemas: Mapping[str, Schema]) -> Group:
    kinds = [kind for kind in get_args(Kind) if kind in said]
    if len(kinds) != 1 or not said[kinds[0]]:
        raise _wrong(f"a group names objects of exactly one kind, not {sorted(said)}")
    kind, names = kinds[0], tuple(said[kinds[0]])
    label = names[0]
    for name in names:
        if _schema(name) not in schemas:
            raise _wrong(f"{name} lies in no schema that is named")
    rights = {right for role, words in (said.get("may") or {}).items() for right in _rights(label, kind, role, words)}
    _known({right.role for right in rights}, roles)
    return Group(kind, names, _why(label, said), frozenset(rights), _by_agency(said))


def _by_agency(said: Mapping[str, Any]) -> str:
    condition = said.get("by_agency", "")
    return OWN if condition is True else str(condition)


def _rights(label: str, kind: Kind, role: str, words: str) -> Iterator[Right]:
    place = 0
    while place < len(words):
        found = _RIGHT.match(words, place)
        if found is None or found[1] not in _WORDS[kind]:
            raise _wrong(f"{label}: {role} cannot be given {words[place:]!r}")
        columns = [name.strip() for name in found[2].split(",")] if found[2] is not None else [""]
        yield from (Right(role, found[1], column) for column in columns)
        place = found.end()


def _known(names: Any, roles: Any) -> list[str]:
    if strangers := sorted(set(names) - set(roles)):
        raise _wrong(f"{', '.join(strangers)} is no role")
    return list(names)


def _why(label: str, said: Mapping[str, Any]) -> str:
    text = said.get("why")
    if not isinstance(text, str) or not text.endswith("."):
        raise _wrong(f"{label}: a plain sentence of why is missing")
    return text


def _schema(name: str) -> str:
    return name.partition(".")[0]


def _wrong(what: str) -> ConfigurationError:
    return ConfigurationError(f"{FILE}: {what}")
