"""./flyover roles: who may do what in the database as it is, and where that is not what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from cli.output import Table, emit_table, emit_tables, say
from pipeline import rights
from pipeline.db import connect
from pipeline.rights import matrix
from pipeline.settings import DATABASE_ROLES, load

ROLE = "engineer"


def roles(
    check: Annotated[bool, typer.Option("--check", help="Only what differs from what was decided.")] = False,
    role: Annotated[str | None, typer.Option("--role", help="Only what this role may do.")] = None,
    schema: Annotated[str | None, typer.Option("--schema", help="Only this schema.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show who may do what, schema by schema, as the database has it. With --check: exit code 1 where it differs.

    s select, i insert, u update, d delete, x execute, n next number; * some columns only; "rows": each connection of a
    person sees those of its agencies. Why it is so: docs/reference/rights.md.
    """
    with connect(load(), ROLE) as connection:
        found = rights.differences(connection)
        shown = [] if check else matrix.lines(connection)
    if not check:
        _show(shown, role, schema, as_json)
    if found or check:
        emit_table("Not as decided", ("where", "what"), [(d.where, d.what) for d in found], as_json and check)
    say(f"{len(found)} differences from what was decided" + ("; ./flyover up puts them right" if found else ""))
    if found and check:
        raise typer.Exit(1)


def _show(lines: Sequence[matrix.Line], role: str | None, schema: str | None, as_json: bool) -> None:
    wanted = [line for line in lines if schema in (None, line.schema) and (role is None or role in line.may)]
    tables = []
    for name in dict.fromkeys(line.schema for line in wanted):
        here = [line for line in wanted if line.schema == name]
        may = [r for r in DATABASE_ROLES if any(r in line.may for line in here) and role in (None, r)]
        columns = ("object", "how many", "rows", *(r.removeprefix("flyover_") for r in may))
        rows = [
            (line.name, line.count, "of an agency" if line.is_kept_by_row else "", *(line.may.get(r, "") for r in may))
            for line in here
        ]
        tables.append(Table(name, name, columns, rows))
    emit_tables(tables, as_json)
    say(matrix.KEY)
    objects = sum(line.count for line in wanted)
    held = sum(line.count * len(line.may) for line in wanted)
    say(f"{len(DATABASE_ROLES)} roles, {objects} objects: {held} of {len(DATABASE_ROLES) * objects} pairs have a right")
