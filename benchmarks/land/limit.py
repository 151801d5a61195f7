"""The database's own limit: binary COPY of the same typed rows, encoded beforehand, into the same table.

One COPY in one transaction; nothing is read, nothing decoded, nobody's books are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.land import events
from benchmarks.peers import lane
from pipeline.contract_struct import landing_columns
from pipeline.db import SQL, Composed, Identifier, connect
from pipeline.settings import Settings, load

ROLE = "flyover_owner"
_CHUNK = 1 << 17


def prepare(job: lane.Job) -> lane.Work:
    """Take the rows into memory as a server that has them gives them."""
    settings, landed = load(job["env"]), load(job["landed"])
    encoded = bytearray()
    with connect(landed, ROLE) as connection, connection.cursor().copy(_give(landed, job["rows"])) as copy:
        for chunk in copy:
            encoded += chunk

    def work() -> Mapping[str, Any]:
        view = memoryview(encoded)
        with connect(settings, ROLE) as connection, connection.cursor().copy(_take(settings)) as copy:
            for start in range(0, len(view), _CHUNK):
                copy.write(view[start : start + _CHUNK])
        return {}

    return work


def _give(settings: Settings, rows: int) -> Composed:
    return SQL("copy (select {} from landing.{} limit {}) to stdout (format binary)").format(
        _columns(settings), Identifier(events.TABLE), rows
    )


def _take(settings: Settings) -> Composed:
    return SQL("copy landing.{} ({}) from stdin (format binary)").format(Identifier(events.TABLE), _columns(settings))


def _columns(settings: Settings) -> Composed:
    return SQL(", ").join(Identifier(name) for name, _ in landing_columns(events.contract(settings)))


if __name__ == "__main__":
    lane.run(prepare)
