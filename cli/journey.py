"""Follows deliveries on their way through Airflow, from the triggered run to core and to a release."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence

from cli import books
from pipeline import backlog
from pipeline.errors import SystemTrouble
from pipeline.settings import Settings
from stack.airflow_api import Airflow

Say = Callable[[str], None]
UNDER_WAY = ("staged", "published", "landing", "landed", "released")
"""Places from which a batch still moves by itself; held ones wait for a person."""
SHARED_DAGS = (
    "land__vault",
    "build__warehouse",
    "review__verdicts",
    "link__persons",
    "post__credits",
    "publish__release",
    "watch__backlog",
    "watch__quality",
    "watch__held",
    "hold__batch",
    "reconcile__books",
    "lapse__waivers",
    "months__landing",
)
"""DAGs that all sources share."""
FORECASTS = "forecast__places"
"""Unpaused last: it would forecast again after every build on the way."""
LOOK_AGAIN_S = 1.0
PATIENCE_S = 300.0
"""How long nothing at all may move before we say so and stop."""


def wait_for_dags(airflow: Airflow, wanted: Sequence[str], say: Say) -> None:
    """Wait until Airflow has read every wanted DAG.

    :raises SystemTrouble: when a DAG file cannot be read, or when a DAG does not turn up
    """
    watch = _Watch(say)
    while missing := sorted(set(wanted) - airflow.dag_ids()):
        if errors := airflow.import_errors():
            raise SystemTrouble(
                f"Airflow cannot read a DAG file: {errors[0]}. See ./flyover logs airflow-dag-processor"
            )
        watch.note(f"Airflow reads the DAGs, {len(missing)} to go")
        time.sleep(LOOK_AGAIN_S)


def wait_for_runs(airflow: Airflow, runs: Mapping[str, str], say: Say) -> None:
    """Wait until every (DAG, run) has succeeded.

    :raises SystemTrouble: naming the first that failed and where its log is
    """
    open_runs, watch = dict(runs), _Watch(say)
    while open_runs:
        for dag_id, run_id in list(open_runs.items()):
            state = airflow.run_state(dag_id, run_id)
            if state == "failed":
                raise _failed(dag_id, run_id)
            if state == "success":
                del open_runs[dag_id]
        if open_runs:
            more = " and others" if len(open_runs) > 3 else ""
            watch.note(f"{', '.join(sorted(open_runs)[:3])}{more}: running")
            time.sleep(LOOK_AGAIN_S)


def wait_for_core(settings: Settings, airflow: Airflow, since: dt.datetime, say: Say) -> None:
    """Wait until no batch is under way: all are in core, held for a decision or refused."""
    watch = _Watch(say)
    while True:
        places = books.waiting(settings)
        if not any(places.get(place) for place in UNDER_WAY):
            return
        if failed := airflow.failed_since(since):
            raise _failed(*failed[0])
        counts = ", ".join(f"{count} {place}" for place, count in sorted(places.items(), key=_by_way))
        watch.note(f"batches: {counts}")
        time.sleep(LOOK_AGAIN_S)


def wait_for_links(settings: Settings, airflow: Airflow, since: dt.datetime, say: Say) -> None:
    """Wait until everybody has been looked at, and core has taken in what came of it."""
    watch = _Watch(say)
    while (linking := backlog.to_link(settings)) or backlog.to_model(settings):
        if failed := airflow.failed_since(since):
            raise _failed(*failed[0])
        watch.note("finding out who is whom" if linking else "taking links in")
        time.sleep(LOOK_AGAIN_S)


def release(airflow: Airflow, say: Say) -> None:
    """Have the ledger posted and taken in, what comes forecast, and the release published now, not on its calendar."""
    for dag_id in ("post__credits", "build__warehouse"):
        wait_for_runs(airflow, {dag_id: airflow.trigger(dag_id)}, say)
    airflow.unpause(FORECASTS)
    for dag_id in (FORECASTS, "publish__release"):
        wait_for_runs(airflow, {dag_id: airflow.trigger(dag_id)}, say)


class _Watch:
    """Says what is seen when it changes, and notices when nothing moves any more."""

    def __init__(self, say: Say) -> None:
        self._say, self._last = say, ""
        self._since = time.monotonic()

    def note(self, seen: str) -> None:
        if seen != self._last:
            self._say(seen)
            self._last, self._since = seen, time.monotonic()
        elif time.monotonic() - self._since > PATIENCE_S:
            raise SystemTrouble(
                f"nothing has moved for {PATIENCE_S:.0f} s ({seen}). See ./flyover status and ./flyover batches"
            )


def _failed(dag_id: str, run_id: str) -> SystemTrouble:
    return SystemTrouble(f"the run {run_id} of {dag_id} failed. See ./flyover logs airflow-scheduler, or its page")


def _by_way(item: tuple[str, int]) -> int:
    order = (*UNDER_WAY, "modelled", "held", "refused")
    return order.index(item[0]) if item[0] in order else len(order)
