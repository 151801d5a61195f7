"""``./flyover bench judge``: the whole judgement of a million rows against SQL written by hand; a small batch, cold."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import server
from benchmarks.frame import Contender, Contest, Progress, compete
from benchmarks.judge import by_hand, landed, rules
from benchmarks.meter import Meter, cpu, wall
from benchmarks.report import Goal, Report, at_most, contest_table, machine, parts_table, runs_of
from benchmarks.server import Server
from pipeline.db import connect
from pipeline.settings import Settings

ROWS, SMALL_ROWS = 1_000_000, 20_000
BY_HAND, RULES_ALONE, JUDGE = "by hand", "by hand, rules alone", "judge"
WARM, COLD = "small batch, warm process", "small batch, from the process's start"
MOST_TIMES, MOST_MB, ABOUT_A_SECOND = 3.0, 350.0, 1.5


@dataclass(frozen=True)
class Place:
    """Where the judge works."""

    settings: Settings
    suites_dir: Path


def run(
    command: str, progress: Progress, *, rows: int | None = None, small_rows: int = SMALL_ROWS, rounds: int = 5
) -> Report:
    """Run the benchmark on a server of its own.

    :raises SystemTrouble: when a contender fails
    """
    facts, rows = machine(), rows or ROWS
    with rules.suites_dir() as suites, server.started(progress) as ours:
        with ours.copy() as large:
            batch = _land(large, rows, progress)
            by_hand_place = partial(_by_hand, ours, large, batch)
            contest = compete(
                (
                    Contender(BY_HAND, by_hand.judge, by_hand_place, _nothing, _look_by_hand),
                    Contender(RULES_ALONE, by_hand.judge_rules_alone, by_hand_place, _nothing, _look_by_hand),
                    Contender(JUDGE, judge, partial(_place, ours, large, suites), import_engine, _look),
                ),
                rounds=rounds,
                postmaster=ours.postmaster,
                progress=progress,
            )
        with ours.copy() as little:
            _land(little, small_rows, progress)
            place = partial(_place, ours, little, suites)
            small = compete(
                (
                    Contender(WARM, judge, place, import_engine, _look),
                    Contender(COLD, judge_cold, place, None, _look),
                ),
                rounds=rounds,
                postmaster=ours.postmaster,
                progress=progress,
            )
    return _report(command, facts, contest, small, rows, small_rows)


def judge(place: Place, meter: Meter) -> None:
    """Judge what waits, by the code that the tasks run."""
    from expectations.judging.judge import judge_ready

    steps: Mapping[str, str] = {
        "mark": "reading of the rules",
        "profile": "duplicates",
        "evaluate": "profile, history",
        "settle": "Great Expectations",
        "commit": "rules, quarantine, books",
    }
    judge_ready(
        place.settings,
        rules.SOURCE,
        suites_dir=place.suites_dir,
        reached=lambda step: meter.part(steps.get(step, "rest")),
    )
    meter.part("rest")


def judge_cold(place: Place, meter: Meter) -> None:
    """Judge in a process that has imported nothing yet."""
    meter.part("start of the process")
    import_engine()
    meter.part("import of Great Expectations")
    judge(place, meter)


def import_engine() -> None:
    """What a long-lived process has behind it."""
    from expectations.judging import gx

    gx.library()


def _nothing() -> None:
    """A contender that has nothing to import, and whose process is not to be counted either."""


def _land(database: Settings, rows: int, progress: Progress) -> uuid.UUID:
    progress(f"landing {rows:,} rows of {rules.TABLE}")
    return landed.land(database, rows)


@contextmanager
def _place(ours: Server, original: Settings, suites: Path) -> Iterator[Place]:
    with ours.copy(original) as settings:
        yield Place(settings, suites)


@contextmanager
def _by_hand(ours: Server, original: Settings, batch: uuid.UUID) -> Iterator[tuple[Settings, uuid.UUID]]:
    with ours.copy(original) as settings:
        yield settings, batch


def _look_by_hand(place: tuple[Settings, uuid.UUID]) -> Mapping[str, Any]:
    return outcome(place[0])


def _look(place: Place) -> Mapping[str, Any]:
    return outcome(place.settings)


def outcome(settings: Settings) -> dict[str, Any]:
    """The books, what each rule counted, and a mark of which row went to quarantine for which rules."""
    with connect(settings, "flyover_owner") as connection:
        books = connection.execute("select status, released, quarantined, duplicate from quality.batch").fetchone()
        failed = connection.execute("select rule_id, failed from quality.rule_result where failed > 0").fetchall()
        rows = connection.execute(
            "select md5(string_agg(row_id || ' ' || array_to_string(array(select unnest(rule_ids) order by 1), ' '), "
            "'/' order by row_id)) from quarantine.entry"
        ).fetchone()
    return {"books": books, "failed": dict(sorted(failed)), "quarantine": rows and rows[0]}


def _report(
    command: str, facts: dict[str, Any], contest: Contest, small: Contest, rows: int, small_rows: int
) -> Report:
    (first, *others) = (run.outcome for name in (BY_HAND, JUDGE) for run in contest.runs[name])
    agreed = all(other == first for other in others)
    return Report(
        "judge",
        command,
        facts,
        (
            contest_table("judgement", f"{rows:,} rows × {len(rules.RULES)} rules", contest),
            parts_table("parts", "Where the time goes", contest, (BY_HAND, JUDGE)),
            contest_table("small_batch", f"{small_rows:,} rows × {len(rules.RULES)} rules", small),
            parts_table("small_parts", "Where its time goes", small, (WARM, COLD)),
        ),
        (
            at_most("wall time against SQL by hand", MOST_TIMES, contest.ratio(JUDGE, wall), " ×"),
            at_most("processor time against SQL by hand", MOST_TIMES, contest.ratio(JUDGE, cpu), " ×"),
            at_most("memory of the judging process", MOST_MB, contest.peak_rss_mb(JUDGE), " MB"),
            at_most(f"{small_rows:,} rows, warm, about a second", ABOUT_A_SECOND, small.median(WARM, wall), " s"),
            Goal("same verdict as SQL by hand", "equal", "equal" if agreed else "DIFFERENT", agreed),
        ),
        runs_of(contest, small),
    )
