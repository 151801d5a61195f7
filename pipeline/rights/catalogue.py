"""Reads from PostgreSQL's own catalogue what every role may do; what an owner may do with its own is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.db import Connection
from pipeline.rights.decisions import PUBLIC, Right

WITH_GRANT = " with grant option"


@dataclass(frozen=True)
class Thing:
    """A schema, table, view, partition, sequence or function as it stands.

    ``address`` is how SQL names it. ``is_counter`` marks the sequence behind an identity column, which nobody needs a
    right to. ``is_kept_by_row`` tells whether row-level security is on, for the owner too.
    """

    kind: str
    name: str
    address: str
    schema: str
    owner: str
    is_counter: bool
    is_kept_by_row: bool
    rights: frozenset[Right]


def things(connection: Connection[Any], *, of_owner: str | None = None) -> list[Thing]:
    """Everything outside PostgreSQL's own schemas, or only what ``of_owner`` owns; sorted by kind and name."""
    rows = connection.execute(_THINGS, {"owner": of_owner}).fetchall()
    found: dict[tuple[str, str], tuple[str, str, str, str, str, bool, bool]] = {}
    rights: dict[tuple[str, str], set[Right]] = {}
    for kind, name, address, schema, owner, is_counter, is_kept, grantee, privilege, column in rows:
        found[kind, address] = (kind, name, address, schema, owner, is_counter, is_kept)
        known = rights.setdefault((kind, address), set())
        if grantee is not None and grantee != owner:
            known.add(Right(grantee, privilege, column))
    return [Thing(*found[key], frozenset(rights[key])) for key in sorted(found)]


def defaults(connection: Connection[Any]) -> frozenset[tuple[str, Right]]:
    """What dbt's role gives on tables it will make: (schema, right)."""
    return frozenset((schema, Right(role, privilege)) for schema, role, privilege in connection.execute(_DEFAULTS))


def database(connection: Connection[Any]) -> frozenset[Right]:
    """Who may come, and who may make temporary tables."""
    return frozenset(Right(role, privilege) for role, privilege in connection.execute(_DATABASE))


def attributes(connection: Connection[Any], roles: Iterable[str]) -> dict[str, frozenset[str]]:
    """What roles may do in the server as a whole, by role."""
    rows = connection.execute(_ATTRIBUTES, {"roles": list(roles)})
    return {name: frozenset(can) for name, can in rows}


def members(connection: Connection[Any], roles: Iterable[str]) -> dict[str, frozenset[str]]:
    """Whose rights other roles have too: by member, superusers left out."""
    found: dict[str, set[str]] = {}
    for role, member in connection.execute(_MEMBERS, {"roles": list(roles)}):
        found.setdefault(member, set()).add(role)
    return {member: frozenset(of) for member, of in found.items()}


_GRANTEE = f"case when a.grantee = 0 then '{PUBLIC}' else a.grantee::regrole::text end"
_PRIVILEGE = f"lower(a.privilege_type) || case when a.is_grantable then '{WITH_GRANT}' else '' end"
_THINGS = f"""
with ours as (
    select oid, nspname, nspowner, nspacl from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
),

relations as (
    select c.oid, c.relacl, c.relowner, n.nspname, c.relname,
        case when c.relkind = 'S' then 'sequences' when c.relispartition then 'partitions' else 'relations' end as kind,
        c.relkind = 'S' and exists (
            select from pg_depend as d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'
        ) as is_counter,
        c.relrowsecurity and c.relforcerowsecurity as is_kept_by_row
    from pg_class as c
    inner join ours as n on c.relnamespace = n.oid
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and (%(owner)s::text is null or c.relowner::regrole::text = %(owner)s)
)

select r.kind, r.nspname || '.' || r.relname, format('%%I.%%I', r.nspname, r.relname), r.nspname,
    r.relowner::regrole::text, r.is_counter, r.is_kept_by_row, {_GRANTEE}, {_PRIVILEGE}, ''
from relations as r
left join lateral aclexplode(r.relacl) as a on true
union all
select r.kind, r.nspname || '.' || r.relname, format('%%I.%%I', r.nspname, r.relname), r.nspname,
    r.relowner::regrole::text, r.is_counter, r.is_kept_by_row, {_GRANTEE}, {_PRIVILEGE}, t.attname
from relations as r
inner join pg_attribute as t on r.oid = t.attrelid and t.attacl is not null
cross join lateral aclexplode(t.attacl) as a
union all
select 'functions', n.nspname || '.' || p.proname, p.oid::regprocedure::text, n.nspname, p.proowner::regrole::text,
    false, false, {_GRANTEE}, {_PRIVILEGE}, ''
from pg_proc as p
inner join ours as n on p.pronamespace = n.oid
left join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a on true
where %(owner)s::text is null or p.proowner::regrole::text = %(owner)s
union all
select 'schemas', n.nspname, format('%%I', n.nspname), n.nspname, n.nspowner::regrole::text, false, false,
    {_GRANTEE}, {_PRIVILEGE}, ''
from ours as n
left join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as a on true
where %(owner)s::text is null or n.nspowner::regrole::text = %(owner)s
"""  # noqa: S608 - words of ours
_DEFAULTS = f"""
select d.defaclnamespace::regnamespace::text, {_GRANTEE}, {_PRIVILEGE}
from pg_default_acl as d
cross join lateral aclexplode(d.defaclacl) as a
where d.defaclrole::regrole::text = 'flyover_dbt' and d.defaclobjtype = 'r' and a.grantee <> d.defaclrole
    and d.defaclnamespace <> 0
"""  # noqa: S608 - words of ours
_DATABASE = f"""
select {_GRANTEE}, {_PRIVILEGE}
from pg_database as d
cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
where d.datname = current_database() and a.grantee <> d.datdba
"""  # noqa: S608 - words of ours
_ATTRIBUTES = """
select rolname, array_remove(array[
    case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end,
    case when rolcreatedb then 'createdb' end, case when rolbypassrls then 'bypassrls' end,
    case when rolreplication then 'replication' end
], null)
from pg_roles
where rolname = any(%(roles)s)
"""
_MEMBERS = """
select of.rolname, member.rolname
from pg_auth_members as m
inner join pg_roles as of on m.roleid = of.oid
inner join pg_roles as member on m.member = member.oid
where (of.rolname = any(%(roles)s) or member.rolname = any(%(roles)s))
    and (m.inherit_option or m.set_option) and not member.rolsuper
"""
