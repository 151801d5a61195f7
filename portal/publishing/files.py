"""Writes documents so that equal content gives equal bytes: sorted keys, no times of writing, text also as .gz."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

_COMPRESSED = {".json", ".csv", ".html", ".js", ".css", ".svg", ".txt", ".sql", ".map"}
_LEAST_BYTES = 1024
"""Smaller files cost a header more than they save."""
_EXACT_BELOW = 1e5


class Folder:
    """A folder being written; knows what it holds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sizes: dict[str, int] = {}
        """bytes by path below the root"""

    def put_json(self, path: str, document: Any) -> None:
        """One JSON document."""
        text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
        self.put(path, text.encode() + b"\n")

    def put(self, path: str, content: bytes) -> None:
        """One file, whole."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.sizes[path] = len(content)


def compress(root: Path) -> None:
    """Put a .gz beside every text file that is worth it; the same bytes each time."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in _COMPRESSED and path.stat().st_size >= _LEAST_BYTES:
            packed = gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)
            path.with_name(path.name + ".gz").write_bytes(packed)


def short(value: float | None) -> float | int | None:
    """A number as a page needs it: six digits that mean something, whole numbers whole."""
    if value is None:
        return None
    if float(value).is_integer():
        return int(value)
    return float(f"{value:.6g}") if abs(value) < _EXACT_BELOW else round(float(value), 1)


def _plain(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return str(value)
    raise TypeError(f"a document holds a {type(value).__name__}")
