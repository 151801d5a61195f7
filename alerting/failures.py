"""Failed tasks, as their DAGs tell of them: a note in the database, or in a file while the database is away.

A note stands until the same task succeeds. What waits in the file is brought in by the next watch.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.db import Connection, DatabaseError, connect
from pipeline.errors import FlyoverError
from pipeline.settings import Settings

log = logging.getLogger(__name__)
ROLE = "flyover_watch"
FIELDS = (
    "dag_id", "task_id", "run_id", "failed_at", "agency_code", "source", "entity", "error", "cause_zh", "cause_en",
    "command",
)  # fmt: skip
Note = Mapping[str, str | None]


def waiting_file(state_dir: Path) -> Path:
    """Notes that the database has not got yet, one JSON object a line."""
    return state_dir / "alarms.waiting.jsonl"


def note(settings: Settings, failure: Note) -> bool:
    """Keep a failure; whether the database took it (else it waits in the file). Never raises for a server's trouble."""
    try:
        with connect(settings, ROLE) as connection:
            _write(connection, failure)
    except (FlyoverError, DatabaseError):
        set_aside(settings.state_dir, failure)
        return False
    return True


def set_aside(state_dir: Path, failure: Note) -> None:
    """Keep a failure in the file."""
    with waiting_file(state_dir).open("a", encoding="utf-8") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        out.write(json.dumps(failure, ensure_ascii=False) + "\n")


def succeeded(settings: Settings, dag_id: str, task_id: str) -> None:
    """Forget a task's failure. Never raises for a server's trouble: its next success will do it."""
    with contextlib.suppress(FlyoverError, DatabaseError), connect(settings, ROLE) as connection:
        connection.execute("delete from quality.failed_task where dag_id = %s and task_id = %s", (dag_id, task_id))


def bring_in(settings: Settings) -> int:
    """Move what waits in the file into the database; how many notes. A kill in between repeats it, to no harm."""
    path = waiting_file(settings.state_dir)
    if not path.exists():
        return 0
    with path.open("r+", encoding="utf-8") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        failures = [_read(line) for line in waiting.read().splitlines() if line.strip()]
        with connect(settings, ROLE) as connection:
            for failure in failures:
                if failure is not None:
                    _write(connection, failure)
        waiting.seek(0)
        waiting.truncate()
    return len(failures)


def _read(line: str) -> dict[str, Any] | None:
    """A line's note; None for one that a crash cut off."""
    try:
        document = json.loads(line)
        return {name: document.get(name) for name in FIELDS}
    except (ValueError, AttributeError):
        log.warning("a line of the waiting alarms cannot be read; alarms.jsonl has it, too")
        return None


def _write(connection: Connection, failure: Note) -> None:
    connection.execute(_INSERT, {name: failure.get(name) for name in FIELDS})


_INSERT = """
insert into quality.failed_task as known (
    dag_id, task_id, run_id, failed_at, agency_code, source, entity, error, cause_zh, cause_en, command
) values (
    %(dag_id)s, %(task_id)s, %(run_id)s, %(failed_at)s, %(agency_code)s, %(source)s, %(entity)s, %(error)s,
    %(cause_zh)s, %(cause_en)s, %(command)s
)
on conflict (dag_id, task_id) do update set
    run_id = excluded.run_id, failed_at = excluded.failed_at, agency_code = excluded.agency_code,
    source = excluded.source, entity = excluded.entity, error = excluded.error, cause_zh = excluded.cause_zh,
    cause_en = excluded.cause_en, command = excluded.command
where excluded.failed_at >= known.failed_at
"""
