"""``./flyover bench ledger``: a million entries beside a quarter of them, posted as the task posts them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.frame import Contender, Contest, Progress, compete
from benchmarks.ledger import events
from benchmarks.meter import Meter, cpu
from benchmarks.report import Goal, Report, Table, at_most, contest_table, machine, parts_table, runs_of
from benchmarks.server import Server, started
from ledger import asking, post
from pipeline.db import connect
from pipeline.settings import Settings

ROWS = 1_000_000
QUARTER, WHOLE = "a quarter of them", "all of them"
TODAY, ON = dt.date(2026, 11, 1), dt.date(2025, 12, 31)
ASKED = 100
MOST_GROWTH, MOST_ASKED_MS = 1.25, 20.0
_POSTED, _DAY = "posting everything", "posting a day of 1 %"
_ANALYSING = "analysing, as the server does by itself"
_ASKED, _ALL = f"{ASKED} statements", "every balance of a day"


@dataclass(frozen=True)
class Place:
    """A fresh database in which so many holders' events lie."""

    settings: Settings
    holders: int


def run(command: str, progress: Progress, *, rows: int | None = None, rounds: int = 5) -> Report:
    """Run the benchmark. ``rows`` are the entries of the larger ledger.

    :raises SystemTrouble: when a contender fails
    """
    facts = machine()
    holders = max(40, (rows or ROWS) // events.ENTRIES_A_HOLDER)
    with started(progress) as server:
        contest = compete(
            [
                Contender(name, keep, partial(_place, server, part), None, _look)
                for name, part in ((QUARTER, holders // 4), (WHOLE, holders))
            ],
            rounds=rounds,
            postmaster=server.postmaster,
            progress=progress,
        )
    return _report(command, facts, contest)


def keep(place: Place, meter: Meter) -> None:
    """Post everything, then a day's change; then ask for statements as of a day, and for all balances."""
    post.post(place.settings, today=TODAY)
    meter.part(_POSTED)
    events.next_day(place.settings, max(1, place.holders // 100))
    post.post(place.settings, today=TODAY)
    meter.part(_DAY)
    events.analyse(place.settings)
    meter.part(_ANALYSING)
    with connect(place.settings, "engineer") as connection:
        for number in range(ASKED):
            asking.held(connection, [("bank", f"p.{1 + number * 7 % place.holders}")], ON)
        meter.part(_ASKED)
        connection.execute("select count(*), sum(amount) from ledger.balances(%s, 'infinity')", (ON,)).fetchone()
        meter.part(_ALL)


@contextmanager
def _place(server: Server, holders: int) -> Iterator[Place]:
    with server.copy() as settings:
        events.lay_out(settings, holders)
        yield Place(settings, holders)


def _look(place: Place) -> Mapping[str, Any]:
    with connect(place.settings, "engineer") as connection:
        found: Any = connection.execute(
            "select (select count(*) from ledger.entry), (select count(*) from ledger.posting), "
            "(select coalesce(sum(amount), 0)::text from ledger.entry)"
        ).fetchone()
    return dict(zip(("entries", "postings", "sum of all entries"), found, strict=True))


def _report(command: str, facts: dict[str, Any], contest: Contest) -> Report:
    whole = contest.runs[WHOLE][0].outcome
    rows = []
    for name, runs in contest.runs.items():
        hundred_thousands = runs[0].outcome["entries"] / 100_000
        parts = contest.parts(name)
        rows.append(
            (
                name,
                runs[0].outcome["entries"],
                round(contest.median(name, cpu) / hundred_thousands, 2),
                round(parts[_POSTED] / hundred_thousands, 2),
                round(parts[_DAY], 2),
                round(1000 * parts[_ASKED] / ASKED, 1),
                round(parts[_ALL] / hundred_thousands, 2),
            )
        )
    columns = (
        "ledger", "entries", "CPU-s per 100,000", "posting, s per 100,000", "a day's 1 %, s", "a statement, ms",
        "all balances, s per 100,000",
    )  # fmt: skip
    title = f"A ledger of {whole['entries']:,} entries beside a quarter of it"
    tables = (
        contest_table("times", title, contest),
        Table("growth", "What 100,000 entries cost, and what does not grow with them", columns, rows),
        parts_table("parts", "Where the time goes", contest, contest.runs),
    )
    return Report("ledger", command, facts, tables, _goals(contest), runs_of(contest))


def _goals(contest: Contest) -> tuple[Goal, ...]:
    growth = contest.ratio(WHOLE, cpu) / 4
    asked = 1000 * contest.parts(WHOLE)[_ASKED] / ASKED
    return (
        at_most("processor time per entry against a quarter of the ledger", MOST_GROWTH, growth, "×"),
        at_most("a holder's statement as of a day", MOST_ASKED_MS, asked, " ms"),
    )
