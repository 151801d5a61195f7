"""Compares outbox, landing, books, released, core and vault by record, and keeps what every step says.

**Reads** `connect.*`, `landing.*`, `quarantine.*`, `released.*`, the base tables of staging, what intermediate makes of
them, `core.*`, keys of `vault.identity`. **Writes** `quality.reconciliation`; an imbalance becomes an alert within
minutes.

**Normal duration**: seconds; it looks at what moved since its last run, two days before it, and at what was wrong. On
Sundays, and with `whole`, at everything: half a minute for a million rows on two busy cores.

**Wakes up** each night at 03:30 in Zhejiang, after the night's deliveries; it waits for a build that runs.

**At 3 a.m.**
- *it fails with "does not answer"*: PostgreSQL is down, `./flyover status`. Clear the task.
- *it succeeds and an alert says that books do not balance*: docs/runbooks/imbalance.md. Nothing is lost by waiting for
  the morning; do not publish a release before.
"""

from __future__ import annotations

from airflow.sdk import Param, get_current_context, task

from dags.wiring import assets
from dags.wiring.stage import calendar, stage_dag
from pipeline.zone import ZONE, ZONE_NAME

AFTER_THE_NIGHTS_DELIVERIES = calendar("30 3 * * *", ZONE_NAME)
SUNDAY = 6


@task(outlets=[assets.RECONCILED])
def compare_steps() -> None:
    """Look at what moved; at everything on Sundays, or when asked to."""
    import datetime as dt

    from alerting.reconcile.run import reconcile
    from pipeline.settings import load

    asked = bool(get_current_context()["params"].get("whole"))
    reconcile(load(), whole=asked or dt.datetime.now(ZONE).weekday() == SUNDAY)


with stage_dag(
    "reconcile__books",
    "reconcile",
    schedule=AFTER_THE_NIGHTS_DELIVERIES,
    description="Outbox, landing, books, core and vault agree",
    doc=__doc__,
    beside=True,
    params={"whole": Param(False, type="boolean", description="Look at everything, not only at what moved")},
):
    compare_steps()
