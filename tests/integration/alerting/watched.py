"""Things that go wrong, for tests of what becomes of them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from alerting import config, failures, state
from alerting.state import Alert
from expectations.decisions import batches
from expectations.decisions.people import Actor
from expectations.judging import judge
from pipeline.db import connect
from pipeline.settings import Settings
from tests.landed import Landing
from tests.mailserver import MailServer

NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)
LATER = dt.timedelta(minutes=10)
SCHOOL = "sch-lishui"
CANARY = "339901188001010018"


def org(number: int, **other: Any) -> dict[str, Any]:
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school", "division_code": "330106", **other}


def execute(settings: Settings, statement: str, *parameters: Any) -> None:
    with connect(settings, "flyover_owner") as connection:
        connection.execute(statement, parameters)  # type: ignore[arg-type]


def open_alerts(settings: Settings, kind: str) -> dict[str, Alert]:
    return {alert.key: alert for alert in state.listed(settings) if alert.kind == kind}


def tell(settings: Settings, server: MailServer, **more: Any) -> None:
    """Let engineers, officers and the schools' owner be told by mail."""
    document = {
        "mail": {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "flyover@example.org"},
        "recipients": {
            "engineers": {"mail": ["engineer@example.org"]},
            "officers": {"mail": ["officer@example.org"], "language": "zh"},
            "education-bureau-liaison": {"mail": ["liaison@example.org"], "language": "en"},
        },
        **more,
    }
    (settings.state_dir / config.FILE).write_text(json.dumps(document))


def fail(settings: Settings, task: str = "build_core", error: str = "model x failed") -> None:
    failures.note(
        settings,
        {
            "dag_id": "build__warehouse", "task_id": task, "run_id": "r", "failed_at": NOW.isoformat(), "error": error,
            "cause_zh": "原因", "cause_en": "a cause", "command": "./flyover status",
        },
    )  # fmt: skip


def letters_to(server: MailServer, address: str) -> list[Any]:
    return [letter for letter, to in zip(server.letters, server.recipients, strict=True) if to == [address]]


def hold(settings: Settings, school: Landing) -> uuid.UUID:
    """A batch that a table rule holds, as the judge leaves it."""
    batch = school.deliver({"orgs": [org(1)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    execute(
        settings,
        "update quality.batch set status = 'held', held = released, released = 0 where batch_id = %s",
        batch,
    )
    execute(
        settings,
        "insert into quality.rule_result (batch_id, rule_id, severity, dimension, scope, passed, evaluated, failed) "
        "values (%s, 'oneroster__orgs.volume', 'critical', 'completeness', 'table', false, 1, 1)",
        batch,
    )
    return batch


def decide(settings: Settings, batch: uuid.UUID) -> None:
    batches.refuse(settings, batch, reason="wrong file", actor=Actor("officer"))
