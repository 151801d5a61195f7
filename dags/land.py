"""Drains a source's topics into landing, exactly once; `land__vault` drains the sealed identities into the vault.

**Reads** the topics of the source from the offset kept in `landing.drain` (`vault.drain`). **Writes**
`landing.<table>`, `quarantine.entry` (stages parse and decode), `quarantine.undecodable`, `quality.batch`; the vault's
run writes `vault.identity`.

**Normal duration**: 2 s, and about 2 s for every 100,000 events.

**Wakes up** within seconds of the topics growing. `watch__backlog` closes the gap when a wake-up was lost. Nothing
landed that could be judged: the run is skipped and wakes no one.

**At 3 a.m.**
- *it waits or fails with "does not answer"*: a server is down. `./flyover status`, `./flyover logs kafka`. Nothing is
  lost and nothing is landed twice: the next run goes on from the kept offset.
- *"the broker lost messages"*: the broker came back without its data. `./flyover batches resend`.
- *batches stay in status landing*: rows are missing from the topic. `./flyover batches --status landing` names them;
  `./flyover batches resend` sends them again.
"""

from __future__ import annotations

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException

from dags.wiring import assets
from dags.wiring.registry import known
from dags.wiring.stage import stage_dag
from dags.wiring.watcher import VAULT
from pipeline import names


@task
def drain_topics(source: str) -> None:
    """Land until the topics hold nothing more, then say whether there is something to judge."""
    from connectors.sink import drain, topics_of
    from pipeline import backlog
    from pipeline.errors import StaleDrain
    from pipeline.settings import load

    settings = load()
    topics = topics_of(settings, source)
    try:
        while backlog.to_land(settings, topics) and drain(settings, topics, label=source).rows:
            pass  # look again: more may have come
    except StaleDrain as error:
        raise AirflowSkipException(f"{error}; what it lands is announced within minutes") from error
    if not backlog.to_judge(settings, source):
        raise AirflowSkipException(f"no whole delivery of {source} waits to be judged")


@task
def drain_identities() -> None:
    """Take sealed identities into the vault until its topic holds nothing more."""
    from connectors.vault import drain_vault
    from pipeline import backlog
    from pipeline.errors import StaleDrain
    from pipeline.settings import load

    settings, taken = load(), 0
    try:
        while backlog.to_land(settings, [names.VAULT_TOPIC], "vault") and (rows := drain_vault(settings).rows):
            taken += rows
    except StaleDrain as error:
        raise AirflowSkipException(str(error)) from error
    if not taken:
        raise AirflowSkipException("no new identities")


for _source in known().sources:
    with stage_dag(
        names.land_dag(_source),
        "land",
        schedule=[assets.topic(_source)],
        description=f"Topics of {_source} into landing",
        doc=__doc__,
        sectors=known().sectors(_source),
        source=_source,
    ):
        drain_topics.override(outlets=[assets.landed(_source)])(_source)

with stage_dag(
    names.land_dag(VAULT),
    "land",
    schedule=[assets.topic(VAULT)],
    description="Sealed identities into the vault",
    doc=__doc__,
    source=VAULT,
):
    drain_identities()
