"""The corpus of bad input: what each file is, what must become of it, and what the readers make of it.

``tests/corpus/<group>/verdicts.yaml`` names every file of its group with its golden verdict. A file that is too large
or too dangerous to keep has a ``recipe``: a function of :mod:`tests.corpus.recipes` that writes it.
"""

from __future__ import annotations

import datetime as dt
import functools
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from connectors import sources
from connectors.edge import Edge, Edged
from connectors.sources import json_lines
from connectors.sources.base import Rejected, Row
from connectors.sources.json_lines import Document
from connectors.sources.package import Sender, open_package
from pipeline import contracts
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT, parse_secrets
from tests.corpus import archives, offices, recipes
from tests.deliveries import make_agency

CORPUS = Path(__file__).resolve().parent / "corpus"
TODAY = dt.date(2026, 11, 22)
_NAMES = {
    "oulad": "studentInfo.csv",
    "census": "population.csv",
    "senior": "senior_enrolment.csv",
    "json": "statements.jsonl",
}
_READER_GROUPS = ("encodings", "structure", "hostile", "json", "spreadsheets", "offices")


@dataclass(frozen=True, eq=False)
class Case:
    """One file of the corpus."""

    group: str
    name: str
    golden: Mapping[str, Any]

    @property
    def source(self) -> str:
        """Source whose reader gets it."""
        return str(self.golden.get("source", {"json": "json", "spreadsheets": "senior"}.get(self.group, "oulad")))

    def written(self, folder: Path) -> Path:
        """The file as an agency hands it in."""
        if recipe := self.golden.get("recipe"):
            module = next(module for module in (recipes, archives, offices) if hasattr(module, recipe))
            written: Path = getattr(module, recipe)(folder)
            return written
        kept = CORPUS / self.group / self.name
        if kept.is_dir():
            return Path(shutil.copytree(kept, folder / kept.name))
        name = self.name if self.golden.get("as_is") else self.golden.get("as", _NAMES[self.source])
        return Path(shutil.copyfile(kept, folder / name))


@dataclass
class Found:
    """What the readers made of a file."""

    refused: str | None = None
    sentence: str = ""
    rows: dict[int, Row] = field(default_factory=dict)
    rejected: dict[int, Rejected] = field(default_factory=dict)
    edged: dict[int, Edged] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    repairs: set[str] = field(default_factory=set)
    read: int = 0

    @property
    def verdict(self) -> str:
        """The worst that happened."""
        if self.refused:
            return "refuse"
        return "quarantine" if self.rejected else "repair" if self.repairs else "accept"


@functools.cache
def cases() -> tuple[Case, ...]:
    """All files of the corpus."""
    found = []
    for path in sorted(CORPUS.glob("*/verdicts.yaml")):
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.extend(Case(path.parent.name, name, golden) for name, golden in entries.items())
    return tuple(found)


def reader_cases() -> list[Case]:
    """Those that need no server."""
    return [case for case in cases() if case.group in _READER_GROUPS]


def read(case: Case, folder: Path, *, tolerance: str = "lenient") -> Found:
    """Give a file to the real readers and over the edge."""
    origin = case.written(folder)
    try:
        if case.source == "json":
            return _documents(origin, strict=tolerance == "strict")
        return _tables(case.source, origin, tolerance)
    except BadInput as error:
        return Found(refused=error.code, sentence=str(error))


def _tables(source: str, origin: Path, tolerance: str) -> Found:
    found, agency = Found(), make_agency(source, tolerance=tolerance)
    by_entity = {c.entity: c for c in contracts.of_source(CHECKOUT / "contracts", source)}
    with sources.load(source).open(origin, agency) as tables:
        for table in tables:
            found.repairs.update(repair.code for repair in table.repairs)
            edge = Edge(by_entity[table.entity], agency, _secrets(), TODAY, bytes(32))
            found.tables[table.entity] = 0
            for row in table.rows():
                found.read += 1
                found.tables[table.entity] += 1
                if isinstance(row, Rejected):
                    found.rejected[row.line] = row
                    found.edged[row.line] = edge.rejected(row)
                else:
                    found.rows[row.line] = row
                    found.repairs.update(repair.code for repair in row.repairs)
                    found.edged[row.line] = edge.row(row)
    return found


def _documents(origin: Path, *, strict: bool) -> Found:
    found = Found()
    with open_package(origin, Sender("ou-test", "xapi", strict=strict)) as package:
        for member in package.members.values():
            found.repairs.update(repair.code for repair in json_lines.repairs_of(member))
            for document in json_lines.documents(member):
                found.read += 1
                if isinstance(document, Document):
                    found.rows[document.line] = Row(document.line, document.value)
                else:
                    found.rejected[document.line] = document
    return found


@functools.cache
def _secrets() -> Any:
    return parse_secrets(
        {
            "pg_passwords": {},
            "hmac_keys": {"1": "11" * 32},
            "hmac_active": "1",
            "vault_master_key": "22" * 32,
            "intake_key": "33" * 32,
            "quarantine_key": "44" * 32,
        }
    )
