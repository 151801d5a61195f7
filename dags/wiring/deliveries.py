"""Wakes an agency's DAG when something new lies in its drop folder.

An entry is told of once it has not changed between two looks, so a file that is still being written wakes no one, and
again when it changes. What was told is kept in memory: a triggerer that starts anew tells what it finds, and the run it
causes finds that all of it was staged.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from pipeline.settings import load

LOOK_S = 1.0
Mark = tuple[int, int, int]
"""Files, bytes, time of the latest change in nanoseconds."""


class DeliveryWatcher(BaseEventTrigger):
    """Fires when deliveries of ``agency_code`` have arrived; the payload says how many, never their names."""

    def __init__(self, agency_code: str) -> None:
        super().__init__()
        self.agency_code = agency_code

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments, from which the triggerer makes it again."""
        return f"{__name__}.{type(self).__name__}", {"agency_code": self.agency_code}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look every second, for ever."""
        folder = load().drop_dir / self.agency_code
        seen: Mapping[str, Mark] = {}
        told: dict[str, Mark] = {}
        while True:
            found = await asyncio.to_thread(lambda: dict(entries(folder)))
            whole = {name: mark for name, mark in found.items() if seen.get(name) == mark}
            if fresh := {name: mark for name, mark in whole.items() if told.get(name) != mark}:
                yield TriggerEvent({"agency": self.agency_code, "deliveries": len(fresh)})
            told = {name: mark for name, mark in {**told, **fresh}.items() if name in found}
            seen = found
            await asyncio.sleep(LOOK_S)


def entries(folder: Path) -> Iterator[tuple[str, Mark]]:
    """What lies in a drop folder, but for hidden entries, links and what still ends in ``.part``."""
    try:
        listed = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in listed:
        if entry.name.startswith(".") or entry.name.endswith(".part") or entry.is_symlink():
            continue
        try:
            yield entry.name, _mark(Path(entry.path))
        except FileNotFoundError:
            continue  # taken away while we looked


def _mark(path: Path) -> Mark:
    files = [path] if path.is_file() else [inner for inner in path.rglob("*") if inner.is_file()]
    facts = [file.stat() for file in files]
    return len(facts), sum(fact.st_size for fact in facts), max((fact.st_mtime_ns for fact in facts), default=0)
