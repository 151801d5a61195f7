"""Publishes a release of the indicators.

**Reads** the candidates that `build__indicators` left. **Writes** `mart.release`, `mart.indicator_value` and, in the
same transaction, `mart.current_release`: readers see the old release or the new one. Then the pages, the public
interface and Parquet of that release, as files in the state directory, shown by one rename.

**Normal duration**: seconds, and up to two minutes for the pages the first time.

**Wakes up** on its calendar, Mondays at 07:30 in Zhejiang, or by hand. Never by an event: numbers move when announced.

**At 3 a.m.**
- *write_pages failed*: the numbers are published, in SQL they are there; the pages still show the release before. Read
  the alarm, mend, clear that task, or run `./flyover portal build`.
- *publish_indicators failed*: readers still see the last release; nothing is half published. Read the alarm, mend,
  clear the task.
- *a wrong number was published*: publish again after the mend; the earlier release stays in `mart.release` as evidence.
"""

from __future__ import annotations

from airflow.sdk import Param, get_current_context, task

from dags.wiring import assets
from dags.wiring.stage import calendar, stage_dag
from pipeline.zone import ZONE_NAME

CALENDAR = calendar("30 7 * * 1", ZONE_NAME)


@task(outlets=[assets.MART])
def publish_indicators() -> None:
    """Protect the candidates and move the current release to them."""
    from pipeline.settings import load
    from release.publish import publish_release

    publish_release(load(), note=get_current_context()["params"].get("note"))


@task
def write_pages() -> None:
    """Write the pages of the release and show them; until they are whole, readers have those before."""
    import logging

    from pipeline.settings import load
    from portal.publishing import site
    from stack import site as pages

    say = logging.getLogger(__name__).info
    # numbers do not wait for npm: pages that cannot be built stay as they are and get the new numbers
    site.build(load(), None if pages.missing_because(say) else pages.built(say), say)


with stage_dag(
    "publish__release",
    "publish",
    schedule=CALENDAR,
    description="Candidates into the mart, with disclosure control",
    doc=__doc__,
    params={"note": Param(None, type=["null", "string"], description="What readers should know of this release")},
):
    publish_indicators() >> write_pages()
