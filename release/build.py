"""Builds core from released rows: dbt in this process, everything that was built tested, one build at a time.

dbt's console output and log files are off: a database error may quote a value, and values of persons belong in no
log. What fails is raised as one sentence that names the model or the test.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import locks, rights
from pipeline.db import connect, patiently, stage_run
from pipeline.errors import FlyoverError, SystemTrouble
from pipeline.settings import Settings
from release import changes
from release.seeds import write_agencies

log = logging.getLogger(__name__)
ROLE = "flyover_dbt"
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
    """Bring core to what is released now; waits for another build to end, and for a server that is away.

    Incremental unless ``full_refresh``, and only the models that what moved can reach (:mod:`release.changes`). Safe
    to repeat: without new releases there is nothing to run. With ``select`` (dbt selectors) that part is built, and
    no batch counts as modelled for it.

    :raises BuildFailed: naming the models and tests that failed; what was built before them stays
    """
    from release import lineage  # it asks this module for the manifest

    chosen = [select] if isinstance(select, str) else list(select or ())
    report = patiently(lambda: _build(settings, full_refresh, chosen))
    if report.steps:
        lineage.warm(settings)
    return report


def _build(settings: Settings, full_refresh: bool, select: Sequence[str]) -> BuildReport:
    began = time.monotonic()
    with (
        stage_run(settings, ROLE, "model", "warehouse") as outcome,
        connect(settings, ROLE, autocommit=True) as guard,
    ):
        guard.execute("select pg_advisory_lock(%s)", (locks.BUILD,))
        registry = write_agencies(settings)
        found = changes.look(guard, settings.checkout / "dbt_project", registry)
        wanted = select or (None if full_refresh else found.selectors)
        steps = () if wanted == () else _run_dbt(settings, full_refresh, wanted or ())
        rights.settle_built(guard)  # of what failed half-way, too
        _raise_failures(steps)
        batches = 0
        if not select:
            batches, outcome["rows"] = _mark_modelled(guard, found.released_seq)
            changes.remember(guard, found)
    return BuildReport(found.released_seq, batches, steps, time.monotonic() - began)


def _run_dbt(settings: Settings, full_refresh: bool, select: Sequence[str]) -> tuple[Step, ...]:
    arguments = [
        "build", "--exclude-resource-type", "unit_test",
        *(["--full-refresh"] if full_refresh else []), *(["--select", *select] if select else []),
    ]  # fmt: skip
    outcome = _invoke(settings, arguments)
    if isinstance(outcome.exception, KeyboardInterrupt | SystemExit):
        raise outcome.exception
    results = getattr(outcome.result, "results", None)
    if results is None:
        raise _trouble(f"dbt could not start: {_safe(str(outcome.exception))}")
    return tuple(_step(result) for result in results)


def run_unit_tests(settings: Settings) -> Any:
    """Run dbt's unit tests of the models; they test SQL, not data, so no build runs them. Core must have been built."""
    return _invoke(settings, ["test", "--select", "test_type:unit"])


def manifest(settings: Settings) -> Any:
    """The project as dbt reads it: every model with what it is made from.

    :raises BuildFailed: when it cannot be read
    """
    outcome = _invoke(settings, ["parse"])
    if outcome.result is None:
        raise _trouble(f"the dbt project cannot be read: {_safe(str(outcome.exception))}")
    return outcome.result


def compiled(settings: Settings) -> tuple[Any, ...]:
    """Every model with the SQL that a build from nothing runs; nothing is run. The tables it reads must be there.

    :raises BuildFailed: when the project cannot be compiled
    """
    outcome = _invoke(settings, ["compile", "--full-refresh", "--select", "resource_type:model"])
    if not outcome.success:
        raise _trouble(f"the dbt project cannot be compiled: {_safe(str(outcome.exception))}")
    return tuple(result.node for result in outcome.result.results if str(result.node.resource_type) == "model")


def write_page(settings: Settings) -> Path:
    """One offline page of every model, column, test and what is made from what; core must have been built.

    :raises BuildFailed: when dbt cannot make it
    """
    outcome = _invoke(settings, ["docs", "generate", "--static"], json="--write-json")
    if outcome.exception is not None or not outcome.success:
        raise _trouble(f"the warehouse's page cannot be made: {_safe(str(outcome.exception))}")
    return page_path(settings)


def page_path(settings: Settings) -> Path:
    """Where :func:`write_page` leaves the page."""
    return settings.state_dir / "dbt" / "target" / "static_index.html"


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
    project = manifest(settings)
    nodes = list(project.nodes.values())
    kinds = Counter(str(node.resource_type) for node in nodes)
    columns = [column for node in nodes if node.resource_type in ("model", "seed") for column in node.columns.values()]
    return Inventory(
        kinds["model"],
        kinds["seed"],
        kinds["test"],
        len(project.unit_tests),
        len(columns),
        sum(bool(column.description.strip()) for column in columns),
    )


def _invoke(settings: Settings, command: Sequence[str], json: str = "--no-write-json") -> Any:
    from dbt.cli.main import dbtRunner  # two seconds of import that no other stage should pay

    silent = ["--no-use-colors", "--log-level", "none", "--log-level-file", "none", json]
    with _environment(settings):
        return dbtRunner().invoke([*silent, *command, *_places(settings)])


def _places(settings: Settings) -> list[str]:
    """Project from the checkout; what dbt writes goes to the state directory, where the next run finds its parse."""
    project, home = settings.checkout / "dbt_project", settings.state_dir / "dbt"
    home.mkdir(parents=True, exist_ok=True)
    places: Mapping[str, Path] = {
        "--project-dir": project,
        "--profiles-dir": project,
        "--target-path": home / "target",
        "--log-path": home / "logs",
    }
    return [word for option, place in places.items() for word in (option, str(place))]


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """What profiles.yml reads, for the time of one run; the prefix tells dbt to mask the password."""
    ours = {
        "FLYOVER_PG_HOST": settings.pg_host,
        "FLYOVER_PG_PORT": str(settings.pg_port),
        "FLYOVER_PG_DATABASE": settings.pg_database,
        "DBT_ENV_SECRET_PG_PASSWORD": settings.secrets.pg_passwords[ROLE],
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


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
