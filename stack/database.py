"""The roles and databases the server needs before anyone else can work: made as its superuser, once."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline.db import SQL, Connection, Identifier, Literal, connect
from pipeline.settings import Secrets, Settings
from stack import airflow, postgres


def is_external() -> bool:
    """Whether an existing server is to be used instead of ours."""
    return bool(os.environ.get("FLYOVER_PG_HOST"))


def superuser() -> tuple[str, str | None]:
    """(user, password) that may create roles and databases; the password is None for our own server."""
    if is_external():
        return os.environ.get("FLYOVER_PG_ADMIN_USER", postgres.SUPERUSER), os.environ.get(
            "FLYOVER_PG_ADMIN_PASSWORD", ""
        )
    return postgres.SUPERUSER, None


def bootstrap(settings: Settings) -> None:
    """Make the two owners and their databases; idempotent, and passwords follow secrets.json."""
    user, password = superuser()
    passwords = dict(settings.secrets.pg_passwords)
    if password is not None:
        passwords[user] = password
    as_admin = replace(settings, pg_database="postgres", secrets=_with_passwords(settings.secrets, passwords))
    with connect(as_admin, user, autocommit=True) as connection:
        # The owner makes the other roles and, in tests, databases from a template; it is no superuser.
        _ensure_role(connection, "flyover_owner", passwords["flyover_owner"], "createrole createdb")
        _ensure_role(connection, "airflow", passwords["airflow"], "nocreaterole")
        _ensure_database(connection, settings.pg_database, "flyover_owner")
        _ensure_database(connection, airflow.DATABASE, "airflow")
        connection.execute(SQL("revoke connect on database {} from public").format(Identifier(airflow.DATABASE)))
    with connect(replace(as_admin, pg_database=settings.pg_database), user, autocommit=True) as connection:
        # Anyone who may connect could hold the locks our stages wait for, fill the disk with large objects, and see who
        # is connected. The owner decides to whom this is granted (pipeline/migrations/roles.sql).
        connection.execute(_CLOSE_TO_THE_PUBLIC)


_CLOSE_TO_THE_PUBLIC = SQL("""
do $$
declare
    closed record;
begin
    if not (select rolsuper from pg_roles where rolname = current_user) then
        return;                                  -- of a server we borrowed, its own administrator decides
    end if;
    for closed in
        select oid::regprocedure as name
        from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and (
            proname like 'pg%\\_advisory\\_%'
            or proname in ('pg_stat_get_activity', 'lo_creat', 'lo_create', 'lo_from_bytea')
        )
    loop
        execute format('revoke execute on function %s from public', closed.name);
        execute format('grant execute on function %s to flyover_owner with grant option', closed.name);
    end loop;
end
$$
""")


def _with_passwords(secrets: Secrets, passwords: Mapping[str, str]) -> Secrets:
    return replace(secrets, pg_passwords=passwords)


def _ensure_role(connection: Connection[Any], name: str, password: str, rights: str) -> None:
    known = connection.execute("select from pg_roles where rolname = %s", (name,)).fetchone() is not None
    verb = SQL("alter" if known else "create")
    connection.execute(
        SQL("{} role {} login {} password {}").format(verb, Identifier(name), SQL(rights), Literal(password))
    )


def _ensure_database(connection: Connection[Any], name: str, owner: str) -> None:
    if connection.execute("select from pg_database where datname = %s", (name,)).fetchone() is None:
        # An owner can be given only by one of its members; a superuser is, an outside administrator must become so.
        connection.execute(SQL("grant {} to current_user").format(Identifier(owner)))
        connection.execute(SQL("create database {} owner {}").format(Identifier(name), Identifier(owner)))
