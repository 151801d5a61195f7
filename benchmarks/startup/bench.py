"""``./flyover bench startup``: until the servers are healthy, the demo, and what each command takes to begin."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks import house
from benchmarks.frame import Progress
from benchmarks.house import Spent
from benchmarks.report import Report, Table, at_most, machine
from benchmarks.startup import commands
from benchmarks.startup.commands import Ran
from stack import control
from stack.state import State

LEARNERS = 5_000
HELP_S = 0.5
OVERVIEW = "--help"
LIGHT: Sequence[tuple[str, ...]] = (
    ("status",),
    ("batches",),
    ("feeds",),
    ("schedule",),
    ("quarantine", "list", "--agency", "sen-hangzhou"),
    ("alerts", "list"),
    ("indicators",),
    ("sql", "--role", "policymaker", "select count(*) from mart.current_indicator_value"),
)
"""What people ask again and again, of a warehouse that holds the demo."""


@dataclass(frozen=True)
class Start:
    """One way of starting: seconds on the clock until everything was healthy, and processor time by service."""

    name: str
    wall_s: float
    spent: Spent


def run(command: str, progress: Progress, *, rows: int | None = None, rounds: int = 5) -> Report:
    """Start a stack of its own twice, run the demo of ``rows`` learners twice, and every command's help.

    :raises SystemTrouble: when a server does not start or a command fails
    """
    facts, learners = machine(), rows or LEARNERS
    helps = {OVERVIEW: [commands.run([OVERVIEW]) for _ in range(rounds)]}
    for name in commands.ours():
        helps[name] = [commands.run([name, "--help"]) for _ in range(rounds)]
        progress(f"{name} --help: {_median(helps[name], _wall):.2f} s")
    loaded = {name: commands.heavy_imports(name) for name in helps if name != OVERVIEW}
    with house.empty(progress) as state:
        starts = [_start(state, "the first time: servers made, migrated, started", progress)]
        control.down(progress, state=state)
        starts.append(_start(state, "again: what was made is there", progress))
        demos = {}
        for name in (f"{learners:,} learners, the stack is up", "again: nothing is new"):
            before = Spent.until_now(state)
            ran = commands.run(["demo", "--learners", str(learners)], state=state.root)
            demos[name] = Start(name, ran.wall_s, _with(Spent.until_now(state).since(before), ran))
            progress(f"demo, {name}: {ran.wall_s:.0f} s")
        asked = {" ".join(words): [commands.run(words, state=state.root) for _ in range(rounds)] for words in LIGHT}
    return _report(command, facts, helps, loaded, [*starts, *demos.values()], asked)


def _start(state: State, name: str, progress: Progress) -> Start:
    began = time.monotonic()
    control.up(progress, state=state)
    return Start(name, time.monotonic() - began, Spent.until_now(state))


def _with(spent: Spent, ran: Ran) -> Spent:
    return Spent({**spent.seconds, "./flyover demo": ran.cpu_s})


def _report(
    command: str,
    facts: dict[str, Any],
    helps: Mapping[str, Sequence[Ran]],
    loaded: Mapping[str, Sequence[str]],
    starts: Sequence[Start],
    asked: Mapping[str, Sequence[Ran]],
) -> Report:
    slowest = max((name for name in helps if name != OVERVIEW), key=lambda name: _median(helps[name], _cpu))
    return Report(
        "startup",
        command,
        facts,
        (_starts(starts), _commands("asked", "Questions of a warehouse with the demo", asked), _helps(helps, loaded)),
        (
            at_most("./flyover --help", HELP_S, _median(helps[OVERVIEW], _wall), " s"),
            at_most(f"help of the slowest command ({slowest})", 2 * HELP_S, _median(helps[slowest], _wall), " s"),
        ),
        {name: [asdict(ran) for ran in runs] for name, runs in {**helps, **asked}.items()},
    )


def _starts(starts: Sequence[Start]) -> Table:
    groups = list(dict.fromkeys(name for start in starts for name in start.spent.seconds))
    rows = [
        (
            start.name,
            round(start.wall_s, 1),
            round(sum(start.spent.seconds.values()), 1),
            *(round(start.spent.seconds.get(group, 0.0), 1) for group in groups),
        )
        for start in starts
    ]
    columns = ("start", "seconds", "CPU-s", *(f"{group} CPU-s" for group in groups))
    return Table("starts", "./flyover up until all is healthy, and the demo", columns, rows)


def _commands(name: str, title: str, runs: Mapping[str, Sequence[Ran]]) -> Table:
    rows = [(command, round(_median(each, _wall), 2), round(_median(each, _cpu), 2)) for command, each in runs.items()]
    return Table(name, title, ("command", "wall s", "CPU-s"), rows)


def _helps(helps: Mapping[str, Sequence[Ran]], loaded: Mapping[str, Sequence[str]]) -> Table:
    plain = _commands("help", "Help of each command, the slowest first; what heavy it loads", helps)
    rows = sorted(((*row, " ".join(loaded.get(row[0], ()))) for row in plain.rows), key=lambda row: -row[2])
    return Table(plain.name, plain.title, (*plain.columns, "loads"), rows)


def _median(runs: Sequence[Ran], of: Callable[[Ran], float]) -> float:
    return statistics.median(of(ran) for ran in runs)


def _wall(ran: Ran) -> float:
    return ran.wall_s


def _cpu(ran: Ran) -> float:
    return ran.cpu_s
