"""From landed returns to forecasts in the mart: the real servers, the simulated province's returns of ten years."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import simulator
from cli import forecast_command, inline
from connectors import pull, registry
from forecast import shown, subjects
from forecast.run import run
from pipeline.db import connect
from pipeline.settings import Settings

AGENCIES = ("stats-sim-north", "stats-sim-south", "policy-sim")


@dataclasses.dataclass(frozen=True)
class Office:
    settings: Settings

    def ask(self, query: str, role: str = "engineer", **named: object) -> list[tuple]:
        with connect(self.settings, role) as connection:
            return connection.execute(query, named).fetchall()


@pytest.fixture(scope="module")
def office(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The returns and the population have gone the whole way, are forecast, and a release is published."""
    root: Path = tmp_path_factory.mktemp("province")
    simulator.write_province(root, learners=2_000, seed=7)
    agencies = registry.load_all(settings.agencies_dir)
    for code in AGENCIES:
        for origin in sorted((root / code).iterdir()):
            pull.pull(settings, agencies[code], origin)
    for source in sorted({agencies[code].source for code in AGENCIES}):
        inline.forward(settings, source, lambda _: None)
    inline.close(settings, lambda _: None, release=False)
    run(settings)
    inline.close(settings, lambda _: None, release=True)
    return Office(settings)


def test_places_of_every_county_and_stage_are_published_with_interval_and_error(office: Office) -> None:
    found = office.ask(
        "select area_code, member, period, value, value_low, value_high, status_note from core.indicator_candidate "
        "where indicator_code = 'forecast_school_places' and realm = 'simulated' and area_level = 'county' "
        "and status = 'published'"
    )
    assert {(area, stage) for area, stage, *_ in found} == {
        (county.code, stage)
        for county in simulator.divisions.HEADLINE
        for stage in ("kindergarten", "primary", "junior", "senior")
    }
    for _, _, period, value, low, high, note in found:
        assert low <= value <= high
        assert "MASE" in note
        assert "2026" <= period <= "2035"
    by_stage = {stage: max(period for _, of, period, *_ in found if of == stage) for _, stage, *_ in found}
    assert by_stage["kindergarten"] == "2030"
    assert by_stage["primary"] == "2031", "beyond the horizon: the children are born"


def test_the_mart_has_what_was_forecast(office: Office) -> None:
    published = office.ask(
        "select indicator_code, area_code, period, member, value from mart.current_indicator_value "
        "where indicator_code like 'forecast_%%' and status = 'published' and realm = 'simulated'",
        role="policymaker",
    )
    chosen = office.ask(
        "select p.indicator_code, p.area_code, (p.year - 1)::text, p.member, p.value from forecast.point as p "
        "inner join forecast.series as s using (run_id, realm, indicator_code, member, area_code, method)"
    )
    assert published
    assert sorted(published) == sorted(chosen)
    assert {code for code, *_ in published} == {subjects.PLACES, subjects.TEACHERS, subjects.ENTRANTS}


def test_cohorts_foresee_places_and_the_backtest_says_how_well(office: Office) -> None:
    rows = shown.backtests(office.settings)
    chosen = {
        (member, level): method
        for _, indicator, member, level, method, is_chosen, *_ in rows
        if is_chosen and indicator == subjects.PLACES
    }
    assert chosen["kindergarten", "county"] == chosen["primary", "county"] == subjects.COHORT
    assert all(mase <= naive for *_, is_chosen, _, _, _, mase, naive, _, _ in rows if is_chosen)


def test_what_has_too_short_a_history_names_its_return(office: Office) -> None:
    found = office.ask(
        "select realm, status, status_note from core.indicator_candidate "
        "where indicator_code = 'forecast_senior_learners'"
    )
    assert {(realm, status) for realm, status, _ in found} == {("real", "needs_input"), ("simulated", "needs_input")}
    assert all("source senior.enrolments" in note for *_, note in found)
    real = office.ask(
        "select status, status_note from core.indicator_candidate where indicator_code = 'forecast_school_places' "
        "and realm = 'real'"
    )
    assert [status for status, _ in real] == ["needs_input"]
    assert "source returns.schools" in real[0][1]


def test_an_unchanged_history_gives_no_new_run(office: Office) -> None:
    before = office.ask("select max(run_id) from forecast.run")
    assert not run(office.settings).is_new
    assert office.ask("select max(run_id) from forecast.run") == before


def test_the_forecaster_sees_sums_and_nothing_of_persons(office: Office) -> None:
    assert office.ask("select count(*) > 0 from intermediate.int_forecast__history", role="flyover_forecast") == [
        (True,)
    ]
    readable = office.ask(
        "select table_schema || '.' || table_name from information_schema.table_privileges "
        "where grantee = 'flyover_forecast' and privilege_type = 'SELECT' and table_schema <> 'forecast'",
        role="flyover_owner",
    )
    assert all(name == "intermediate.int_forecast__history" for (name,) in readable)


def test_the_chart_begins_where_the_returns_do(office: Office) -> None:
    past = shown.history(office.settings, "simulated", "330000", "pupils", "primary")
    future = [
        (year, value, low, high)
        for _, indicator, _, _, is_published, year, value, low, high, _ in shown.points(
            office.settings, "330000", "primary"
        )
        if is_published and indicator == subjects.PLACES
    ]
    lines = shown.chart(past, future)
    assert lines[0].startswith("2017")
    assert [line[:4] for line in lines] == sorted(line[:4] for line in lines)
    assert len(lines) == 10 + len(future)


def test_the_command_shows_forecasts_errors_and_a_chart(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast_command, "load", lambda: office.settings)
    shown_to = CliRunner().invoke(forecast_command.app, ["show", "330106", "primary"])
    assert shown_to.exit_code == 0, shown_to.output
    assert "MASE" in shown_to.output
    assert "◆" in shown_to.output
    tables = json.loads(CliRunner().invoke(forecast_command.app, ["backtest", "--json"]).stdout)
    assert {row["method"] for row in tables["backtests"]} == set(subjects.METHODS)
    again = json.loads(CliRunner().invoke(forecast_command.app, ["run", "--json"]).stdout)
    assert [row["is_new"] for row in again["runs"]] == [False]


def test_a_run_that_core_did_not_take_in_is_built_again(office: Office) -> None:
    with connect(office.settings, "flyover_owner") as owner:
        owner.execute("update forecast.run set built_at = null")
    assert run(office.settings).is_new
    assert not run(office.settings).is_new
