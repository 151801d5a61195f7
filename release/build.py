"""Builds the warehouse from released rows: dbt in this process, everything that was built tested, one build at a time.

Core first, which records reach and then can be seen; the indicators made of it are a step of their own. What fails is
raised as one sentence that names the model or the test.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import locks, rights
from pipeline.db import Connection, connect, patiently, stage_run
from pipeline.errors import FlyoverError, SystemTrouble
from pipeline.settings import Settings
from release import changes, parts, project
from release.changes import Changes
from release.parts import Part
from release.seeds import write_agencies

log = logging.getLogger(__name__)
ROLE = project.ROLE
_LOST_SERVER = re.compile(r"server closed the connection|terminating connection|could not (connect|receive)|refused")
_QUOTED_VALUE = re.compile(r"(invalid input [^:]*: |out of range: ).*")
_FAILED = ("error", "fail", "runtime error")


class BuildFailed(FlyoverError):
    """A model that could not be built or a data test that found the bad state it is named for."""


@dataclass(frozen=True)
class Step:
    """One model, seed or test of a build; ``message`` never holds a value."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str | None


@dataclass(frozen=True)
class BuildReport:
    """What a build did. ``released_seq`` is how far core reaches, ``batches`` how many it was the first to take in."""

    released_seq: int
    batches: int
    steps: tuple[Step, ...]
    seconds: float

    @property
    def warnings(self) -> tuple[Step, ...]:
        """Data tests that found something worth a look, but nothing that stops the numbers."""
        return tuple(step for step in self.steps if step.status == "warn")


def build_warehouse(
    settings: Settings, *, full_refresh: bool = False, select: Sequence[str] | str | None = None
) -> BuildReport:
    """Bring core, and then the indicators, to what is released now; :func:`build_part` says how.

    With ``select`` (dbt selectors) that part is built, and no batch counts as modelled for it.

    :raises BuildFailed: naming the models and tests that failed; what was built before them stays
    """
    if select:
        chosen = [select] if isinstance(select, str) else list(select)
        return _traced(settings, patiently(lambda: _build_selection(settings, chosen, full_refresh)))
    core, indicators = (build_part(settings, part, full_refresh=full_refresh) for part in parts.PARTS)
    return BuildReport(
        core.released_seq, core.batches, core.steps + indicators.steps, core.seconds + indicators.seconds
    )


def build_part(settings: Settings, part: Part, *, full_refresh: bool = False) -> BuildReport:
    """Bring core to what is released now, or the indicators to core; waits for another build, and for a server away.

    Incremental unless ``full_refresh``, and only the models that what moved can reach (:mod:`release.changes`). Safe
    to repeat: without news there is nothing to run. Batches count as modelled once core holds them.

    :raises BuildFailed: naming the models and tests that failed; what was built before them stays
    """
    return _traced(settings, patiently(lambda: _build_part(settings, part, full_refresh)))


def _build_part(settings: Settings, part: Part, full_refresh: bool) -> BuildReport:
    began = time.monotonic()
    with (
        stage_run(settings, ROLE, "model", "warehouse") as outcome,
        connect(settings, ROLE, autocommit=True) as guard,
    ):
        _take_turn(guard)
        registry = write_agencies(settings)
        found = changes.look(guard, part, settings.checkout / "dbt_project", registry)
        steps = _run_part(settings, guard, found, full_refresh)
        batches = 0
        if part == "core":
            batches, outcome["rows"] = _mark_modelled(guard, found.released_seq)
        changes.remember(guard, found, is_new=bool(steps))
    return BuildReport(found.released_seq, batches, steps, time.monotonic() - began)


def _run_part(settings: Settings, guard: Connection, found: Changes, full_refresh: bool) -> tuple[Step, ...]:
    is_whole = full_refresh or found.moved is None
    if found.part == "core":
        changes.set_bound(guard, found.released_seq)
    if not is_whole and not found.moved:
        return ()
    read = manifest(settings)
    wanted = parts.wanted(read, found.part, None if is_whole else found.moved)
    if not wanted:
        return ()
    project.want(read, wanted)
    changes.begin(guard, found, is_whole=is_whole)
    arguments = ["build", "--select", f"tag:{project.WANTED}", "--indirect-selection", "empty"]
    arguments += ["--full-refresh"] if full_refresh else []
    arguments += [] if is_whole else ["--cache-selected-only"]
    steps = _run_dbt(settings, arguments, read)
    rights.settle_built(guard)  # of what failed half-way, too
    _raise_failures(steps)
    return steps


def _build_selection(settings: Settings, select: Sequence[str], full_refresh: bool) -> BuildReport:
    began = time.monotonic()
    with connect(settings, ROLE, autocommit=True) as guard:
        _take_turn(guard)
        write_agencies(settings)
        seen = changes.released_seq(guard)
        changes.set_bound(guard, seen)
        changes.begin_selection(guard)
        arguments = ["build", "--select", *select, "--exclude-resource-type", "unit_test"]
        steps = _run_dbt(settings, arguments + (["--full-refresh"] if full_refresh else []), manifest(settings))
        rights.settle_built(guard)
        _raise_failures(steps)
    return BuildReport(seen, 0, steps, time.monotonic() - began)


