"""Finds out who is whom where a valid id does not say it.

**Reads** `intermediate.int_persons__stated`, `intermediate.int_persons__resolved`, and names out of the vault, opened
in memory by the one role that may. **Writes** `persons.*`: links, questions for people, its own run; never a name.

**Normal duration**: 5 s, a minute for a million records.

**Wakes up** when core has taken something in, and when `watch__backlog` finds that core or the vault did and no one
looked. Skipped where there is no news, and where nothing came of it; when links moved, `build__warehouse` runs again.

**At 3 a.m.**
- *it fails*: nothing is torn. Core keeps the links it had, and records with a valid id need none; those without count
  as unlinked until it runs. Clear the task.
- *it waits*: somebody decides in `./flyover persons`, or another look is under way; they take turns.
- *links look wrong*: `./flyover persons history RECORD` says what was linked when and by which model. A decision of a
  person (`./flyover persons same|different|merge|unmerge`) wins over the model and stays.
"""

from __future__ import annotations

from airflow.sdk import AssetAny, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.stage import stage_dag


@task(outlets=[assets.LINKED])
def find_persons() -> None:
    """Look at everybody, if there is news."""
    from pipeline import backlog
    from pipeline.settings import load

    settings = load()
    if not backlog.to_link(settings):
        raise AirflowSkipException("nothing is new since the last look")

    from linkage.run import link_persons

    if not link_persons(settings).moved_anything:
        raise AirflowSkipException("everybody is who they were")


with stage_dag(
    "link__persons",
    "link",
    schedule=AssetAny(assets.CORE, assets.LINKS_BEHIND),
    description="Who is whom, where a valid id does not say it",
    doc=__doc__,
    beside=True,
):
    find_persons()
