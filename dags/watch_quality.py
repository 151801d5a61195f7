"""Looks at everything that may be wrong, keeps it as alerts, and tells who can mend it.

**Reads** the state of batches, feeds, deliveries, quarantine, reconciliations and failed tasks; `alerting.yml` in the
state directory. **Writes** `quality.alert`, `quality.alert_message`, `quality.alert_told`; sends mail and webhooks.

**Normal duration**: 1 s. Nothing changed and nothing waits to be sent: the run is skipped.

**Wakes up** every five minutes, and when batches were judged or a reconciliation is done.

**At 3 a.m.**
- *it fails with "does not answer"*: PostgreSQL is down, `./flyover status`. No alert is lost: conditions are looked at
  anew, failed tasks wait in `alarms.waiting.jsonl`.
- *it fails and names `alerting.yml`*: mend that file; alerts are kept meanwhile (`./flyover alerts list`), and told
  once it can be read.
- *a mail server is away*: nothing fails; messages wait, `./flyover alerts send` tries at once.
"""

from __future__ import annotations

import datetime as dt

from airflow.sdk import AssetAny, AssetOrTimeSchedule, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.registry import known
from dags.wiring.stage import calendar, stage_dag

EVERY_FEW_MINUTES = calendar("*/5 * * * *", "UTC")


@task
def watch_conditions() -> None:
    """Open, end and tell."""
    from alerting.watch import watch
    from pipeline.settings import load

    if not watch(load()):
        raise AirflowSkipException("nothing changed")


with stage_dag(
    "watch__quality",
    "watch",
    schedule=AssetOrTimeSchedule(
        timetable=EVERY_FEW_MINUTES,
        assets=AssetAny(*(assets.released(source) for source in known().sources), assets.RECONCILED),
    ),
    description="Alerts open, end and are told",
    doc=__doc__,
    beside=True,
    dagrun_timeout=dt.timedelta(minutes=15),
):
    watch_conditions()
