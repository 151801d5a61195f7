"""./flyover revisions: what a release changed in numbers that were published before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import Table, emit_tables, say
from pipeline.settings import load

if TYPE_CHECKING:
    from release.picture import Figure
    from release.revisions import Revision, Revisions


def revisions(
    indicator: Annotated[str | None, typer.Option("--indicator", help="One indicator's numbers only.")] = None,
    between: Annotated[
        tuple[int, int] | None, typer.Option("--between", help="Two releases; else the current one and the one before.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Lines of each table; JSON has all.")] = 40,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Say which numbers read otherwise than before, by how much, and because of which batches."""
    from release import revisions as asked

    earlier, later = between or (None, None)
    found = asked.between(load(), earlier, later, indicator=indicator)
    shown = [_numbers(found), _batches(found)]
    if not as_json:
        shown = [table._replace(rows=table.rows[:limit]) for table in shown if table.rows]
    emit_tables(shown, as_json, earlier=found.earlier, later=found.later)
    reasons = Counter(each.because for each in found.revisions)
    told = ", ".join(f"{number:,} by {reason}" for reason, number in sorted(reasons.items())) or "nothing changed"
    say(f"release {found.earlier} to {found.later}: {told}")


def _numbers(found: Revisions) -> Table:
    columns = (
        "indicator", "method", "realm", "area", "period", "dimension", "member", "was", "is", "by", "because",
        "batches",
    )  # fmt: skip
    return Table("revisions", "Numbers that read otherwise", columns, [_row(each) for each in found.revisions])


def _row(each: Revision) -> tuple[object, ...]:
    where, change = each.change.slice, each.change
    return (
        where.indicator_code, where.method, where.realm, where.area_code, where.period, where.dimension, where.member,
        _shown(change.before), _shown(change.after), change.by, each.because, len(each.batches),
    )  # fmt: skip


def _shown(figure: Figure | None) -> str | float | None:
    if figure is None:
        return None
    return figure.status if figure.value is None else figure.value


def _batches(found: Revisions) -> Table:
    behind = {batch: None for each in found.revisions for batch in each.batches}
    return Table(
        "batches",
        "Batches between the two releases that reach them",
        ("batch", "agency", "entity", "status", "delivered", "rows"),
        [(b.batch_id, b.agency_code, f"{b.source}.{b.entity}", b.status, b.delivered_at, b.rows) for b in behind],
    )
