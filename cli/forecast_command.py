"""./flyover forecast: what will be needed, how it was found out, and how much such forecasts have erred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer

from cli.output import Table, emit_tables, say
from pipeline.errors import BadInput
from pipeline.settings import Settings, load

app = typer.Typer(no_args_is_help=True)
Area = Annotated[str, typer.Argument(help="Division code: 330000, a prefecture's or a county's.")]
Stage = Annotated[str | None, typer.Argument(help="kindergarten, primary, junior, senior or total; without it, all.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]

_STAGES: Final = ("kindergarten", "primary", "junior", "senior", "total")
_MEASURES: Final = {"forecast_school_places": "pupils", "forecast_teachers": "teachers"}


@app.command("run")
def run_forecast(
    again: Annotated[bool, typer.Option("--again", help="Also where the history has not changed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Test and continue every history, and build the indicators on it. A release publishes them."""
    from forecast.run import run

    found = run(load(), again=again)
    rows = [(found.run_id, found.is_new, found.series, found.published, found.series - found.published)]
    emit_tables([Table("runs", "Forecasts", ("run", "is_new", "series", "forecast", "needs_input"), rows)], as_json)
    say("./flyover forecast show 330000   then a release publishes them" if found.is_new else "nothing has changed")


@app.command("show")
def show(area: Area, stage: Stage = None, as_json: AsJson = False) -> None:
    """Show the forecasts of an area with their intervals, their method and its error; in a terminal as charts, too."""
    from forecast import shown

    if stage is not None and stage not in _STAGES:
        raise BadInput(f"there is no stage {stage}", advice=f"One of {', '.join(_STAGES)}.")
    settings = load()
    series = shown.series(settings, area, stage)
    if not series:
        raise BadInput(f"nothing is forecast for {area}", advice="./flyover forecast run, or another area.")
    points = shown.points(settings, area, stage)
    heads = ("realm", "indicator", "member", "method", "note")
    columns = (
        "realm", "indicator", "member", "method", "published", "year", "value", "low", "high", "tested",
    )  # fmt: skip
    shown_points = points if as_json else [row for row in points if row[4]]
    tables = [
        Table("series", f"What is forecast for {area}", heads, series),
        Table("points", "Expected, with nine of ten outcomes in between; school years by the year they end in", columns,
              shown_points),
    ]  # fmt: skip
    emit_tables(tables, as_json)
    if not as_json:
        for one in series:
            _chart(settings, area, one, points)


def _chart(settings: Settings, area: str, series: Sequence[Any], points: Sequence[Sequence[Any]]) -> None:
    from forecast import shown

    realm, indicator, member, method, _ = series
    if method is None or indicator not in _MEASURES:
        return
    future = [
        (year, value, low, high)
        for *of, _, is_published, year, value, low, high, _ in points
        if is_published and of == [realm, indicator, member]
    ]
    past = shown.history(settings, realm, area, _MEASURES[indicator], member)
    say(f"\n{indicator} {member}, {area} ({realm})")
    for line in shown.chart(past, future):
        say(line)


@app.command("backtest")
def backtest(as_json: AsJson = False) -> None:
    """Show how much each way erred on earlier years, beside repeating the last value."""
    from forecast import shown

    columns = (
        "realm", "indicator", "member", "level", "method", "published", "values", "first_origin", "last_origin", "mase",
        "naive_mase", "mape_pct", "interval_held_pct",
    )  # fmt: skip
    emit_tables([Table("backtests", "Backtests", columns, shown.backtests(load()))], as_json)
