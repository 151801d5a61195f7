"""The one door through which anything is read for an agency: a connection that sees this agency and no other.

The role may read the views of schema ``portal`` alone, and they show the agency that the connection names, so no
question asked over it can answer about another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.db import Connection, connect
from pipeline.settings import Settings

ROLE = "flyover_portal"


@contextmanager
def opened(settings: Settings, agency_code: str) -> Iterator[Connection[Any]]:
    """A read-only snapshot of what concerns one agency."""
    with connect(settings, ROLE) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        look_as(connection, agency_code)
        yield connection


def look_as(connection: Connection[Any], agency_code: str) -> None:
    """Show this agency in the views of schema ``portal``, to the end of the transaction."""
    connection.execute("select set_config('flyover.agency', %s, true)", (agency_code,))