def _take_turn(guard: Connection) -> None:
    guard.execute("select pg_advisory_lock(%s)", (locks.BUILD,))
    changes.open_books(guard)


def _traced(settings: Settings, report: BuildReport) -> BuildReport:
    from release import lineage  # it asks this module for the manifest

    if report.steps:
        lineage.warm(settings)
    return report


def _run_dbt(settings: Settings, arguments: Sequence[str], read: Any = None) -> tuple[Step, ...]:
    outcome = project.invoke(settings, arguments, read=read)
    if isinstance(outcome.exception, KeyboardInterrupt | SystemExit):
        raise outcome.exception
    results = getattr(outcome.result, "results", None)
    if results is None:
        raise _trouble(f"dbt could not start: {_safe(str(outcome.exception))}")
    return tuple(_step(result) for result in results)


def run_unit_tests(settings: Settings) -> Any:
    """Run dbt's unit tests of the models; they test SQL, not data, so no build runs them. Core must have been built."""
    return project.invoke(settings, ["test", "--select", "test_type:unit"], read=manifest(settings))


def manifest(settings: Settings) -> Any:
    """The project as dbt reads it: every model with what it is made from.

    :raises BuildFailed: when it cannot be read
    """
    try:
        return project.manifest(settings)
    except project.UnreadableProject as error:
        raise _trouble(f"the dbt project cannot be read: {_safe(str(error))}") from None


def compiled(settings: Settings) -> tuple[Any, ...]:
    """Every model with the SQL that a build from nothing runs; nothing is run. The tables it reads must be there.

    :raises BuildFailed: when the project cannot be compiled
    """
    arguments = ["compile", "--full-refresh", "--select", "resource_type:model"]
    outcome = project.invoke(settings, arguments, read=manifest(settings))
    if not outcome.success:
        raise _trouble(f"the dbt project cannot be compiled: {_safe(str(outcome.exception))}")
    return tuple(result.node for result in outcome.result.results if str(result.node.resource_type) == "model")


def write_page(settings: Settings) -> Path:
    """One offline page of every model, column, test and what is made from what; core must have been built.

    :raises BuildFailed: when dbt cannot make it
    """
    outcome = project.invoke(settings, ["docs", "generate", "--static"], json="--write-json")
    if outcome.exception is not None or not outcome.success:
        raise _trouble(f"the warehouse's page cannot be made: {_safe(str(outcome.exception))}")
    return page_path(settings)


def page_path(settings: Settings) -> Path:
    """Where :func:`write_page` leaves the page."""
    return project.target(settings) / "static_index.html"


@dataclass(frozen=True)
class Inventory:
    """What the project holds; a column counts as described where it says something."""

    models: int
    seeds: int
    data_tests: int
    unit_tests: int
    columns: int
    described_columns: int


def inventory(settings: Settings) -> Inventory:
    """Count the project's models, tests and described columns, as dbt reads it."""
    read = manifest(settings)
    nodes = list(read.nodes.values())
    kinds = Counter(str(node.resource_type) for node in nodes)
    columns = [column for node in nodes if node.resource_type in ("model", "seed") for column in node.columns.values()]
    return Inventory(
        kinds["model"],
        kinds["seed"],
        kinds["test"],
        len(read.unit_tests),
        len(columns),
        sum(bool(column.description.strip()) for column in columns),
    )


def _step(result: Any) -> Step:
    return Step(
        name=result.node.name,
        kind=str(result.node.resource_type),
        status=str(result.status),
        seconds=float(result.execution_time),
        message=_safe(result.message) if result.message else None,
    )


def _raise_failures(steps: Sequence[Step]) -> None:
    failed = [step for step in steps if step.status in _FAILED]
    for step in steps:
        if step.status == "warn":
            log.warning("data test %s: %s", step.name, step.message)
    if failed:
        named = "; ".join(f"{step.kind} {step.name}: {step.message or step.status}" for step in failed[:5])
        more = f" (and {len(failed) - 5} more)" if len(failed) > 5 else ""
        raise _trouble(f"the warehouse build failed at {named}{more}")


def _trouble(sentence: str) -> FlyoverError:
    if _LOST_SERVER.search(sentence):
        return SystemTrouble(f"{sentence}. The server went away during the build; it is safe to build again")
    return BuildFailed(f"{sentence}. Nothing is published from it; see docs/reference/warehouse.md, then build again")


def _safe(message: str) -> str:
    """The message up to where a database quotes values (DETAIL, LINE), on one line."""
    words = re.split(r"\n?\s*(?:DETAIL|LINE \d+|CONTEXT|compiled code at)", message)[0]
    return _QUOTED_VALUE.sub(r"\1…", " ".join(words.split()))


def _mark_modelled(connection: Any, released_seq: int) -> tuple[int, int]:
    """Say of every released batch the build read that core holds it; returns (batches, their released rows)."""
    rows = connection.execute(
        "update quality.batch set modelled_at = now() "
        "where modelled_at is null and status = 'released' and released_seq <= %s returning released",
        (released_seq,),
    ).fetchall()
    return len(rows), sum(row[0] for row in rows)
