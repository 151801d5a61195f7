"""Posts to the credit bank's ledger.

**Reads** `intermediate.int_credits__events`, which the build lays out from the bank's deposits, applications, outcomes
and cross-institution enrolments, and the rules in `ledger/rules`. **Writes** `ledger.*`: postings that are missing,
reversals of what no longer follows, and where the bank's word and the rules differ.

**Normal duration**: seconds; a minute for some hundred thousand new events.

**Wakes up** after each build, for what came with it, and at 00:20 in Zhejiang, for what falls due on a day. Skipped
when there is nothing to post. What it posts wakes `build__warehouse`, which takes it into `core.fct_credit_entry`.

**At 3 a.m.**
- *it fails with "would be below zero"*: nothing was posted and the ledger is as it was. A fault of ours, not of the
  bank's file: `./flyover credits explain APPLICATION` shows the conversions; the rest of the house goes on without it.
- *it fails with "does not answer"*: PostgreSQL is down. `./flyover status`; it is safe to run again.
- *the bank calls about a wrong balance*: `./flyover credits account ACCOUNT` shows every posting with its record.
"""

from __future__ import annotations

from airflow.sdk import AssetOrTimeSchedule, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.stage import calendar, stage_dag
from pipeline.zone import ZONE_NAME

EARLY = calendar("20 0 * * *", ZONE_NAME)


@task(outlets=[assets.LEDGER])
def post_credits() -> None:
    """Post what is missing up to today."""
    from ledger.post import post
    from pipeline.settings import load

    if post(load()).run_id is None:
        raise AirflowSkipException("the ledger is level with the bank's records")


with stage_dag(
    "post__credits",
    "post",
    schedule=AssetOrTimeSchedule(timetable=EARLY, assets=[assets.CORE]),
    description="Events of the credit bank into the ledger",
    doc=__doc__,
):
    post_credits()
