"""Builds core from what was released.

**Reads** `released.*`, the seeds. **Writes** `staging`, `core` and what it is made from, and notes in `quality.batch`
what core holds. The indicators follow in `build__indicators`.

**Normal duration**: 5 to 20 s; incremental.

**Wakes up** when a source has judged batches, when links of persons moved, when `post__credits` has posted, and when
`watch__backlog` finds core behind (a waiver, a withdrawal, a wake-up that was lost). Skipped at once when core is level
with what was released. Wake-ups that come during a run are joined into one more run.

**At 3 a.m.**
- *a data test failed*: what was built before stays in place for readers; nothing was published. The log names test and
  model. `./flyover sql --role engineer` shows the rows; build again by clearing the task.
- *it waits or fails with "does not answer"*: PostgreSQL is down. `./flyover status`.
- *numbers look torn after a crash*: start the DAG with `full_refresh`; core is rebuilt from released alone, and then
  the indicators are.
"""

from __future__ import annotations

from airflow.sdk import AssetAny, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.registry import known
from dags.wiring.stage import stage_dag


@task(outlets=[assets.CORE])
def build_core() -> None:
    """Build until nothing was released meanwhile."""
    from pipeline import backlog
    from pipeline.settings import load

    settings = load()
    full_refresh = bool(get_current_context()["params"].get("full_refresh"))
    waiting = backlog.to_model(settings)
    if not waiting and not full_refresh:
        raise AirflowSkipException("core is level with what was released")

    from release.build import build_part

    build_part(settings, "core", full_refresh=full_refresh)
    while (meanwhile := backlog.to_model(settings)).amount > waiting.amount:
        waiting = meanwhile
        build_part(settings, "core")


with stage_dag(
    "build__warehouse",
    "build",
    schedule=AssetAny(
        *(assets.released(source) for source in known().sources), assets.LINKED, assets.LEDGER, assets.CORE_BEHIND
    ),
    description="Released records into core",
    doc=__doc__,
    params={"full_refresh": Param(False, type="boolean", description="Build everything anew from released")},
):
    build_core()
