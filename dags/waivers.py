"""Ends waivers on their day: a row that was let through until a date is kept back again.

**Reads** `quarantine.entry`. **Writes** its status and released sequence, by which the next build notices; an entry in
`audit.entry`.

**Normal duration**: 1 s. No waiver ends: the run is skipped.

**Wakes up** each day just after midnight in Zhejiang. `watch__backlog` then finds core behind and wakes the build.

**At 3 a.m.**
- *it fails with "does not answer"*: PostgreSQL is down, `./flyover status`. Clear the task; a waiver that ended
  meanwhile ends with it.
"""

from __future__ import annotations

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring.stage import at_times, stage_dag

ZONE = "Asia/Shanghai"
AFTER_MIDNIGHT = at_times("5 0 * * *", ZONE)


@task
def end_waivers() -> None:
    """Open again what was waived to a day that has passed."""
    import datetime as dt
    import zoneinfo

    from expectations.decisions.quarantine import lapse_waivers
    from pipeline.settings import load

    if not lapse_waivers(load(), dt.datetime.now(zoneinfo.ZoneInfo(ZONE)).date()):
        raise AirflowSkipException("no waiver ends today")


with stage_dag(
    "lapse__waivers",
    "lapse",
    schedule=AFTER_MIDNIGHT,
    description="Waived rows are kept back again after their day",
    doc=__doc__,
):
    end_waivers()
