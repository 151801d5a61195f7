"""Looks into core several times a second, and notes when a file's last record is first to be seen there.

``quality.batch.modelled_at`` is set by the build itself, after its tests; what a reader of core sees is not taken on
its word.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping

from benchmarks.fresh.stream import AGENCY, ENTITY, SOURCE, Dropped
from pipeline.db import connect
from pipeline.settings import Settings

LOOK_EVERY_S = 0.25
"""A moment of first sight is late by at most this and the time of one look."""
_LOOK = """
select record_id from core.fct_learning_activity
where agency_code = %s and source_entity = %s and record_id = any(%s)
"""


class Sight(threading.Thread):
    """Watches for the last record of each file it is told of."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="sight", daemon=True)
        self._settings = settings
        self._lock, self._over = threading.Lock(), threading.Event()
        self._awaited: dict[str, str] = {}
        self._seen: dict[str, dt.datetime] = {}

    def await_file(self, dropped: Dropped) -> None:
        """Begin to look for a file's last record."""
        with self._lock:
            self._awaited[dropped.last_record] = dropped.name

    def seen(self) -> Mapping[str, dt.datetime]:
        """Files whose records are in core, and since when."""
        with self._lock:
            return dict(self._seen)

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()

    def run(self) -> None:
        """Look until told to stop; core must have been built once."""
        while not self._over.is_set():
            with connect(self._settings, "engineer", autocommit=True) as connection:
                while not self._over.wait(LOOK_EVERY_S):
                    with self._lock:
                        awaited = list(self._awaited)
                    if not awaited:
                        continue
                    found = connection.execute(_LOOK, (AGENCY, f"{SOURCE}__{ENTITY}", awaited)).fetchall()
                    now = dt.datetime.now(dt.UTC)
                    with self._lock:
                        self._seen |= {self._awaited.pop(record): now for (record,) in found}
