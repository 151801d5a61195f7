"""./flyover indicators: what the current release says of an area, against its targets; and what is missing."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from cli.output import Table, emit_tables, say
from pipeline.settings import load
from release.catalogue import Standing


def indicators(
    code: Annotated[str | None, typer.Argument(help="One indicator, in all its periods and breakdowns.")] = None,
    area: Annotated[str, typer.Option("--area", help="Area code.")] = "330000",
    gaps: Annotated[
        bool, typer.Option("--gaps", help="What could not be computed, and the return it waits for.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """List the indicators of an area with value, target and status."""
    from release import catalogue

    settings = load()
    if gaps:
        missing = [each for each in catalogue.gaps(settings) if code is None or each.indicator_code == code]
        columns = tuple(field.name for field in dataclasses.fields(catalogue.Gap))
        rows = [tuple(getattr(each, column) for column in columns) for each in missing]
        emit_tables([Table("gaps", "Returns that are missing", columns, rows)], as_json)
        return
    found = catalogue.standing(settings, area, code)
    columns = ("indicator", "method", "realm", "name", "period", "of", "value", "unit", "status", "target", "by")
    emit_tables([Table("indicators", f"Indicators of {area}", columns, [_row(each) for each in found])], as_json)
    if not found:
        say(f"the current release shows nothing of {area}" + (f" for {code}" if code else ""))


def _row(each: Standing) -> tuple[object, ...]:
    return (
        each.indicator_code, each.method, each.realm, f"{each.name_zh} {each.name_en}", each.period,
        each.member, each.value,
        each.unit, each.status, each.target and each.target.value, each.target and each.target.year,
    )  # fmt: skip
