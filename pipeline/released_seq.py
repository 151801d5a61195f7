"""The number by which whatever reaches released rows, links or the ledger tells a build that it is news."""

from __future__ import annotations

from pipeline import locks
from pipeline.db import Connection


def next_released_seq(connection: Connection) -> int:
    """A number greater than all committed ones; take it last, for the lock is held to the end of the transaction."""
    connection.execute("select pg_advisory_xact_lock(%s)", (locks.RELEASED_SEQ,))
    row = connection.execute("select nextval('quality.released_seq')").fetchone()
    assert row is not None  # noqa: S101 - a sequence always answers
    return int(row[0])
