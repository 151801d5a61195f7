"""Makes the months of landing that are to come, so that no row arrives before its month.

**Reads** which months there are. **Writes** empty partitions of `landing.<table>` for three months ahead; rows that
came when their month was not made are taken from the default partition into their months.

**Normal duration**: 1 s. Nothing is ever dropped by it: that is `./flyover retention --apply`, which a person types.

**Wakes up** each night at 02:10 in Zhejiang. It wakes no one.

**At 3 a.m.**
- *it fails with "lock timeout"*: something reads landing for hours. Three months are made ahead, so nothing is urgent;
  clear the task in the morning.
- *it warns of rows in the default partition*: this DAG was paused for months. The rows were never out of sight.
"""

from __future__ import annotations

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring.stage import calendar, stage_dag
from pipeline.zone import ZONE_NAME

BEFORE_THE_NIGHTS_DELIVERIES = calendar("10 2 * * *", ZONE_NAME)


@task
def make_months() -> None:
    """See that the months are there; say which tables had rows without one."""
    import logging

    from connectors.months import make_ahead
    from pipeline.settings import load

    strays = make_ahead(load())
    for table, rows in strays.items():
        logging.getLogger(__name__).warning("%s: %d rows had come when their month was not made", table, rows)
    if not strays:
        raise AirflowSkipException("every row has its month")


with stage_dag(
    "months__landing",
    "months",
    schedule=BEFORE_THE_NIGHTS_DELIVERIES,
    description="Landing has the months to come",
    doc=__doc__,
    beside=True,
):
    make_months()
