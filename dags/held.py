"""Shows every held batch as a task that waits, and ends when someone has decided about it.

`watch__held` looks for held batches and starts a run of `hold__batch` for each that has none: its run is called
`AGENCY.TABLE.BATCH`, its note and the waiting task's rendered fields name the rule that holds it and the command.
Nobody decides here. The decision is taken with `./flyover batches` or on the officer's page, which ask for a role and a
reason; within seconds the task ends and says what was decided, by whom and why.

**Reads** `quality.batch`, `quality.rule_result`. **Writes** nothing; `watch__held` starts runs of `hold__batch`.

**Normal duration**: `watch__held` 2 s, skipped when every held batch is shown. `hold__batch` as long as people take:
its task is deferred and holds no worker, and no batch waits for another.

**Wakes up** when a source has judged batches, and every ten minutes for batches judged outside Airflow.

**At 3 a.m.**
- *a task waits*: nothing to do at night. `./flyover batches show BATCH` has the evidence.
- *a task waits though the batch is decided*: the triggerer is down, `./flyover status`; the task ends by itself when it
  is back. Nothing hangs on it: what was decided holds already.
- *it fails with "does not answer"*: PostgreSQL is down, `./flyover status`. Clear the task.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import AssetAny, AssetOrTimeSchedule, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.held import AwaitDecision
from dags.wiring.registry import known
from dags.wiring.stage import calendar, stage_dag

HOLD = "hold__batch"
EVERY_TEN_MINUTES = calendar("*/10 * * * *", "UTC")
MOST_SHOWN = 1_000


@task
def find_held() -> list[dict[str, Any]]:
    """Held batches that no run shows yet."""
    from expectations.decisions.held import waiting
    from pipeline.settings import load

    count_runs = get_current_context()["ti"].get_dr_count
    unseen = []
    for batch in waiting(load()):
        run_id = f"{batch.agency_code}.{batch.table}.{batch.batch_id}"
        if not count_runs(dag_id=HOLD, run_ids=[run_id]):
            conf = {"batch_id": str(batch.batch_id), "told": batch.told}
            unseen.append({"trigger_run_id": run_id, "conf": conf, "note": batch.told})
    if not unseen:
        raise AirflowSkipException("every held batch is shown")
    return unseen


with stage_dag(
    "watch__held",
    "watch",
    schedule=AssetOrTimeSchedule(
        timetable=EVERY_TEN_MINUTES,
        assets=AssetAny(*(assets.released(source) for source in known().sources)),
    ),
    description="Finds held batches that are not shown as waiting",
    doc=__doc__,
    beside=True,
    dagrun_timeout=dt.timedelta(minutes=15),
):
    TriggerDagRunOperator.partial(
        task_id="show_wait",
        trigger_dag_id=HOLD,
        logical_date=None,  # two of the same instant would be one run
        skip_when_already_exists=True,
    ).expand_kwargs(find_held())

with stage_dag(
    HOLD,
    "hold",
    schedule=None,
    description="A held batch waits for a person's decision",
    doc=__doc__,
    max_active_runs=MOST_SHOWN,
    params={
        "batch_id": Param("", type="string", description="The held batch"),
        "told": Param("", type="string", description="Agency, table, rule and command"),
    },
):
    AwaitDecision(task_id="await_decision", batch_id="{{ params.batch_id }}", told="{{ params.told }}")
