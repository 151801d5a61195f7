"""``./flyover bench release``: protecting a release of 90 counties × 60 indicators, plentiful and ever scarcer."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.frame import Contender, Contest, Progress, compete
from benchmarks.meter import Meter, cpu
from benchmarks.release import provinces
from benchmarks.report import Goal, Report, Table, at_most, contest_table, machine, runs_of

INDICATORS, SEED = 60, 1
SCALES = {"as many people as Zhejiang has": 1.0, "a tenth": 0.1, "one in thirty": 0.03, "one in a hundred": 0.01}
CELLS_AN_INDICATOR = 1128
MOST_CPU_S = 600.0


@dataclass(frozen=True)
class Place:
    """What a province is, and where the counts of its release go."""

    indicators: int
    scale: float
    counts: Path


def run(command: str, progress: Progress, *, rows: int | None = None, rounds: int = 5) -> Report:
    """Run the benchmark; it needs no server. ``rows`` are candidates; each indicator has about 1,100.

    :raises SystemTrouble: when a contender fails
    """
    facts = machine()
    indicators = max(1, rows // CELLS_AN_INDICATOR) if rows else INDICATORS
    contest = compete(
        [Contender(name, protect, partial(_place, indicators, scale), None, _look) for name, scale in SCALES.items()],
        rounds=rounds,
        postmaster=None,
        progress=progress,
    )
    title = f"One release of 90 counties × {indicators} indicators, protected"
    shown = [
        (name, *(runs[0].outcome[key] for key in ("published", "withheld", "headlines", "totals of counties")))
        for name, runs in contest.runs.items()
    ]
    columns = ("province", "published", "withheld", "headlines shown", "totals of counties shown")
    tables = (contest_table("times", title, contest), Table("shown", "What readers see", columns, shown))
    return Report("release", command, facts, tables, (_goal(contest),), runs_of(contest))


def protect(place: Place, meter: Meter) -> None:
    """By the code that a release runs."""
    from release.protection import protected

    candidates = provinces.province(SEED, indicators=place.indicators, periods=1, scale=place.scale)
    meter.part("inventing")
    shown = [row for row in protected(candidates, {}) if row.status == "published"]
    meter.part("protecting")
    totals = Counter(row.area_level for row in shown if row.slice.dimension == "total")
    counts = {"published": len(shown), "withheld": len(candidates) - len(shown)}
    counts |= {"headlines": totals["province"], "totals of counties": totals["county"]}
    place.counts.write_text(json.dumps(counts), encoding="utf-8")


@contextmanager
def _place(indicators: int, scale: float) -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="flyover-bench-") as folder:
        yield Place(indicators, scale, Path(folder) / "counts.json")


def _look(place: Place) -> Mapping[str, Any]:
    counts: dict[str, Any] = json.loads(place.counts.read_text(encoding="utf-8"))
    return counts


def _goal(contest: Contest) -> Goal:
    slowest = max(contest.median(name, cpu) for name in contest.runs)
    return at_most("processor time of the scarcest release", MOST_CPU_S, slowest, " s")
