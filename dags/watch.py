"""Looks each minute whether a stage has work that no one told it of, and wakes it.

**Reads** `connect.batch`, where the topics end, `landing.drain`, `vault.drain`, `quality.batch`, `persons.run`.
**Writes** nothing: it makes an event on the asset of each stage that lags: messages not drained; batches staged and not
published, or deliveries landed and not judged, for 2, 4, 8, … minutes; released batches not in core for 4, 8, 16, …
minutes; persons in core or the vault that no linkage has looked at for 8, 16, 32, … minutes. After an hour it does so
each hour: a stage that fails is not started every minute.

**Normal duration**: 1 s. Nothing lags: the run is skipped.

**Wakes up** each minute. The stages are woken by events within seconds; this DAG is for events that were lost: a
triggerer that was down, a DAG that was paused when its event came, a task that was killed after its work.

**At 3 a.m.**
- *it fails with "does not answer"*: a server is down, `./flyover status`. When it is back this DAG wakes what lags.
- *it wakes the same stage again and again*: that stage fails or is paused. Look at that stage's alarm, not here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from airflow.sdk import Asset, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.registry import known
from dags.wiring.stage import calendar, stage_dag
from dags.wiring.watcher import VAULT
from pipeline import names

if TYPE_CHECKING:
    from pipeline.backlog import Waiting

EACH_MINUTE = calendar("* * * * *", "UTC")
PUBLISHED_WITHIN, JUDGED_WITHIN, MODELLED_WITHIN, LINKED_WITHIN = 2, 2, 4, 8
"""Minutes."""


@task(outlets=[assets.WAKE_UP])
def wake_stages() -> None:
    """Make an event for every stage that lags."""
    lagging = list(_lagging())
    if not lagging:
        raise AirflowSkipException("no stage lags")
    events = get_current_context()["outlet_events"][assets.WAKE_UP]
    for asset in lagging:
        events.add(asset)


def _lagging() -> Iterator[Asset]:
    from connectors.sink import topics_of
    from pipeline import backlog
    from pipeline.settings import load

    settings = load()
    for agency_code, waiting in backlog.to_publish(settings).items():
        if agency_code in known().agencies and is_due(waiting, PUBLISHED_WITHIN):
            yield assets.delivery(agency_code)
    for source in known().sources:
        if backlog.to_land(settings, topics_of(settings, source)):
            yield assets.topic(source)
        if is_due(backlog.to_judge(settings, source), JUDGED_WITHIN):
            yield assets.landed(source)
    if backlog.to_land(settings, [names.VAULT_TOPIC], "vault"):
        yield assets.topic(VAULT)
    if is_due(backlog.to_model(settings), MODELLED_WITHIN):
        yield assets.CORE_BEHIND
    if is_due(backlog.to_link(settings), LINKED_WITHIN):
        yield assets.LINKS_BEHIND


def is_due(waiting: Waiting, after_minutes: int) -> bool:
    """Whether to wake a stage this minute for what waits: at each doubling of the wait, later each hour."""
    minutes = waiting.minutes
    if not waiting or minutes is None:
        return bool(waiting)
    return minutes >= after_minutes and (minutes & (minutes - 1) == 0 or minutes % 60 == 0)


with stage_dag(
    "watch__backlog",
    "watch",
    schedule=EACH_MINUTE,
    description="Wakes stages that lag",
    doc=__doc__,
    beside=True,
    dagrun_timeout=dt.timedelta(minutes=15),
):
    wake_stages()
