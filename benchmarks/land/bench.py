"""``./flyover bench land``: from a topic into typed tables, exactly once, against the limit and the peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import server
from benchmarks.frame import Contest, Progress, compete
from benchmarks.land import events, landed, ours, peers, race
from benchmarks.meter import Measure, cpu
from benchmarks.report import Goal, Report, Table, at_most, machine, runs_of

ROWS, PEER_ROWS = 1_000_000, 200_000
TWO_DRAINS, MOST_MB, MOST_GROWTH = 0.50, 250.0, 1.10
TIMES: Mapping[str, float] = {
    peers.DLT: 10.0,
    peers.DLT_ARROW: 10.0,
    peers.QUIX: 6.0,
    peers.AIRFLOW: 5.0,
    peers.BYTEWAX: 1.5,
}
Rate = float


def run(
    command: str,
    progress: Progress,
    *,
    rows: int | None = None,
    rounds: int = 5,
    others: Sequence[peers.Peer] = peers.ALL,
) -> Report:
    """Run the benchmark on a database and a broker of its own.

    :raises SystemTrouble: when a contender fails
    """
    facts, rows = machine(), rows or ROWS
    short_rows = min(rows, PEER_ROWS)
    facts["versions"] |= peers.install(others, progress)
    with server.started(progress, with_kafka=True) as servers, servers.copy() as filled:
        events.expect(filled, rows)
        progress(f"publishing {rows:,} records of {events.TOPIC}")
        size = race.run_alone(ours.fill(filled, rows, short_rows))["bytes"]
        with servers.copy(filled) as reference:
            race.run_alone(ours.drain(reference, ours.CLIENTS[0]))
            contest = compete(
                (
                    *ours.contenders(servers, filled, reference, rows),
                    *(peer.contender(servers, filled, short_rows) for peer in others),
                ),
                rounds=rounds,
                postmaster=servers.postmaster,
                progress=progress,
            )
    return _report(command, facts, contest, rows, size)


def rate(run: Measure) -> Rate:
    """Rows a second."""
    return float(run.outcome["landed"]) / run.wall_s


def cpu_per_million(run: Measure) -> float:
    """Seconds of processor time, of the clients and of the database, for a million rows."""
    return cpu(run) * 1e6 / float(run.outcome["landed"])


def is_once(run: Measure) -> bool:
    """Whether every record landed, once, with its value, and our own books say so too."""
    wanted = landed.expected(run.outcome["landed"])
    is_short = run.outcome.get("open_batches") or run.outcome.get("aside")
    return not is_short and all(run.outcome[name] == value for name, value in wanted.items())


def _table(contest: Contest, rows: int) -> Table:
    columns = (
        "contender", "rows", "rounds", "rows/s", "× limit", "CPU-s/M", "of clients", "of database", "peak RSS MB",
        "all rows once",
    )  # fmt: skip
    lines = []
    for name, runs in contest.runs.items():
        count = int(runs[0].outcome["landed"])
        lines.append(
            (
                name, f"{count:,}", len(runs), round(contest.median(name, rate)),
                round(contest.ratio(name, rate), 3), round(contest.median(name, cpu_per_million), 2),
                round(contest.median(name, lambda run: run.own_cpu_s * 1e6 / count), 2),  # noqa: B023
                round(contest.median(name, lambda run: run.server_cpu_s * 1e6 / count), 2),  # noqa: B023
                round(contest.peak_rss_mb(name)), all(map(is_once, runs)),
            )
        )  # fmt: skip
    return Table(
        "landing", f"{rows:,} records in {events.PARTITIONS} partitions into landing.{events.TABLE}", columns, lines
    )


def _report(command: str, facts: dict[str, Any], contest: Contest, rows: int, size: int) -> Report:
    ran = [name for name in contest.runs if name != ours.LIMIT]
    mine = [name for name in ran if name.startswith("Flyover")]
    best = max(mine, key=lambda name: contest.median(name, rate))
    facts["bytes_a_message"] = round(size / rows)
    goals = [
        _at_least(
            f"rate against the limit, {ours.name(client, 2)}", TWO_DRAINS, contest.ratio(ours.name(client, 2), rate)
        )
        for client in ours.clients()
    ]
    goals += [
        _at_least(f"{best} against {peer}", times, contest.ratio(best, rate, to=peer))
        for peer, times in TIMES.items()
        if peer in contest.runs
    ]
    goals.append(at_most("memory of the largest drain", MOST_MB, max(map(contest.peak_rss_mb, mine)), " MB"))
    growth = max(run.peak_rss_mb / run.outcome["mb_after_a_tenth"] for name in mine for run in contest.runs[name])
    goals.append(at_most("its growth from a tenth of the rows to all", MOST_GROWTH, growth, " ×"))
    missing = [name for name in contest.runs if not all(map(is_once, contest.runs[name]))]
    goals.append(Goal("all rows landed once", "everyone", ", ".join(missing) or "everyone", not missing))
    return Report("land", command, facts, (_table(contest, rows),), goals, runs_of(contest))


def _at_least(what: str, aim: float, found: float) -> Goal:
    return Goal(what, f"≥ {aim:g} ×", f"{found:.2f} ×", found >= aim)
