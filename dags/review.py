"""What follows from verdicts and stands in no record's way: a second judgement after a corrected rule, the report.

**Reads** the verdicts (`quality.*`), the rules in `expectations/suites/`, rows in quarantine. **Writes** the quality
report; where a rule was corrected, a replay of what it alone kept back and now passes, which is published at once.

**Normal duration**: 2 s.

**Wakes up** when a source has judged batches; verdicts that come meanwhile are joined into one more run. The next
batches are judged, and core is built, without waiting for it. By hand it looks at every source.

**At 3 a.m.**
- *rejudge_corrected failed*: the rows stay in quarantine as they are; nothing is lost. The alarm names the rule. Mend
  it and clear the task.
- *write_report failed*: the last report stays. `./flyover report` writes it by hand.
"""

from __future__ import annotations

from airflow.sdk import AssetAny, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.registry import known
from dags.wiring.stage import stage_dag


@task
def rejudge_corrected() -> None:
    """Let go what a rule kept back that was corrected since, as far as it now passes; each version looks once."""
    from connectors.producer import publish
    from expectations.decisions.people import HOUSE
    from expectations.judging import rejudge
    from pipeline.settings import load

    settings, gone = load(), 0
    for source in _woken_by():
        if rows := rejudge.corrected(settings, source, actor=HOUSE):
            publish(settings, source=source)
            gone += rows
    if not gone:
        raise AirflowSkipException("no rule was corrected that keeps rows back")


@task
def write_report() -> None:
    """Write the quality report anew, from the verdicts alone."""
    from expectations.reports import report
    from pipeline.settings import load

    report.write(load())


def _woken_by() -> list[str]:
    """Sources whose verdicts woke the run; all of them where somebody started it."""
    events = get_current_context()["triggering_asset_events"]
    woken = {event.asset.uri for told in events.values() for event in told}
    return [source for source in known().sources if not woken or assets.released(source).uri in woken]


with stage_dag(
    "review__verdicts",
    "review",
    schedule=AssetAny(*(assets.released(source) for source in known().sources)),
    description="The report, and what corrected rules let go",
    doc=__doc__,
    beside=True,
):
    rejudge_corrected()
    write_report()
