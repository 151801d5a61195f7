"""Row-level security: of tables kept by agency, people's connections see the rows of some agencies, the house all.

Forced, so that the tables' owner and what runs as the owner are under it too. The policies are made from the
decisions; each carries a hash of what was asked for and of what the server made of it, so that a policy changed by hand
is noticed and made anew, and an unchanged one costs nothing and locks nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.db import SQL, Composable, Composed, Connection, Identifier, Literal
from pipeline.rights.decisions import OWN, Decisions, Group

OWNER: Final = "flyover_owner"
ADDS_ONLY: Final = "audit.entry"
"""whoever acts adds a line about whatever it was: adding asks for no agency"""

# A desk's connection names whom it reads for; one that forgets to sees nothing. An officer's own login is looked up by
# the name it came in with, which no setting and no SET ROLE changes.
SEES: Final[Mapping[str, tuple[str, str]]] = {
    "flyover_portal": ("agency", "agency_code = current_setting('flyover.agency', true)"),
    "flyover_officer": ("desk", "portal.is_theirs(agency_code)"),
    "quality_officer": (
        "officer",
        "(select portal.sees_every_agency()) or agency_code = any ((select portal.own_agencies())::text[])",
    ),
}


@dataclass(frozen=True)
class Policy:
    """One policy of one table; ``reads`` is the condition on rows seen, ``writes`` that on rows written."""

    table: str
    name: str
    command: str
    roles: tuple[str, ...]
    reads: str
    writes: str

    def mark(self, as_made: str) -> str:
        """What its comment says when it is as decided; ``as_made`` is how the server words it."""
        return hashlib.sha256(f"{self!r}\n{as_made}".encode()).hexdigest()

    def made(self) -> Composed:
        """The statement that makes it; its words come from the decisions, which are ours."""
        schema, _, table = self.table.partition(".")
        parts: list[Composable] = [
            SQL("create policy {} on {} for {} to {}").format(
                Identifier(self.name),
                Identifier(schema, table),
                SQL(self.command),
                SQL(", ").join(map(Identifier, self.roles)),
            )
        ]
        if self.reads:
            parts.append(SQL("using ({})").format(SQL(self.reads)))
        if self.writes:
            parts.append(SQL("with check ({})").format(SQL(self.writes)))
        return SQL(" ").join(parts)


def policies(decided: Decisions) -> list[Policy]:
    """Every policy there should be."""
    return [
        policy
        for group in decided.groups
        if group.by_agency
        for table in group.names
        for policy in _of_table(decided, group, table)
    ]


def settle(connection: Connection[Any], decided: Decisions) -> None:
    """Make row-level security what was decided; runs as the owner, in the caller's transaction."""
    kept = _kept(decided)
    for table, is_forced in _tables(connection).items():
        if is_forced != (table in kept):
            for word in ("disable", "no force") if is_forced else ("enable", "force"):
                form = SQL("alter table {} {} row level security")
                connection.execute(form.format(_place(table), SQL(word)))
    wanted, found = {(p.table, p.name): p for p in policies(decided)}, _found(connection)
    right = {place for place in wanted.keys() & found.keys() if _fits(wanted[place], found[place])}
    for table, name in sorted(found.keys() - right):
        connection.execute(SQL("drop policy {} on {}").format(Identifier(name), _place(table)))
    for place in sorted(wanted.keys() - right):
        connection.execute(wanted[place].made())
    if made := wanted.keys() - right:
        worded = _found(connection)
        for table, name in sorted(made):
            mark = Literal(wanted[table, name].mark(worded[table, name].as_made))
            connection.execute(SQL("comment on policy {} on {} is {}").format(Identifier(name), _place(table), mark))


def differences(connection: Connection[Any], decided: Decisions) -> Iterator[tuple[str, str]]:
    """Where row-level security differs from what was decided: (table, what)."""
    kept = _kept(decided)
    for table, is_forced in _tables(connection).items():
        if is_forced != (table in kept):
            yield table, "row-level security that nobody decided" if is_forced else "row-level security is not forced"
    wanted, found = {(p.table, p.name): p for p in policies(decided)}, _found(connection)
    for place in sorted(wanted.keys() | found.keys()):
        table, name = place
        if place not in found:
            yield table, f"policy {name} is missing"
        elif place not in wanted:
            yield table, f"policy {name} that nobody decided"
        elif not _fits(wanted[place], found[place]):
            yield table, f"policy {name} was changed"


def is_officers_login(connection: Connection[Any], role: str) -> bool:
    """Whether a login belongs to an officer whose account has not ended."""
    found = connection.execute(
        "select exists (select from portal.officer where login = %s and ended_at is null)", (role,)
    ).fetchone()
    return bool(found and found[0])


def _of_table(decided: Decisions, group: Group, table: str) -> Iterator[Policy]:
    house = {right.role for right in group.rights} - set(decided.people)
    yield Policy(table, "house", "all", (OWNER, *sorted(house - {OWNER})), "true", "true")
    people = [role for role in decided.people if role in group.roles]
    writes = {right.role for right in group.rights if right.privilege in ("insert", "update", "delete")}
    for role in people:
        name, own = SEES[role]
        sees = own if group.by_agency == OWN else group.by_agency
        if table == ADDS_ONLY:
            yield Policy(table, f"{name}_adds", "insert", (role,), "", "true")
            yield Policy(table, name, "select", (role,), sees, "")
        elif role in writes:
            yield Policy(table, name, "all", (role,), sees, sees)
        else:
            yield Policy(table, name, "select", (role,), sees, "")


@dataclass(frozen=True)
class _Found:
    as_made: str
    comment: str | None


def _fits(policy: Policy, found: _Found) -> bool:
    return found.comment == policy.mark(found.as_made)


def _kept(decided: Decisions) -> set[str]:
    return {table for group in decided.groups if group.by_agency for table in group.names}


def _place(table: str) -> Identifier:
    return Identifier(*table.split(".", 1))


def _tables(connection: Connection[Any]) -> dict[str, bool]:
    return dict(connection.execute(_TABLES).fetchall())


def _found(connection: Connection[Any]) -> dict[tuple[str, str], _Found]:
    return {(table, name): _Found(text, comment) for table, name, text, comment in connection.execute(_POLICIES)}


_TABLES = """
select n.nspname || '.' || c.relname, c.relrowsecurity and c.relforcerowsecurity
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and c.relowner::regrole::text = 'flyover_owner'
"""
_POLICIES = """
select
    n.nspname || '.' || c.relname, p.polname,
    concat_ws(
        ' / ', p.polcmd, p.polpermissive,
        (select string_agg(r.rolname, ', ' order by r.rolname) from pg_roles as r where r.oid = any(p.polroles)),
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    ),
    obj_description(p.oid, 'pg_policy')
from pg_policy as p
inner join pg_class as c on p.polrelid = c.oid
inner join pg_namespace as n on c.relnamespace = n.oid
"""
