"""Questions a policymaker may ask in SQL (portal/questions), with the answers that the release gives.

A file's head says the question in both languages; the rest is one statement, run as the policymaker. They are written
for simulated numbers and are asked of the real ones where those have counties.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.db import Connection
from pipeline.errors import ConfigurationError
from portal.publishing.files import short
from portal.publishing.reading import Mart

FOLDER = Path(__file__).resolve().parent.parent / "questions"
MOST_ROWS = 200
_SIMULATED, _REAL = "realm = 'simulated'", "realm = 'real'"


@dataclass(frozen=True)
class Question:
    """One of them; ``id`` is its file's name."""

    id: str
    zh: str
    en: str
    sql: str


def load() -> list[Question]:
    """All questions, in the order of their files.

    :raises ConfigurationError: when a file's head lacks one of the languages
    """
    return [_read(path) for path in sorted(FOLDER.glob("*.sql"))]


def answered(connection: Connection, mart: Mart) -> list[dict[str, Any]]:
    """The document of the type QuestionsFile."""
    is_real = any(n.realm == "real" and n.level == "county" and n.status == "published" for n in mart.numbers)
    found = []
    for question in load():
        sql = question.sql.replace(_SIMULATED, _REAL) if is_real else question.sql
        cursor = connection.execute(sql.encode())
        found.append({
            "id": question.id,
            "question": {"zh": question.zh, "en": question.en},
            "sql": sql,
            "columns": [column.name for column in cursor.description or ()],
            "rows": [_plain(row) for row in cursor.fetchmany(MOST_ROWS)],
        })  # fmt: skip
    return found


def _read(path: Path) -> Question:
    lines = path.read_text(encoding="utf-8").splitlines()
    head = {line[3:5]: line[7:].strip() for line in lines if line.startswith(("-- zh: ", "-- en: "))}
    if set(head) != {"zh", "en"}:
        raise ConfigurationError(f"{path}: its head must say the question as '-- zh: …' and '-- en: …'")
    body = "\n".join(line for line in lines if not line.startswith(("-- zh: ", "-- en: "))).strip()
    return Question(path.stem, head["zh"], head["en"], body)


def _plain(row: Sequence[Any]) -> list[Any]:
    return [_cell(value) for value in row]


def _cell(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return short(float(value))
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
