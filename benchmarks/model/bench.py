"""``./flyover bench model``: core after a day's change, against an upsert by hand and against building it all again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks import server
from benchmarks.frame import Contender, Contest, Progress, compete
from benchmarks.meter import Meter, cpu, wall
from benchmarks.model import by_hand, clicks
from benchmarks.report import Goal, Report, at_most, contest_table, machine, parts_table, runs_of
from benchmarks.server import Server
from pipeline.db import SQL, connect
from pipeline.settings import Settings
from release.build import BuildReport, build_warehouse, manifest

ROWS = 1_000_000
BY_HAND, FACT, BUILD, REBUILD = "upsert by hand", "the fact's models", "the build", "building it all again"
MOST_SHARE_PCT, MOST_TIMES = 10.0, 3.0
_FACT_MODELS = ("base_oulad__student_vle", "fct_learning_activity")
_BY_HAND = SQL("by_hand.fact")
_OURS = SQL("(select * from core.fct_learning_activity where source_entity = 'oulad__student_vle')")
_CONTENT = SQL(
    """
select
    count(*),
    md5(string_agg(concat_ws('|', record_id, learner_key, activity_date, clicks, _event_id), '/' order by record_id))
from {rows} as fact
"""
)
_IN_FACT = "fact's models, in the database"
_OTHER_MODELS, _AROUND = "all other models and tests", "dbt itself"


def run(command: str, progress: Progress, *, rows: int | None = None, rounds: int = 5) -> Report:
    """Run the benchmark on a server of its own.

    :raises SystemTrouble: when a contender fails
    """
    facts, rows = machine(), rows or ROWS
    with server.started(progress) as ours, ours.copy() as built:
        progress(f"landing {rows:,} clicks, building core from all but the last")
        clicks.land_first(built, rows)
        build_warehouse(built)
        by_hand.prepare(built)
        batch = clicks.land_change(built, rows)
        contest = compete(
            (
                Contender(BY_HAND, by_hand.upsert, partial(_by_hand, ours, built, batch), _nothing, _look_by_hand),
                Contender(FACT, build_fact, partial(_parsed, ours, built), import_engine, _look),
                Contender(BUILD, build, partial(_parsed, ours, built), import_engine, _look),
                Contender(REBUILD, rebuild, partial(_parsed, ours, built), import_engine, _look),
            ),
            rounds=rounds,
            postmaster=ours.postmaster,
            progress=progress,
        )
    return _report(command, facts, contest, rows)


def build_fact(settings: Settings, meter: Meter) -> None:
    """Only what the fact is made from, and the fact."""
    _tell(meter, build_warehouse(settings, select=_FACT_MODELS))


def build(settings: Settings, meter: Meter) -> None:
    """What the tasks run, core and then the indicators: every model and test that the new batch can reach."""
    _tell(meter, build_warehouse(settings))


def rebuild(settings: Settings, meter: Meter) -> None:
    """Everything from what is released, from nothing."""
    _tell(meter, build_warehouse(settings, full_refresh=True))


def import_engine() -> None:
    """What a long-lived process has behind it."""
    from dbt.cli.main import dbtRunner  # noqa: F401 - for its being imported


def _nothing() -> None:
    """A contender that has nothing to import, and whose process is not to be counted either."""


def _tell(meter: Meter, report: BuildReport) -> None:
    """Several models run at once, so their seconds may add up to more than the clock's."""
    in_fact = sum(step.seconds for step in report.steps if step.name in _FACT_MODELS)
    elsewhere = sum(step.seconds for step in report.steps if step.name not in _FACT_MODELS)
    meter.parts |= {_IN_FACT: in_fact, _OTHER_MODELS: elsewhere}
    meter.parts[_AROUND] = max(0.0, report.seconds - in_fact - elsewhere)


@contextmanager
def _parsed(ours: Server, original: Settings) -> Iterator[Settings]:
    """A copy whose project dbt has read before, as on a server that lives."""
    with ours.copy(original) as settings:
        manifest(settings)
        yield settings


@contextmanager
def _by_hand(ours: Server, original: Settings, batch: uuid.UUID) -> Iterator[tuple[Settings, uuid.UUID]]:
    with ours.copy(original) as settings:
        yield settings, batch


def _look_by_hand(place: tuple[Settings, uuid.UUID]) -> Mapping[str, Any]:
    return _fact(place[0], _BY_HAND)


def _look(settings: Settings) -> Mapping[str, Any]:
    return _fact(settings, _OURS)


def _fact(settings: Settings, rows: SQL) -> dict[str, Any]:
    """How many rows the fact has, and a mark of all that they say."""
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute(_CONTENT.format(rows=rows)).fetchone()
    return {"rows": found and found[0], "content": found and found[1]}


def _report(command: str, facts: dict[str, Any], contest: Contest, rows: int) -> Report:
    (first, *others) = (run.outcome for runs in contest.runs.values() for run in runs)
    agreed = all(other == first for other in others)
    share = 100 * contest.ratio(BUILD, cpu, to=REBUILD)
    by_hand_s = contest.median(BY_HAND, wall)
    return Report(
        "model",
        command,
        facts,
        (
            contest_table("model", f"{rows:,} clicks, 1 % new and 1 % changed", contest),
            parts_table("parts", "Where the time goes", contest, (FACT, BUILD, REBUILD)),
        ),
        (
            at_most("processor time of the build against building it all again", MOST_SHARE_PCT, share, " %"),
            at_most(
                "the fact's models against the upsert by hand",
                MOST_TIMES,
                contest.parts(FACT)[_IN_FACT] / by_hand_s,
                " ×",
            ),
            Goal("same rows", "equal", "equal" if agreed else "DIFFERENT", agreed),
        ),
        runs_of(contest),
    )
