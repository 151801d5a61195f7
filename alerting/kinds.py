"""Kinds of alerts and what each says: ``kinds.yaml``, read once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

Severity = Literal["critical", "warning", "info"]
OWNER, ENGINEERS, OFFICERS = "owner", "engineers", "officers"


@dataclass(frozen=True)
class Kind:
    """One kind: texts are templates over what a finding knows."""

    name: str
    severity: Severity
    told: tuple[str, ...]
    title_zh: str
    title_en: str
    cause_zh: str
    cause_en: str
    command: str

    @property
    def runbook(self) -> str:
        """Its page in the repository."""
        return f"docs/runbooks/{self.name}.md"


@dataclass(frozen=True)
class Finding:
    """A condition that holds now. ``key`` tells it from others of its kind, ``facts`` fill the texts.

    Facts are codes, counts, moments and words of ours; never a value of a row.
    """

    kind: str
    key: str
    facts: Mapping[str, Any]
    agency_code: str | None = None
    source: str | None = None
    entity: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def texts(self) -> dict[str, str]:
        """Title, cause and command, in both languages where they have two, and the runbook."""
        kind = known()[self.kind]
        filled = {name: getattr(kind, name).format_map(self.facts) for name in ("cause_zh", "cause_en", "command")}
        return {**filled, "title_zh": kind.title_zh, "title_en": kind.title_en, "runbook": kind.runbook}


@functools.cache
def known() -> Mapping[str, Kind]:
    """Every kind by its name, in the file's order."""
    document = yaml.safe_load((Path(__file__).parent / "kinds.yaml").read_text(encoding="utf-8"))
    return {name: Kind(name=name, **{**words, "told": tuple(words["told"])}) for name, words in document.items()}
