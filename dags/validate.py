"""Judges whole batches of a source and says what may go on.

**Reads** landing (through `judging.*`) and the rules in `expectations/suites/`. **Writes** the verdicts and books
(`quality.*`), `quarantine.entry` (stage rule), `landing.event_seen` and `landing.duplicate`. What follows from verdicts
is the work of `review__verdicts`, for which the next batches do not wait.

**Normal duration**: 8 s for a delivery of 20,000 rows, most of it the rules engine starting; 1 s for every 100,000
rows on top.

**Wakes up** when `land__<source>` has a whole delivery. `watch__backlog` repeats a wake-up that was lost after two
minutes.

**At 3 a.m.**
- *a batch is held*: a critical rule about the whole table failed. Nothing to do at night: the quality officer
  decides, `./flyover batches show BATCH`, then `release` or `refuse`.
- *the alarm names a suite or a rule*: someone changed it. Mend the file in `expectations/suites/`; the batches wait and
  are judged by the next run, which comes by itself.
- *"books do not balance"*: a fault of ours; that batch was not released and nothing of it was kept. Keep the log for
  the developers; the other batches go on.
"""

from __future__ import annotations

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.registry import known
from dags.wiring.stage import stage_dag
from pipeline import names


@task
def judge_batches(source: str) -> None:
    """Judge until nothing landed waits."""
    from pipeline import backlog
    from pipeline.settings import load

    settings = load()
    if not backlog.to_judge(settings, source):
        raise AirflowSkipException(f"no whole delivery of {source} waits to be judged")

    from expectations.judging.judge import judge_ready

    while backlog.to_judge(settings, source) and judge_ready(settings, source):
        pass  # look again: more may have landed


for _source in known().sources:
    with stage_dag(
        names.validate_dag(_source),
        "validate",
        schedule=[assets.landed(_source)],
        description=f"Rules and books of {_source}",
        doc=__doc__,
        sectors=known().sectors(_source),
        source=_source,
    ):
        judge_batches.override(outlets=[assets.released(_source)])(_source)
