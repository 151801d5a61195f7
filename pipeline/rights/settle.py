"""Makes the database's rights what was decided, and says where they differ.

What no line names is refused before anything is changed. Only differences are written, so a second run writes none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.db import SQL, Composable, Connection, Identifier
from pipeline.errors import SystemTrouble
from pipeline.rights import catalogue, rows
from pipeline.rights.catalogue import WITH_GRANT, Thing
from pipeline.rights.decisions import PUBLIC, Decisions, Kind, Right, Undecided, load

BUILDER = "flyover_dbt"
OFFICER = "quality_officer"
_WORD: Mapping[str, str] = {
    "relations": "table", "partitions": "table", "sequences": "sequence", "functions": "routine", "schemas": "schema",
}  # fmt: skip
_ROUNDS = 3  # taking a right to a whole table takes those to its columns with it, which the next round gives again


@dataclass(frozen=True, order=True)
class Difference:
    """One place where the database is not as decided."""

    where: str
    what: str


def settle(connection: Connection[Any]) -> None:
    """Bring every right to what was decided; runs as the owner, in the caller's transaction.

    :raises Undecided: when something exists that no line names; nothing was changed then
    """
    decided = load()
    _settle_things(connection, decided, None)
    _settle_server(connection, decided)
    rows.settle(connection, decided)


def settle_built(connection: Connection[Any]) -> None:
    """The same for what dbt has made, as its role; safe beside readers, a model's own grants stay in force meanwhile.

    :raises Undecided: when it made something that no line names
    """
    _settle_things(connection, load(), BUILDER)


def differences(connection: Connection[Any]) -> list[Difference]:
    """Where the database differs from what was decided, sorted; empty when it is right."""
    decided, found = load(), []
    for thing in catalogue.things(connection):
        try:
            wanted = _wanted(decided, thing)
        except Undecided:
            found.append(Difference(thing.name, f"{_WORD[thing.kind]} that no line names"))
            continue
        found += [Difference(thing.name, f"{_said(r)} beyond what was decided") for r in thing.rights - wanted]
        found += [Difference(thing.name, f"{_said(r)} is missing") for r in wanted - thing.rights]
    found += _server_differences(connection, decided)
    found += [Difference(where, what) for where, what in rows.differences(connection, decided)]
    return sorted(found)


def _settle_things(connection: Connection[Any], decided: Decisions, of_owner: str | None) -> None:
    for _ in range(_ROUNDS):
        changes = _Changes()
        for thing in catalogue.things(connection, of_owner=of_owner):
            changes.note(thing, _wanted(decided, thing))
        if not changes:
            return
        changes.carry_out(connection)
    raise SystemTrouble("the rights do not become what was decided: someone else is changing them; try again")


def _wanted(decided: Decisions, thing: Thing) -> frozenset[Right]:
    if thing.kind == "schemas":
        decided.schema(thing.name)
        wanted = decided.usage(thing.name)
    elif thing.is_counter:
        wanted = frozenset()
    else:
        decided.schema(thing.schema)
        kind: Kind = thing.kind  # type: ignore[assignment]
        wanted = decided.group_of(kind, thing.name).rights
    return frozenset(right for right in wanted if right.role != thing.owner)


class _Changes:
    """What is to be taken and given, gathered so that one statement serves many objects."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str, frozenset[tuple[str, str]]], list[str]] = defaultdict(list)
        self._given: dict[tuple[str, str, frozenset[tuple[str, str]]], list[str]] = defaultdict(list)

    def __bool__(self) -> bool:
        return bool(self._taken or self._given)

    def note(self, thing: Thing, wanted: frozenset[Right]) -> None:
        """Remember where a thing differs."""
        for target, rights in ((self._taken, thing.rights - wanted), (self._given, wanted - thing.rights)):
            by_role: dict[str, set[tuple[str, str]]] = defaultdict(set)
            for right in rights:
                by_role[right.role].add((right.privilege.removesuffix(WITH_GRANT), right.column))
            for role, what in by_role.items():
                target[_WORD[thing.kind], role, frozenset(what)].append(thing.address)

    def carry_out(self, connection: Connection[Any]) -> None:
        """Take first, then give."""
        for form, changes in (("revoke {} on {} {} from {}", self._taken), ("grant {} on {} {} to {}", self._given)):
            for (word, role, what), addresses in changes.items():
                # addresses were quoted by the server that gave them
                places = SQL(", ").join([SQL(address) for address in addresses])
                connection.execute(SQL(form).format(_privileges(what), SQL(word), places, _role(role)))


