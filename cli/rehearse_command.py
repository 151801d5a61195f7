"""./flyover rehearse: this checkout's rules and models on a copy, and what would come out otherwise."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from cli.output import Table, emit_tables, say, timed_progress
from pipeline.errors import BadInput
from pipeline.settings import load
from release.differences import Differences, NumberChange
from release.picture import Figure
from release.rehearsal import STAGES, Rehearsal, Stage
from stack import dag_changes, database, postgres
from stack.dag_changes import DagChange
from stack.state import State

DIFFERS = 4
DAGS = "dags"


def rehearse(
    only: Annotated[str | None, typer.Option("--only", help="rules, models or dags: leave the others out.")] = None,
    since: Annotated[
        str, typer.Option("--since", help="Revision whose DAGs are compared with this checkout's.")
    ] = "HEAD",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Lines of each table; JSON has all.")] = 40,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the copy, to look at it with ./flyover sql.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Only drop copies that were kept.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Run this checkout's rules, models and DAGs on a copy of the warehouse, and show what would come out otherwise.

    Nothing of the warehouse changes, and the copy is gone at the end. Exit code 0: no difference; 4: differences.
    """
    from release import rehearsal, scratch

    stages = _stages(only)
    settings = load()
    if drop:
        for name in scratch.drop_kept(settings):
            say(f"{name} dropped")
        return
    progress = timed_progress()
    signal.signal(signal.SIGTERM, interrupted)  # so that the copy is dropped then, too
    found, dags = None, _dags(since, progress) if only in (None, DAGS) else []
    if stages:
        found = rehearsal.rehearse(settings, progress, stages=stages, keep=keep, room=disk_of_server())
    made = [_dag_table(dags), *(tables(found.differences) if found else ())]
    emit_tables(made if as_json else _shortened(made, limit), as_json, **_summary(found, dags))
    _conclude(found)
    if dags or (found and found.differences):
        raise typer.Exit(DIFFERS)


def disk_of_server() -> Path | None:
    """A place on the disk where the server keeps its data, when it is ours."""
    return None if database.is_external() else postgres.data_directory(State.open()).parent


def _stages(only: str | None) -> tuple[Stage, ...]:
    if only not in (None, DAGS, *STAGES):
        raise BadInput(f"there is no stage {only}", advice=f"Use one of {', '.join(STAGES)} and {DAGS}.")
    return tuple(stage for stage in STAGES if only in (None, stage))


def _dags(since: str, progress: Callable[[str], None]) -> list[DagChange]:
    progress(f"reading the DAGs of this checkout and of {since}")
    try:
        return dag_changes.since(since)
    except BadInput as error:  # not a checkout of its own; the rest can be rehearsed all the same
        progress(f"{error}")
        return []


def _dag_table(dags: Sequence[DagChange]) -> Table:
    rows = [(change.dag, change.kind, change.where) for change in dags]
    return Table("dags", "DAGs that differ", ("dag", "what", "where"), rows)


def interrupted(_signal: int, _frame: FrameType | None) -> None:
    """End as by Ctrl-C, so that what was begun is cleared away."""
    raise KeyboardInterrupt


def tables(found: Differences) -> tuple[Table, ...]:
    """The differences as tables."""
    return _rules(found), _batches(found), _relations(found), numbers_table(found.numbers)


def _shortened(made: Iterable[Table], limit: int) -> Iterator[Table]:
    """Tables that have a line, each up to so many of them."""
    for table in made:
        if table.rows:
            more = f" (the first {limit} of {len(table.rows):,})" if len(table.rows) > limit else ""
            yield table._replace(title=table.title + more, rows=table.rows[:limit])


def _rules(found: Differences) -> Table:
    rows = [
        (c.rule_id, _arrow(c.severity_before, c.severity_after), c.failed_before, c.failed_after, c.batches)
        for c in found.rules
    ]
    columns = ("rule", "severity", "failed before", "failed after", "batches")
    return Table("rules", "Rules that other rows fail", columns, rows)


def _batches(found: Differences) -> Table:
    rows = [
        (
            c.batch_id,
            c.before.agency_code,
            c.before.table,
            _arrow(c.before.status, c.after.status),
            c.before.released,
            c.after.released,
            c.before.quarantined,
            c.after.quarantined,
            c.before.held,
            c.after.held,
        )
        for c in found.batches
    ]
    columns = ("batch", "agency", "table", "status", "released before", "released after", "kept back before",
               "kept back after", "held before", "held after")  # fmt: skip
    return Table("batches", "Batches that come out otherwise", columns, rows)


def _relations(found: Differences) -> Table:
    rows = [(c.relation, c.before, c.after) for c in found.relations]
    return Table("relations", "Rows in core", ("relation", "before", "after"), rows)


def numbers_table(changes: tuple[NumberChange, ...]) -> Table:
    """Numbers and how they move, as one table."""
    rows: list[tuple[Any, ...]] = [
        (
            c.slice.indicator_code,
            c.slice.realm,
            c.slice.area_code,
            c.slice.period,
            c.slice.member if c.slice.dimension == "total" else f"{c.slice.dimension} {c.slice.member}",
            c.kind,
            _figure(c.before),
            _figure(c.after),
            c.by,
        )
        for c in changes
    ]
    columns = ("indicator", "realm", "area", "period", "member", "what", "before", "after", "by")
    return Table("numbers", "Numbers that readers would see otherwise", columns, rows)


def _figure(figure: Figure | None) -> str | float | None:
    if figure is None:
        return None
    return figure.status if figure.value is None else figure.value


def _arrow(before: str | None, after: str | None) -> str:
    return str(before) if before == after else f"{before or 'new'} → {after or 'gone'}"


def _summary(found: Rehearsal | None, dags: Sequence[DagChange]) -> dict[str, Any]:
    if found is None:
        return {"differs": bool(dags)}
    return {
        "differs": bool(dags or found.differences),
        "judged_batches": found.judged,
        "built": found.built,
        "numbers_compared": found.numbers,
        "left_out_batches": found.left_out,
        "kept_database": found.database,
        "seconds": round(found.seconds, 1),
    }


def _conclude(found: Rehearsal | None) -> None:
    if found is None:
        return
    if found.left_out:
        say(f"{found.left_out:,} batches that core has not taken in yet were left out")
    if found.database:
        say(f"kept: FLYOVER_PG_DATABASE={found.database} ./flyover sql --role engineer")
        say("it holds what the warehouse holds about persons: ./flyover rehearse --drop ends it")
    moved = len(found.differences.numbers)
    if not found.differences:
        say(f"no difference: {found.judged:,} batches judged alike, {found.numbers:,} numbers the same")
    else:
        say(f"{moved:,} of {found.numbers:,} numbers would be otherwise")
