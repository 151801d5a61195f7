"""./flyover demo: everything real, a synthetic province from its agencies' files to published numbers."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli import books, sectors
from cli.output import emit_tables, say, timed_progress
from connectors import registry
from connectors.registry import Agency
from pipeline import names
from pipeline.settings import Settings


def demo(
    what: Annotated[
        Literal["province", "changes"],
        typer.Argument(help="The whole province, or one office whose database's changes are captured."),
    ] = "province",
    learners: Annotated[
        int, typer.Option("--learners", help="Learners of the synthetic province.", min=1_000, max=2_500_000)
    ] = 5000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed gives another province.")] = 1,
    inline: Annotated[bool, typer.Option("--inline", help="Changes only: one process, without Airflow.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Start everything and carry a synthetic province the whole way; all people in it are invented.

    Schools, open universities, human resources, senior universities and statistics bureaus send files, each in its own
    form. Pull, publish, land, validate, model and release are Airflow's DAGs, woken event by event. May be repeated:
    what was delivered before is not delivered again, so a repetition with the same numbers changes nothing.
    """
    if what == "changes":
        from cli import changes_demo

        changes_demo.run(inline=inline, as_json=as_json)
        return
    from cli import journey
    from expectations.reports import report
    from stack import control
    from stack.airflow_api import of_checkout
    from stack.state import State

    progress, since = timed_progress(), dt.datetime.now(dt.UTC)
    settings = control.up(progress)
    agencies = [a for a in registry.load_all(settings.agencies_dir).values() if _drops_files(a)]
    province = _write_province(settings, agencies, learners, seed, progress)
    for agency in agencies:
        _deliver(settings, agency, province, progress)
    airflow = of_checkout()
    wanted = _dag_ids(settings)
    journey.wait_for_dags(airflow, wanted, progress)
    for dag_id in wanted:
        airflow.unpause(dag_id)
    runs = {dag_id: airflow.trigger(dag_id) for dag_id in (names.ingest_dag(a.source, a.agency_code) for a in agencies)}
    progress(f"Airflow: {len(wanted)} DAGs unpaused, {len(runs)} agencies asked for their files")
    journey.wait_for_runs(airflow, runs, progress)
    journey.wait_for_core(settings, airflow, since, progress)
    journey.wait_for_links(settings, airflow, since, progress)
    journey.release(airflow, progress)
    page = report.write(settings)
    progress("done")
    _summary(settings, State.open().stack(), page, as_json)


def _drops_files(agency: Agency) -> bool:
    return agency.area == "simulated" and agency.transport == "file" and not agency.paused


def _write_province(settings: Settings, agencies: Sequence[Agency], learners: int, seed: int, progress: Any) -> Path:
    """Write the province, unless it is there; one of an earlier version lacks agencies and is written anew."""
    import simulator

    root = settings.state_dir / "province" / f"learners-{learners}-seed-{seed}"
    whole = all((root / agency.agency_code).is_dir() for agency in agencies)
    if whole and (root / "truth" / "expected.json").exists():
        progress(f"Province: {root} is there already")
        return root
    shutil.rmtree(root, ignore_errors=True)
    simulator.write_province(root, learners=learners, seed=seed)
    progress(f"Province: {learners:,} synthetic learners written in their agencies' formats (seed {seed})")
    return root


def _deliver(settings: Settings, agency: Agency, province: Path, progress: Any) -> None:
    """Put an agency's files into its drop folder; each appears there whole or not at all."""
    target = settings.drop_dir / agency.agency_code
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for entry in sorted((province / agency.agency_code).iterdir()):
        partial = target / f"{entry.name}.part"
        if entry.is_dir():
            shutil.copytree(entry, partial, dirs_exist_ok=True)
        else:
            shutil.copy2(entry, partial)
        final = target / entry.name
        if final.is_dir():
            shutil.rmtree(final)
        os.replace(partial, final)
    progress(f"{agency.agency_code}: files dropped")


def _dag_ids(settings: Settings) -> list[str]:
    """DAGs of every agency that is not paused and of their sources; a source none of them uses would only cost time."""
    from cli import journey

    agencies = [a for a in registry.load_all(settings.agencies_dir).values() if not a.paused]
    ingest = [names.ingest_dag(a.source, a.agency_code) for a in agencies]
    sources = sorted({a.source for a in agencies})
    stages = [make(source) for source in sources for make in (names.land_dag, names.validate_dag)]
    return [*stages, *journey.SHARED_DAGS, *ingest]


def _summary(settings: Settings, stack: Mapping[str, Any], page: Path, as_json: bool) -> None:
    by_sector = sectors.sectors(settings)
    tables = [
        by_sector,
        books.books(settings),
        books.quarantine_by_rule(settings),
        books.relation_counts(settings),
        books.stage_times(settings),
        books.freshness(settings),
    ]
    where = {
        "airflow": f"{stack['airflow_url']}  user admin, password: ./flyover status --password",
        "numbers": f"{stack['portal_url']}/numbers/  for everyone, no sign-in",
        "quality_report": page.as_uri(),
        "rows_to_mend": "./flyover quarantine list --agency sen-hangzhou",
        "books": "./flyover batches books",
        "sql": "./flyover sql --role policymaker 'select * from mart.current_indicator_value limit 20'",
        "stop": "./flyover down",
    }
    emit_tables(tables, as_json, where=where, note="synthetic: every person here is invented")
    if not as_json:
        say("")
        for sentence in sectors.in_words(by_sector):
            say(sentence)
        say("\nEverything above is synthetic: every person in it is invented.")
        for name, value in where.items():
            say(f"{name.replace('_', ' '):>15}: {value}")
