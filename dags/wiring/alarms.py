"""What a failed task leaves for the person on call: one log line and one line in ``alarms.jsonl``.

It names agency, source, entity, the likely cause and the command to try. Texts of errors that are not ours may hold
values of a row, so of those only the kind is told.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import BadInput, ConfigurationError, FlyoverError, SystemTrouble
from pipeline.settings import state_dir

log = logging.getLogger(__name__)
_CAUSES = {
    "validate": ("a rule cannot be evaluated, or the books of a batch do not balance", "./flyover batches"),
    "build": ("a model or a data test failed on what was released", "./flyover sql --role engineer"),
}
"""For what is neither bad input nor a server's trouble, by stage."""


@dataclass(frozen=True)
class Alarm:
    """One failed task, in words."""

    at: str
    dag_id: str
    task_id: str
    run_id: str
    source: str | None
    agency: str | None
    entity: str | None
    error: str
    cause: str
    command: str


@dataclass(frozen=True)
class Sound:
    """Failure callback of the tasks of one DAG."""

    stage: str
    source: str | None = None
    agency: str | None = None

    def __call__(self, context: Mapping[str, Any]) -> None:
        """Write the alarm; called by Airflow when a task has failed for good."""
        alarm = self.describe(context)
        log.error(
            "%s.%s failed (agency %s, source %s, entity %s): %s Likely cause: %s. Try: %s",
            alarm.dag_id,
            alarm.task_id,
            alarm.agency or "-",
            alarm.source or "-",
            alarm.entity or "-",
            alarm.error,
            alarm.cause,
            alarm.command,
        )
        with alarms_file().open("a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(alarm), ensure_ascii=False) + "\n")

    def describe(self, context: Mapping[str, Any]) -> Alarm:
        """What to tell about a failure, from Airflow's context of it."""
        error, task = context.get("exception"), context["ti"]
        source = getattr(error, "source", None) or self.source
        agency = getattr(error, "agency", None) or self.agency
        cause, command = _advice(error, self.stage, source, agency)
        return Alarm(
            at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            dag_id=task.dag_id,
            task_id=task.task_id,
            run_id=task.run_id,
            source=source,
            agency=agency,
            entity=getattr(error, "entity", None) or getattr(error, "file", None),
            error=_words(error),
            cause=cause,
            command=command,
        )


def alarms_file() -> Path:
    """Where alarms are kept, one JSON object a line, newest last."""
    return state_dir() / "alarms.jsonl"


def _words(error: object) -> str:
    if isinstance(error, FlyoverError):
        return str(error)
    if isinstance(error, BaseException):
        return f"unexpected {type(error).__module__}.{type(error).__qualname__}"
    return "the task's process ended without a word"


def _advice(error: object, stage: str, source: str | None, agency: str | None) -> tuple[str, str]:
    """(likely cause, command to try)."""
    if isinstance(error, BadInput):
        send_again = f"./flyover ingest {source or 'SOURCE'} --agency {agency or 'AGENCY'} --path CORRECTED_FILE"
        return "the agency sent something that cannot be used as it is", send_again
    if isinstance(error, SystemTrouble):
        return "a server of ours is down or full", "./flyover status"
    if isinstance(error, ConfigurationError):
        return "a contract, an agency's yml, a rule or a setting is wrong", "./flyover doctor"
    if not isinstance(error, BaseException):
        return "it was killed: out of memory, or the machine went down", "./flyover doctor"
    if isinstance(error, FlyoverError) and stage in _CAUSES:
        return _CAUSES[stage]
    return "a fault of ours, or a database that refuses", "./flyover logs airflow-scheduler"
