"""How far an agency's live system has been asked: moved in the transaction that stages what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.delivery import Arrival
from pipeline.db import Connection
from pipeline.errors import StalePull


@dataclass(frozen=True)
class Moved:
    """From where to where one slice was read; both are texts that only the transport understands."""

    before: str | None
    after: str


def read(connection: Connection[Any], agency_code: str, source: str) -> str | None:
    """Where the next slice begins; None when the system was never asked."""
    found = connection.execute(
        "select cursor from connect.cursor where agency_code = %s and source = %s", (agency_code, source)
    ).fetchone()
    return found[0] if found else None


def move(connection: Connection[Any], arrival: Arrival, moved: Moved) -> None:
    """Move the cursor, if it still stands where the slice began.

    :raises StalePull: when it does not
    """
    found = connection.execute(
        "insert into connect.cursor as known (agency_code, source, cursor, delivery_id) "
        "select %(agency)s, %(source)s, %(after)s, %(delivery)s "
        "where %(before)s::text is null "
        "or exists (select from connect.cursor where agency_code = %(agency)s and source = %(source)s) "
        "on conflict (agency_code, source) do update set "
        "cursor = excluded.cursor, delivery_id = excluded.delivery_id, moved_at = now() "
        "where known.cursor = %(before)s",
        {
            "agency": arrival.agency_code,
            "source": arrival.source,
            "before": moved.before,
            "after": moved.after,
            "delivery": arrival.delivery_id,
        },
    )
    if found.rowcount != 1:
        raise StalePull(f"{arrival.agency_code} ({arrival.source}): another pull was quicker; this one was not kept")


def asked(connection: Connection[Any], agency_code: str, source: str) -> None:
    """Note that the system was asked to its end, whatever came of it."""
    connection.execute(
        "update connect.cursor set asked_at = now() where agency_code = %s and source = %s", (agency_code, source)
    )


def forget(connection: Connection[Any], agency_code: str, source: str) -> None:
    """Have the system asked from its beginning again; what it says a second time is unchanged."""
    connection.execute("delete from connect.cursor where agency_code = %s and source = %s", (agency_code, source))
