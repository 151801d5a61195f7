"""./flyover impact: which published numbers a held batch holds back, or a withdrawal would move."""

from __future__ import annotations

import signal
import uuid
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import Table, emit_tables, say, timed_progress
from cli.rehearse_command import disk_of_server, interrupted, numbers_table
from pipeline.settings import load

if TYPE_CHECKING:
    from release.impact import Impact
    from release.picture import Figure


def impact(
    batch: Annotated[uuid.UUID, typer.Argument(help="Batch id, as ./flyover batches shows it.")],
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Of a released batch: if it were withdrawn.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Try it on a copy (a minute or more): old and new.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Lines of each table; JSON has all.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Say which published numbers a held batch holds back.

    At once: every number it may bear on, as it stands now. With --exact: those that move, and to what.
    """
    from release import impact as asked

    settings = load()
    signal.signal(signal.SIGTERM, interrupted)
    look = asked.withdrawn if withdraw else asked.held_back
    found = look(settings, batch, exact, say=timed_progress() if exact else say, room=disk_of_server())
    shown = [_indicators(found), _numbers(found)]
    if not as_json:
        shown = [table._replace(rows=table.rows[:limit]) for table in shown if table.rows]
    emit_tables(shown, as_json, **_about(found))
    _conclude(found, limit)


def _indicators(found: Impact) -> Table:
    rows = [(each.indicator_code, each.numbers) for each in found.indicators]
    title = "Indicators that move" if found.is_exact else "Indicators that may move"
    return Table("indicators", title, ("indicator", "numbers"), rows)


def _numbers(found: Impact) -> Table:
    if found.is_exact:
        return numbers_table(found.numbers)
    rows: list[tuple[Any, ...]] = [
        (
            change.slice.indicator_code,
            change.slice.realm,
            change.slice.area_code,
            change.slice.period,
            change.slice.dimension,
            change.slice.member,
            _shown(change.before),
        )
        for change in found.numbers
    ]
    columns = ("indicator", "realm", "area", "period", "dimension", "member", "now")
    return Table("numbers", "Numbers that may move, as they stand", columns, rows)


def _shown(figure: Figure | None) -> str | float | None:
    if figure is None:
        return None
    return figure.status if figure.value is None else figure.value


def _about(found: Impact) -> dict[str, Any]:
    return {
        "batch": found.batch_id,
        "agency": found.agency_code,
        "table": found.table,
        "if": found.decision,
        "rows": found.rows,
        "areas": found.areas,
        "exact": found.is_exact,
    }


def _conclude(found: Impact, limit: int) -> None:
    verb = "released" if found.decision == "release" else "withdrawn"
    about = f"{found.rows:,} rows of {found.agency_code} ({found.table})"
    if not found.numbers:
        say(f"{about}: no published number moves when the batch is {verb}")
        return
    more = f"; the first {limit} are shown" if len(found.numbers) > limit else ""
    does = "move" if found.is_exact else "may move; --exact says which, and to what"
    say(f"{about}: when the batch is {verb}, {len(found.numbers):,} published numbers {does}{more}")
