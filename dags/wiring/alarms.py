"""What a failed task leaves for the person on call: a log line, a line in ``alarms.jsonl`` and an alert.

The alert stands until the same task succeeds or finds nothing to do; while the database is away it waits in a file.

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
from typing import Any, NamedTuple

from pipeline.errors import BadInput, ConfigurationError, FlyoverError, SystemTrouble
from pipeline.settings import load, state_dir

log = logging.getLogger(__name__)


class Advice(NamedTuple):
    """Likely cause in both languages, and the command to try."""

    cause: str
    cause_zh: str
    command: str


_CAUSES = {
    "validate": Advice(
        "a rule cannot be evaluated, or the books of a batch do not balance",
        "规则无法执行，或某一批次账目不平",
        "./flyover batches",
    ),
    "build": Advice(
        "a model or a data test failed on what was released",
        "已放行的数据在建模或检验时出错",
        "./flyover sql --role engineer",
    ),
    "post": Advice(
        "what was to be posted would break a promise of the ledger",
        "待入账的内容会违反学分账簿的约束",
        "./flyover credits post",
    ),
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
    cause_zh: str
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
        _keep(alarm)

    def describe(self, context: Mapping[str, Any]) -> Alarm:
        """What to tell about a failure, from Airflow's context of it."""
        error, task = context.get("exception"), context["ti"]
        source = getattr(error, "source", None) or self.source
        agency = getattr(error, "agency", None) or self.agency
        advice = _advice(error, self.stage, source, agency)
        return Alarm(
            at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            dag_id=task.dag_id,
            task_id=task.task_id,
            run_id=task.run_id,
            source=source,
            agency=agency,
            entity=getattr(error, "entity", None) or getattr(error, "file", None),
            error=_words(error),
            **advice._asdict(),
        )


def quieten(context: Mapping[str, Any]) -> None:
    """End the alert of a task that has succeeded; called by Airflow."""
    from alerting import failures

    try:
        settings = load()
    except FlyoverError:
        return
    failures.succeeded(settings, context["ti"].dag_id, context["ti"].task_id)


def alarms_file() -> Path:
    """Where alarms are kept, one JSON object a line, newest last."""
    return state_dir() / "alarms.jsonl"


def _keep(alarm: Alarm) -> None:
    """Make an alert of it, now or when the database is back."""
    from alerting import failures

    failure = {
        **{name: getattr(alarm, name) for name in ("dag_id", "task_id", "run_id", "source", "entity", "command")},
        "failed_at": alarm.at,
        "agency_code": alarm.agency,
        "error": alarm.error,
        "cause_zh": alarm.cause_zh,
        "cause_en": alarm.cause,
    }
    try:
        settings = load()
    except FlyoverError:
        failures.set_aside(state_dir(), failure)
    else:
        failures.note(settings, failure)


def _words(error: object) -> str:
    if isinstance(error, FlyoverError):
        return str(error)
    if isinstance(error, BaseException):
        return f"unexpected {type(error).__module__}.{type(error).__qualname__}"
    return "the task's process ended without a word"


def _advice(error: object, stage: str, source: str | None, agency: str | None) -> Advice:
    if isinstance(error, BadInput):
        return Advice(
            "the agency sent something that cannot be used as it is",
            "机构报送的内容无法使用",
            f"./flyover ingest {source or 'SOURCE'} --agency {agency or 'AGENCY'} --path CORRECTED_FILE",
        )
    if isinstance(error, SystemTrouble):
        return Advice("a server of ours is down or full", "本系统的服务器停止或已满", "./flyover status")
    if isinstance(error, ConfigurationError):
        return Advice(
            "a contract, an agency's yml, a rule or a setting is wrong",
            "数据约定、机构配置、规则或设置有误",
            "./flyover doctor",
        )
    if not isinstance(error, BaseException):
        return Advice(
            "it was killed: out of memory, or the machine went down",
            "进程被终止：内存不足或机器停机",
            "./flyover doctor",
        )
    if isinstance(error, FlyoverError) and stage in _CAUSES:
        return _CAUSES[stage]
    return Advice(
        "a fault of ours, or a database that refuses", "程序缺陷，或数据库拒绝执行", "./flyover logs airflow-scheduler"
    )
