"""Makes the indicators, and the candidates for publication, of what core holds.

**Reads** `core.*` and what it is made from. **Writes** `core.ind_*`, `core.indicator_candidate`,
`core.indicator_target` and what they alone are made from. Readers see nothing of it before the next release.

**Normal duration**: 5 to 30 s; only what lies below the entities that moved.

**Wakes up** after each build of core, and when `watch__backlog` finds the indicators behind. Core goes first: while
more is waiting to get there a run is skipped, for ten minutes at most. Wake-ups that come during a run are joined.

**At 3 a.m.**
- *a data test failed*: the candidates of before stay, and so does the last release. The log names test and model.
- *it waits or fails with "does not answer"*: PostgreSQL is down. `./flyover status`.
- *candidates look wrong after a crash*: start `build__warehouse` with `full_refresh`; this DAG then makes all anew.
"""

from __future__ import annotations

from airflow.sdk import AssetAny, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.stage import stage_dag

MOST_MINUTES_BEHIND_CORE = 10


@task(outlets=[assets.INDICATORS])
def build_indicators() -> None:
    """Make what is behind core, unless core itself is about to move on."""
    from pipeline import backlog
    from pipeline.settings import load

    settings = load()
    waiting = backlog.to_show(settings)
    if not waiting:
        raise AirflowSkipException("the indicators are level with core")
    is_asked_for = get_current_context()["dag_run"].run_type == "manual"
    if not is_asked_for and (waiting.minutes or 0) < MOST_MINUTES_BEHIND_CORE and backlog.to_model(settings):
        raise AirflowSkipException("core has more to take in first")

    from release.build import build_part

    build_part(settings, "indicators")


with stage_dag(
    "build__indicators",
    "build",
    schedule=AssetAny(assets.CORE, assets.INDICATORS_BEHIND),
    description="Core into indicators and candidates",
    doc=__doc__,
    beside=True,
):
    build_indicators()
