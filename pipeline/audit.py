"""The audit trail: adding to it, reading it, and walking its chain.

Every entry has a link with a hash over the hash before and the entry itself; PostgreSQL makes it at commit (migration
0711). Whoever changes, removes or slips in an entry breaks the chain there. Who may write everything, triggers too,
could make the whole chain anew from there on: against that helps a hash that was kept elsewhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.db import SQL, Composed, Connection
from pipeline.errors import BadInput, FlyoverError

_TRIGGERS = ("chained", "entered_stays", "linked_stays")
_FETCHED_AT_ONCE = 5_000


class Tampered(FlyoverError):
    """The audit trail is not what was written; says from which entry on."""


@dataclass(frozen=True)
class Verified:
    """A chain that holds: how many links, and the newest hash, to be kept elsewhere."""

    links: int
    head: str


@dataclass(frozen=True)
class Entry:
    """Who did what, when; ``link_no`` is its place in the chain."""

    link_no: int | None
    at: dt.datetime
    actor: str
    action: str
    object: str


@dataclass(frozen=True)
class Filter:
    """Which entries are asked for; texts match as a part, None matches everything."""

    actor: str | None = None
    action: str | None = None
    object: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def note(connection: Connection[Any], action: str, about: str, detail: Mapping[str, object]) -> None:
    """Keep what the connection's own role does; never a personal value."""
    connection.execute(
        "insert into audit.entry (action, object, detail) values (%s, %s, %s)",
        (action, about, json.dumps(detail, ensure_ascii=False, default=str)),
    )


def entries(connection: Connection[Any], wanted: Filter, limit: int) -> list[Entry]:
    """What was kept, the newest first; what people typed as a reason is left out."""
    return [Entry(*row) for row in connection.execute(_ENTRIES, {**vars(wanted), "limit": limit})]


def verify(connection: Connection[Any], expected: str | None = None) -> Verified:
    """Walk the chain from its beginning, every hash made anew.

    ``expected`` is a hash that was kept elsewhere: it must be one of the chain's, at the place it was told for.

    :raises Tampered: naming the first entry that was changed, removed or slipped in
    """
    place, kept = _told(expected)
    before, number = b"", 0
    for link_no, entry_id, linked, canonical in _chain(connection):
        if link_no is None:
            raise Tampered(f"entry {entry_id} has no link: it was slipped in past the chain")
        number += 1
        if link_no != number:
            raise Tampered(f"link {number} is gone: of the entries up to link {link_no} some were removed")
        if canonical is None:
            raise Tampered(f"entry {entry_id} (link {link_no}) was removed")
        made = hashlib.sha256(before + canonical).digest()
        if made != linked:
            raise Tampered(
                f"entry {entry_id} (link {link_no}) was changed, or an entry before it slipped in or removed"
            )
        if number == place and made.hex() != kept:
            raise Tampered(f"link {place} is not the one that was kept: the trail was written anew up to there")
        before = linked
    if number < place:
        raise Tampered(f"the trail ends at link {number}, and link {place} was kept: its end was cut off")
    _see_that_it_is_guarded(connection)
    return Verified(number, f"{number}:{before.hex()}")


def _told(expected: str | None) -> tuple[int, str]:
    if expected is None:
        return 0, ""
    if (found := re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", expected.strip().lower())) is None:
        raise BadInput(
            "this is no hash of the audit trail", advice="Give NUMBER:HASH as ./flyover audit verify printed it."
        )
    return int(found[1]), found[2]


def _chain(connection: Connection[Any]) -> Iterator[tuple[int | None, int, bytes, bytes | None]]:
    with connection.cursor(name="chain") as cursor:
        cursor.itersize = _FETCHED_AT_ONCE
        yield from cursor.execute(_CHAIN)


def _see_that_it_is_guarded(connection: Connection[Any]) -> None:
    rows = connection.execute(
        "select tgname from pg_trigger where tgenabled = 'O' and not tgisinternal "
        "and tgrelid in ('audit.entry'::regclass, 'audit.link'::regclass)"
    )
    if missing := sorted(set(_TRIGGERS) - {name for (name,) in rows}):
        raise Tampered(f"the trail is whole, but nothing guards it: trigger {', '.join(missing)} is off or gone")


# The canonical text is said here, too, and not asked of the database's function, which could have been changed.
_CANONICAL = """convert_to(
    jsonb_build_array(
        e.entry_id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.actor, e.action, e.object,
        e.detail
    )::text, 'UTF8'
)"""
_CHAIN: Composed = SQL(
    "select l.link_no, coalesce(l.entry_id, e.entry_id), l.hash, case when e.entry_id is not null then {} end "
    "from audit.link as l full join audit.entry as e on l.entry_id = e.entry_id "
    "order by l.link_no nulls last, e.entry_id"
).format(SQL(_CANONICAL))
_ENTRIES = """
select l.link_no, e.at, e.actor, e.action, e.object
from audit.entry as e
left join audit.link as l on e.entry_id = l.entry_id
where (%(actor)s::text is null or position(lower(%(actor)s) in lower(e.actor)) > 0)
    and (%(action)s::text is null or position(lower(%(action)s) in lower(e.action)) > 0)
    and (%(object)s::text is null or position(lower(%(object)s) in lower(e.object)) > 0)
    and (%(since)s::timestamptz is null or e.at >= %(since)s)
    and (%(until)s::timestamptz is null or e.at < %(until)s)
order by e.at desc, e.entry_id desc
limit %(limit)s
"""
