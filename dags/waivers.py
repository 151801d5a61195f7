"""Ends waivers on their day: a row that was let through until a date is kept back again, a rule holds batches again.

**Reads** `quarantine.entry`, `quality.waiver`. **Writes** the row's status, its history and its released sequence, by
which the next build notices; the end of the waiver; an entry in `audit.entry`.

**Normal duration**: 1 s. No waiver ends: the run is skipped.

**Wakes up** each day just after midnight in Zhejiang. `watch__backlog` then finds core behind and wakes the build.

**At 3 a.m.**
- *it fails with "does not answer"*: PostgreSQL is down, `./flyover status`. Clear the task; a waiver that ended
  meanwhile ends with it.
"""

from __future__ import annotations

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring.stage import calendar, stage_dag
from pipeline.zone import ZONE_NAME

AFTER_MIDNIGHT = calendar("5 0 * * *", ZONE_NAME)


@task
def end_waivers() -> None:
    """Open again what was waived to a day that has passed, and let its rules hold batches again."""
    from expectations.decisions import days, quarantine, waivers
    from pipeline.settings import load

    settings, day = load(), days.today()
    rows, rules = quarantine.lapse_waivers(settings, day), waivers.lapse(settings, day)
    if not rows and not rules:
        raise AirflowSkipException("no waiver ends today")


with stage_dag(
    "lapse__waivers",
    "lapse",
    schedule=AFTER_MIDNIGHT,
    description="Waived rows are kept back again after their day",
    doc=__doc__,
    beside=True,
):
    end_waivers()
