"""Takes an agency's deliveries in and publishes them as events.

**Reads** the agency's drop folder (`agencies/<agency>/` in the state directory), or the file or folder named by the
run's `path`; where the agency's yml names another `transport`, its live system, from where the last pull ended.
**Writes** the outbox (`connect.*`), the encrypted originals, then the source's topics.

**Normal duration**: seconds; about a minute for a million rows.

A file of rows to mend that an agency sends back is known by its marks, whatever it is called: it is taken as a
correction of what it was made from, row by row, and never as a delivery, whose missing rows would be deleted.

**Wakes up** when something new lies whole in the drop folder, within seconds of a change where the agency's database is
captured (`transport: cdc`), on the schedule in the agency's yml (in the agency's
time zone), on an event of its asset `flyover://delivery/<agency>` (which may carry `{"path": …}`), or by hand. Nothing
new to pull: the run is skipped.

**At 3 a.m.**
- *pull_delivery failed, the alarm names a file and a line*: the agency sent something unusable. Nothing of that file
  was kept, its other files went on; its receipt says why. It is not tried again until it changes: when the corrected
  file is there it is taken, or `./flyover ingest SOURCE --agency AGENCY --path FILE`.
- *pull_delivery failed, the alarm names an address*: the agency's system refuses our login or its answer. What it said
  before is kept, the next run goes on from there. `./flyover secret set AGENCY NAME` changes a password without a stop.
- *the alarm names a table and a column, or a replication slot*: the agency's database is no longer as agreed; this feed
  alone waits, and nothing is lost. `./flyover changes status`; docs/how-to/change-capture.md says what each case needs.
- *publish_batches failed*: Kafka is away. `./flyover status`. What was pulled is safe in the outbox; once Kafka is back
  `watch__backlog` starts a run that publishes it, or clear the task.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import AssetAny, AssetOrTimeSchedule, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from connectors.registry import Agency
from dags.wiring import assets
from dags.wiring.registry import known
from dags.wiring.stage import calendar, stage_dag
from pipeline import names


@task
def pull_delivery(agency_code: str) -> None:
    """Stage what the agency delivered: each delivery whole or not at all."""
    from connectors import registry
    from connectors.producer import publish
    from connectors.pull import pending_origins, pull_live
    from expectations.decisions.corrections import take_in
    from pipeline import backlog
    from pipeline.errors import BadInput
    from pipeline.settings import load

    settings = load()
    agency = registry.read(settings.agencies_dir / f"{agency_code}.yml")
    named = _named_paths(get_current_context())
    origins = named or pending_origins(settings, agency)
    has_news = False
    if agency.transport != "file" and not named:
        try:
            has_news = any(found.batches for found in pull_live(settings, agency))
        except BadInput:
            publish(settings, source=agency.source)  # what it said before it had to stop does not wait
            raise
    if not origins and not has_news and agency_code not in backlog.to_publish(settings):
        raise AirflowSkipException(f"{agency_code} has delivered nothing new")
    refused = []
    for origin in origins:
        try:
            take_in(settings, agency, origin)
        except BadInput as error:
            refused.append(error)
    if refused:
        publish(settings, source=agency.source)  # the agency's other deliveries do not wait for the bad one
        raise refused[0]


@task
def publish_batches(source: str) -> None:
    """Send every staged batch of the source; safe to repeat."""
    from connectors.producer import publish
    from pipeline.settings import load

    publish(load(), source=source)


def _named_paths(context: Any) -> list[Any]:
    """Paths given by hand or by the events that woke the run, each once and in order."""
    from pathlib import Path

    woken_by = (event for events in context["triggering_asset_events"].values() for event in events)
    given = [context["params"].get("path"), *((event.extra or {}).get("path") for event in woken_by)]
    return [Path(path) for path in dict.fromkeys(given) if path]


def _schedule(agency: Agency) -> Any:
    woken_by = [assets.delivery(agency.agency_code)]
    if agency.transport == "cdc":
        woken_by.append(assets.changes(agency.agency_code))
    if agency.schedule is None:
        return AssetAny(*woken_by)
    timetable = calendar(agency.schedule, agency.time_zone)
    return AssetOrTimeSchedule(timetable=timetable, assets=AssetAny(*woken_by))


for _agency in known().agencies.values():
    with stage_dag(
        names.ingest_dag(_agency.source, _agency.agency_code),
        "ingest",
        schedule=_schedule(_agency),
        description=f"{_agency.name_zh} / {_agency.name_en}",
        doc=__doc__,
        owner=_agency.owner,
        sectors=[_agency.sector],
        source=_agency.source,
        agency=_agency.agency_code,
        is_paused_upon_creation=_agency.paused or None,
        params={"path": Param(None, type=["null", "string"], description="A file or folder on this machine")},
    ):
        pull_delivery(_agency.agency_code) >> publish_batches.override(outlets=[assets.delivered(_agency.source)])(
            _agency.source
        )
