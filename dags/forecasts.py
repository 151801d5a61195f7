"""Forecasts school places, teachers, senior learners and entrants, each with how much such forecasts erred.

**Reads** `intermediate.int_forecast__history`, yearly sums that `build__warehouse` left. **Writes** `forecast.run`,
`forecast.series`, `forecast.point`, `forecast.backtest` in one transaction, and builds the indicators on them.

**Normal duration**: half a minute; skipped at once when the history is that of the last run.

**Wakes up** when core has taken in released batches, and on the 2nd of each month at 06:00 in Zhejiang, so that a
forecast is never older than its returns.

**At 3 a.m.**
- *it failed*: the last run's forecasts stay in force. Read the log, mend, clear the task; nothing is half written.
- *it waits or fails with "does not answer"*: PostgreSQL is down. `./flyover status`.
- *a forecast needs_input*: nothing is broken; its note names the return and the years. `./flyover forecast show AREA`.
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.stage import calendar, stage_dag
from pipeline.zone import ZONE_NAME

EACH_MONTH = calendar("0 6 2 * *", ZONE_NAME)


@task
def forecast_needs() -> None:
    """Test and continue every history; nothing to do where none has changed."""
    from forecast.run import run
    from pipeline.settings import load

    if not run(load(), again=bool(get_current_context()["params"].get("again"))).is_new:
        raise AirflowSkipException("the history is that of the last run")


with stage_dag(
    "forecast__places",
    "forecast",
    schedule=AssetOrTimeSchedule(timetable=EACH_MONTH, assets=[assets.CORE]),
    description="What will be needed, with its error",
    doc=__doc__,
    beside=True,
    params={"again": Param(False, type="boolean", description="Also where the history has not changed")},
):
    forecast_needs()
