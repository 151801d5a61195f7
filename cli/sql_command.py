"""./flyover sql: ask the warehouse as one of its roles, with that role's own password."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, NoReturn

import typer

from cli.output import emit_table
from pipeline import programs
from pipeline.db import DatabaseError, connect
from pipeline.errors import BadInput
from pipeline.settings import DATABASE_ROLES, Settings, load


def sql(
    query: Annotated[str | None, typer.Argument(help="One statement; without it, psql opens.")] = None,
    role: Annotated[str, typer.Option("--role", "-r", help=f"One of {', '.join(DATABASE_ROLES)}.")] = "policymaker",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Ask the warehouse as a role. A policymaker sees the published numbers (schema mart) and nothing else.

    What a role may, and for how long, is set on the role itself: psql and BI tools get the same.

    ./flyover sql 'select indicator_code, area_code, value from mart.indicator_value limit 5'
    """
    if role not in DATABASE_ROLES:
        raise BadInput(f"no role {role}", advice=f"Roles: {', '.join(DATABASE_ROLES)}")
    settings = load()
    if query is None:
        _open_prompt(settings, role)
    columns, rows = ask(settings, role, query)
    emit_table(f"as {role}", columns, rows, as_json)


def ask(settings: Settings, role: str, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run one statement as the role; (columns, rows), both empty for a statement that returns nothing.

    :raises BadInput: when the server refuses the statement, with its reason
    """
    with connect(settings, role) as connection:
        try:
            cursor = connection.execute(query.encode())
        except DatabaseError as refused:
            said = refused.diag.message_primary or str(refused).strip().splitlines()[0]
            raise BadInput(f"PostgreSQL refused the statement as {role}: {said}") from None
        if cursor.description is None:
            return [], []
        return [column.name for column in cursor.description], cursor.fetchall()


def _open_prompt(settings: Settings, role: str) -> NoReturn:
    program = str(programs.postgres("psql"))
    env = {
        **os.environ,
        "PGHOST": settings.pg_host,
        "PGPORT": str(settings.pg_port),
        "PGDATABASE": settings.pg_database,
        "PGUSER": role,
        "PGPASSWORD": settings.secrets.pg_passwords[role],
    }
    if not sys.stdin.isatty():
        raise BadInput("no statement given, and no terminal to ask for one", advice="./flyover sql 'select …'")
    os.execve(program, [program], env)
