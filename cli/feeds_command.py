"""./flyover feeds: where each agency's feed stands, those that are late first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import agencies
from cli.moments import clock, span
from cli.output import emit_json, emit_table, say
from pipeline.settings import Settings, load

if TYPE_CHECKING:
    from alerting.feeds import Status

COLUMNS = (
    "agency", "source", "feed", "late by", "next run", "last delivery", "rows", "stands", "lag", "min to land",
    "to land", "held", "kept back", "core holds", "alerts",
)  # fmt: skip


def feeds(
    agency: Annotated[str | None, typer.Option("--agency", help="Only this one, with where to look further.")] = None,
    late: Annotated[bool, typer.Option("--late", help="Only feeds that are late.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Show where each agency's feed stands, those that are late first. Exit code 2 when a feed is late.

    `stands`: the last delivery, by its batch that lags most behind. `lag`: messages on the topics of its source, of all
    its agencies, that were not drained. `to land`: this agency's rows that are staged and have not landed whole.
    """
    from alerting import conditions, feeds

    settings = load()
    known = conditions.agencies(settings) if agency is None else {agency: agencies.find(settings, agency)}
    found = feeds.statuses(settings, known, dt.datetime.now(dt.UTC))
    shown = [status for status in found if status.feed.late_by is not None or not late]
    if as_json:
        emit_json([{**status.document(), "links": _links(settings, status)} for status in shown])
    else:
        emit_table("Feeds", COLUMNS, _rows(shown), as_json=False)
        for status in shown:
            _explain(settings, status, is_asked=agency is not None)
    if any(status.feed.late_by is not None for status in shown):
        raise typer.Exit(2)


def _rows(shown: Sequence[Status]) -> list[tuple[Any, ...]]:
    return [
        (
            status.agency.agency_code,
            status.agency.source,
            feed.state,
            None if (late_by := feed.late_by or feed.came_late_by) is None else span(late_by),
            clock(feed.next_run),
            clock(feed.last_delivery),
            at.read_rows,
            "refused" if at.refused_at else at.place,
            status.lag_messages,
            at.landing_minutes,
            at.rows_to_land,
            at.held_batches,
            at.open_rows,
            clock(at.core_holds),
            at.open_alerts,
        )
        for status in shown
        for feed, at in ((status.feed, status.standing),)
    ]


def _links(settings: Settings, status: Status) -> Mapping[str, str]:
    from release import build, lineage

    page = build.page_path(settings)
    graph = lineage.graph_of_source(status.agency.source)
    written = {"lineage": f"{page.as_uri()}{graph}"} if page.exists() else {}
    if settings.airflow_url is None:
        return written
    dags = {stage: f"{settings.airflow_url}/dags/{dag_id}" for stage, dag_id in status.dags.items()}
    return {**dags, "assets": f"{settings.airflow_url}/assets", **written}


def _explain(settings: Settings, status: Status, *, is_asked: bool) -> None:
    """What the table has no room for; where to look further about the one that was asked for."""
    code, at = status.agency.agency_code, status.standing
    if at.refused_at:
        say(f"{code}: a delivery was refused whole at {clock(at.refused_at)}: ./flyover receipt {code}")
    if status.stopped:
        say(f"{code}: {', '.join(status.stopped)} stands still, its contract was changed: ./flyover contract status")
    if not is_asked:
        return
    if at.held_batches:
        say(f"{code}: batches on hold: ./flyover batches --agency {code} --status held")
    if at.open_rows:
        say(f"{code}: rows kept back: ./flyover quarantine list --agency {code}")
    links = _links(settings, status)
    for name, address in links.items():
        say(f"{name}: {address}")
    if "lineage" not in links:
        say("lineage: not written yet, ./flyover docs --warehouse")
