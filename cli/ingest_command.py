"""./flyover ingest: an agency's files, the whole way, and their books at the end."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Annotated

import typer

from cli import agencies, books
from cli.output import emit_tables, timed_progress
from connectors import sources
from connectors.corrections.reading import is_correction
from connectors.registry import Agency
from pipeline import names
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import Settings, load


def ingest(
    source: Annotated[str, typer.Argument(help="oneroster, oulad or census.")],
    agency: Annotated[str, typer.Option("--agency", help="Code of the agency that sent it (connectors/agencies/).")],
    path: Annotated[Path, typer.Option("--path", help="File, zip or folder, as the agency delivers it.")],
    inline: Annotated[bool, typer.Option("--inline", help="One process, without Airflow.")] = False,
    release: Annotated[bool, typer.Option(help="Publish a release at the end.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Take real files through pull, publish, land, validate, model and release, and print the books.

    A file of rows to mend that came back is taken as a correction of what it was made from.

    The file is checked as a whole before anything is kept: what cannot be read leaves nothing behind (exit code 2).
    """
    settings = load()
    known = find_agency(settings, source, agency)
    origin = path.expanduser().resolve()
    if not is_correction(origin, known):
        with sources.load(source).open(origin, known):
            pass  # only the check: a bad file is named here, before a DAG run starts with it
    with connect(settings, books.ROLE):
        pass  # a stage waits for a server that goes away; one that is not there at all is better said at once
    say = timed_progress()
    if inline:
        from cli import inline as stages

        deliveries = stages.carry(settings, known, [origin], say, release=release)
    else:
        deliveries = _through_airflow(settings, known, origin, release)
    emit_tables([books.books(settings, deliveries), books.stage_times(settings)], as_json)


def find_agency(settings: Settings, source: str, code: str) -> Agency:
    """The agency with this code, which must deliver in the form of this source."""
    known = agencies.find(settings, code)
    if known.source != source:
        raise BadInput(f"delivers {known.source}, not {source}", agency=code, advice=f"Type ingest {known.source}.")
    return known


def _through_airflow(settings: Settings, agency: Agency, origin: Path, release: bool) -> list[uuid.UUID]:
    from cli import journey
    from stack.airflow_api import of_checkout

    say, since, airflow = timed_progress(), dt.datetime.now(dt.UTC), of_checkout()
    wake = names.ingest_dag(agency.source, agency.agency_code)
    way = (wake, names.land_dag(agency.source), names.validate_dag(agency.source), *journey.SHARED_DAGS)
    journey.wait_for_dags(airflow, way, say)
    for dag_id in way:
        airflow.unpause(dag_id)
    journey.wait_for_runs(airflow, {wake: airflow.trigger(wake, {"path": str(origin)})}, say)
    journey.wait_for_core(settings, airflow, since, say)
    if release:
        journey.release(airflow, say)
    with connect(settings, books.ROLE) as connection:
        found = connection.execute(
            "select delivery_id from connect.delivery where agency_code = %s and started_at >= %s",
            (agency.agency_code, since),
        )
        return [row[0] for row in found]
