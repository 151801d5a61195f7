"""The one door to PostgreSQL: connections by role, patience when the server is away, names for what others need.

Everything here and in callers passes values as parameters; identifiers come from :mod:`pipeline.names`.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import Connection, Cursor, DatabaseError, DataError, OperationalError
from psycopg.adapt import PyFormat
from psycopg.errors import InsufficientPrivilege, QueryCanceled, UndefinedTable, UniqueViolation
from psycopg.rows import dict_row, tuple_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from pipeline.errors import SystemTrouble
from pipeline.settings import Settings

__all__ = [
    "SQL",
    "Composable",
    "Composed",
    "Connection",
    "Cursor",
    "DataError",
    "DatabaseError",
    "Identifier",
    "InsufficientPrivilege",
    "Literal",
    "OperationalError",
    "QueryCanceled",
    "UndefinedTable",
    "UniqueViolation",
    "connect",
    "conninfo",
    "dict_row",
    "patiently",
    "quicken_bytes",
    "sqlalchemy_url",
    "stage_run",
    "tuple_row",
]

log = logging.getLogger(__name__)
Result = TypeVar("Result")
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 15.0


def conninfo(settings: Settings, role: str) -> str:
    """Libpq connection string of a role; holds its password, so never print it."""
    return psycopg.conninfo.make_conninfo(
        host=settings.pg_host,
        port=settings.pg_port,
        dbname=settings.pg_database,
        user=role,
        password=settings.secrets.pg_passwords[role],
        application_name=f"flyover {role}",
        connect_timeout=10,
    )


def quicken_bytes(cursor: Cursor[Any]) -> None:
    """Let a cursor's binary COPY take bytes by the driver's dumper in C; for bytea it would choose one in Python."""
    cursor.adapters.register_dumper(bytes, psycopg.adapters.get_dumper(bytes, PyFormat.BINARY))


def sqlalchemy_url(settings: Settings, role: str, driver: str = "postgresql+psycopg2") -> str:
    """SQLAlchemy URL of a role, for libraries that want one; holds its password, so never print it."""
    from urllib.parse import quote

    password = quote(settings.secrets.pg_passwords[role], safe="")
    return f"{driver}://{role}:{password}@{settings.pg_host}:{settings.pg_port}/{settings.pg_database}"


@contextmanager
def connect(settings: Settings, role: str, *, autocommit: bool = False) -> Iterator[Connection[tuple[Any, ...]]]:
    """One connection as ``role``; commits at the end, rolls back on error, always closes.

    :raises SystemTrouble: when the server cannot be reached (retriable)
    """
    try:
        connection = psycopg.connect(conninfo(settings, role), autocommit=autocommit)
    except OperationalError as error:
        raise SystemTrouble(
            f"PostgreSQL at {settings.pg_host}:{settings.pg_port} does not answer as {role}: "
            f"{str(error).strip().splitlines()[0]}. See ./flyover status"
        ) from None
    with connection:
        yield connection


def patiently(
    work: Callable[[], Result],
    *,
    patience_s: float = 600.0,
    say: Callable[[str], None] = log.warning,
) -> Result:
    """Run ``work``; when a server of ours is away, say so, wait with back-off and run it again from its start.

    ``work`` must be safe to repeat (one transaction). Errors about data pass through at once.

    :raises SystemTrouble: when the server is still away after ``patience_s`` seconds
    """
    wait, deadline = FIRST_WAIT_S, time.monotonic() + patience_s
    while True:
        try:
            return work()
        except (SystemTrouble, OperationalError) as error:
            if isinstance(error, QueryCanceled) or time.monotonic() + wait > deadline:
                raise
            say(f"{_first_line(error)} - waiting {wait:.1f} s, nothing is lost")
        time.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_S)


@contextmanager
def stage_run(
    settings: Settings, role: str, stage: str, source: str, agency_code: str | None = None
) -> Iterator[dict[str, int]]:
    """Record in ``quality.stage_run`` how long a stage took; put ``rows`` into the yielded dict.

    A run that moved no rows leaves no record.
    """
    started, outcome = dt.datetime.now(dt.UTC), {"rows": 0}
    yield outcome
    if not outcome["rows"]:
        return
    row = (stage, source, agency_code, started, dt.datetime.now(dt.UTC), outcome["rows"])

    def write() -> None:
        with connect(settings, role) as connection:
            connection.execute(
                "insert into quality.stage_run (stage, source, agency_code, started_at, finished_at, rows) "
                "values (%s, %s, %s, %s, %s, %s)",
                row,
            )

    patiently(write)  # the stage has done its work: it must not fail for its diary


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
