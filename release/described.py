"""What the dbt project says of its tables: the yml beside the models, read as text, so that nobody waits for dbt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_SHARED = re.compile(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
_CALL = re.compile(r"{{\s*doc\(\s*['\"](\w+)['\"]\s*\)\s*}}")


@dataclass(frozen=True)
class Column:
    """One column; its type where the model's contract states one."""

    name: str
    type: str | None
    text: str


@dataclass(frozen=True)
class Table:
    """One table of core: a model, or a seed that came with the project."""

    name: str
    subject: str
    """folder below ``marts``, or ``seeds``"""
    text: str
    columns: tuple[Column, ...]


def core(checkout: Path) -> list[Table]:
    """Every table of core, models in the order of their files, then seeds."""
    project = checkout / "dbt_project"
    shared = {
        name: " ".join(text.split())
        for path in sorted((project / "models").rglob("*.md"))
        for name, text in _SHARED.findall(path.read_text(encoding="utf-8"))
    }
    marts = project / "models" / "marts"
    found = [
        table
        for path in sorted(marts.rglob("*__models.yml"))
        for table in _tables(path, "models", path.relative_to(marts).parts[0], shared)
    ]
    return [*found, *_tables(project / "seeds" / "_seeds.yml", "seeds", "seeds", shared)]


def _tables(path: Path, kind: str, subject: str, shared: Mapping[str, str]) -> Iterator[Table]:
    document: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for each in document.get(kind, ()):
        columns = tuple(
            Column(column["name"], column.get("data_type"), _said(column.get("description", ""), shared))
            for column in each.get("columns", ())
        )
        yield Table(each["name"], subject, _said(each.get("description", ""), shared), columns)


def _said(text: str, shared: Mapping[str, str]) -> str:
    return _CALL.sub(lambda call: shared[call[1]], text).strip()