def _privileges(what: Iterable[tuple[str, str]]) -> Composable:
    columns: dict[str, list[str]] = defaultdict(list)
    for privilege, column in sorted(what):
        columns[privilege].append(column)
    parts: list[Composable] = []
    for privilege, names in columns.items():
        parts += [SQL(privilege)] if "" in names else []
        if some := [Identifier(name) for name in names if name]:
            parts.append(SQL("{} ({})").format(SQL(privilege), SQL(", ").join(some)))
    return SQL(", ").join(parts)


def _role(name: str) -> Composable:
    return SQL("public") if name == PUBLIC else Identifier(name)


def _settle_server(connection: Connection[Any], decided: Decisions) -> None:
    here = Identifier(connection.info.dbname)
    held, wanted = catalogue.database(connection), _of_database(decided)
    for form, rights in (("revoke {} on database {} from {}", held - wanted),
                         ("grant {} on database {} to {}", wanted - held)):  # fmt: skip
        for right in sorted(rights):
            privilege = SQL(right.privilege.removesuffix(WITH_GRANT))
            connection.execute(SQL(form).format(privilege, here, _role(right.role)))
    given, meant = catalogue.defaults(connection), _by_default(decided)
    for form, changes in (("revoke {} on tables from {}", given - meant), ("grant {} on tables to {}", meant - given)):
        for schema, right in sorted(changes):
            connection.execute(
                SQL("alter default privileges for role flyover_dbt in schema {} " + form).format(
                    Identifier(schema), SQL(right.privilege.removesuffix(WITH_GRANT)), _role(right.role)
                )
            )  # fmt: skip
    for maker in ("flyover_owner", BUILDER):
        connection.execute(
            SQL("alter default privileges for role {} revoke execute on routines from public").format(Identifier(maker))
        )
    known = catalogue.members(connection, decided.roles)
    for role in decided.roles.values():
        for other in sorted(role.also - known.get(role.name, frozenset())):
            connection.execute(
                SQL("grant {} to {} with inherit true, set true").format(Identifier(other), Identifier(role.name))
            )


def _of_database(decided: Decisions) -> frozenset[Right]:
    others = [name for name in decided.roles if name != "flyover_owner"]
    return frozenset(Right(name, "connect") for name in others) | frozenset(
        Right(name, "temporary") for name in decided.temporary
    )


def _by_default(decided: Decisions) -> frozenset[tuple[str, Right]]:
    return frozenset(
        (schema.name, right)
        for schema in decided.schemas.values()
        if schema.is_built
        for right in decided.by_default(schema.name)
    )


def _server_differences(connection: Connection[Any], decided: Decisions) -> list[Difference]:
    found = []
    held, wanted = catalogue.database(connection), _of_database(decided)
    found += [Difference("the database", f"{_said(r)} beyond what was decided") for r in held - wanted]
    found += [Difference("the database", f"{_said(r)} is missing") for r in wanted - held]
    given, meant = catalogue.defaults(connection), _by_default(decided)
    found += [Difference(f"{s}.*", f"{_said(r)} by default beyond what was decided") for s, r in given - meant]
    found += [Difference(f"{s}.*", f"{_said(r)} by default is missing") for s, r in meant - given]
    can = catalogue.attributes(connection, decided.roles)
    known = catalogue.members(connection, decided.roles)
    for name, role in decided.roles.items():
        if can.get(name) != role.can:
            found.append(Difference(name, f"can {_list(can.get(name, ()))}, not {_list(role.can)}"))
        if known.get(name, frozenset()) != role.also:
            found.append(
                Difference(name, f"has the rights of {_list(known.get(name, ()))} too, not of {_list(role.also)}")
            )
    for member in sorted(known.keys() - decided.roles.keys()):
        if known[member] != {OFFICER} or not rows.is_officers_login(connection, member):
            found.append(Difference(member, f"a stranger with the rights of {_list(known[member])}"))
    return found


def _said(right: Right) -> str:
    of = f" of {right.column}" if right.column else ""
    return f"{right.role}: {right.privilege}{of}"


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"
