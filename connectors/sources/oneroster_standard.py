"""OneRoster CSV as data: which files there are and which columns, in which version and in what form.

The facts stand in ``oneroster_fields.yaml``; here they only get names.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

Kind = Literal["id", "ids", "text", "texts", "enum", "enums", "boolean", "number", "date", "time", "year"]
Version = Literal["1.0", "1.1", "1.2"]

STATUS, MODIFIED, KEY = "status", "dateLastModified", "sourcedId"
EXTENSION = "metadata."
"""Columns of one's own begin with it and stand behind all others."""
_FACTS = Path(__file__).with_name("oneroster_fields.yaml")


@dataclass(frozen=True)
class Column:
    """One column of a file, as the standard has it."""

    name: str
    kind: Kind
    required: bool
    in_delta_only: bool = False
    """filled in every row of a delta file, empty in a bulk file"""
    values: tuple[str, ...] = ()
    is_open: bool = False
    """further words may be used that begin with ``ext:``"""
    since: str = "1.0"
    until: str = "1.2"
    required_1p1: bool = False

    def is_known_in(self, version: Version) -> bool:
        """Whether that version of the standard has it."""
        return self.since <= version <= self.until

    def is_required_in(self, version: Version) -> bool:
        """Whether that version demands a value in every row."""
        return self.is_known_in(version) and (self.required or (self.required_1p1 and version < "1.2"))


@dataclass(frozen=True)
class DataFile:
    """One file of the package; ``name`` is without its ending."""

    name: str
    columns: tuple[Column, ...]
    since: str

    def column(self, name: str) -> Column | None:
        """A column by its name."""
        return next((column for column in self.columns if column.name == name), None)


@functools.cache
def files() -> Mapping[str, DataFile]:
    """All data files of the standard by name, in the order of the manifest."""
    facts = yaml.safe_load(_FACTS.read_text(encoding="utf-8"))
    return {
        name: DataFile(
            name, tuple(_column(column, said) for column, said in file["columns"].items()), _version(file, "since", 1.0)
        )
        for name, file in facts.items()
    }


def _column(name: str, said: dict[str, Any]) -> Column:
    return Column(
        name=name,
        kind=said["type"],
        required=said["required"] is True,
        in_delta_only=said["required"] == "delta",
        values=tuple(said.get("values", ())),
        is_open=said.get("open", False),
        since=_version(said, "since", 1.0),
        until=_version(said, "until", 1.2),
        required_1p1=said.get("required_1p1", False),
    )


def _version(said: dict[str, Any], key: str, otherwise: float) -> str:
    return f"{said.get(key, otherwise):.1f}"
