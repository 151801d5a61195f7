"""Which batches a reconciliation looks at, and the lines it writes about them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline import names
from pipeline.db import SQL, Connection
from pipeline.zone import ZONE_NAME

Step = Literal["landed", "booked", "released", "latest", "core", "vault"]
UNDER_WAY_MINUTES = 15
"""A published batch may be on its way so long before its missing rows count as missing."""


@dataclass(frozen=True)
class Batch:
    """One batch as outbox and books know it; ``day`` is Zhejiang's, of its staging."""

    batch_id: uuid.UUID
    agency_code: str
    source: str
    entity: str
    day: dt.date | None
    expected_rows: int
    status: str
    is_fresh: bool
    """it was published a moment ago: what has not arrived may be under way"""

    @property
    def table(self) -> str:
        """Its landing table's name."""
        return names.table(self.source, self.entity)

    @property
    def is_settling(self) -> bool:
        """Whether rows of it may still be on the topic."""
        return self.is_fresh and self.status in ("published", "landing")

    @property
    def is_judged(self) -> bool:
        """Whether its books are closed or held."""
        return self.status in ("released", "held", "refused")


@dataclass(frozen=True)
class Count:
    """What one step says of one batch: records expected, of them missing, and records that should not be there.

    ``batch_id`` is None for records that no batch we know of accounts for; then agency, source and entity are named.
    """

    step: Step
    expected: int
    missing: int
    surplus: int
    batch_id: uuid.UUID | None = None
    whose: tuple[str, str, str] | None = None
    note: str | None = None


@dataclass(frozen=True)
class Part:
    """What to look at: batches since a moment (with those that did not balance), or all; of one day, of one agency."""

    since: dt.datetime | None = None
    day: dt.date | None = None
    agency_code: str | None = None

    @property
    def scope(self) -> str:
        """Its word in ``quality.reconciliation_run``."""
        if self.day or self.agency_code:
            return "part"
        return "recent" if self.since else "whole"


def find(connection: Connection, part: Part) -> list[Batch]:
    """The batches of a part, oldest first."""
    return _ask(connection, _PART + _ORDER, {"since": part.since, "day": part.day, "agency": part.agency_code})


def named(connection: Connection, batch_ids: Iterable[uuid.UUID]) -> list[Batch]:
    """Batches by their ids."""
    return _ask(connection, "where batch_id = any(%(batches)s)", {"batches": list(batch_ids)})


def _ask(connection: Connection, condition: str, parameters: Mapping[str, object]) -> list[Batch]:
    constants = {"zone": ZONE_NAME, "grace": dt.timedelta(minutes=UNDER_WAY_MINUTES)}
    return [Batch(*row) for row in connection.execute(SQL(_EVERY + condition), {**constants, **parameters})]


def by_table(batches: Iterable[Batch]) -> Mapping[str, list[Batch]]:
    """Batches by landing table, in the order of the tables' names."""
    tables: dict[str, list[Batch]] = {}
    for batch in batches:
        tables.setdefault(batch.table, []).append(batch)
    return dict(sorted(tables.items()))


def ids(batches: Iterable[Batch]) -> list[uuid.UUID]:
    """Their ids."""
    return [batch.batch_id for batch in batches]


_EVERY = """
with every as (
    select
        coalesce(m.batch_id, b.batch_id) as batch_id,
        coalesce(m.agency_code, b.agency_code) as agency_code,
        coalesce(m.source, b.source) as source,
        coalesce(m.entity, b.entity) as entity,
        (coalesce(m.staged_at, b.judged_at) at time zone %(zone)s)::date as day,
        coalesce(m.expected_rows, 0) as expected_rows,
        coalesce(b.status, 'published') as status,
        coalesce(m.published_at > now() - %(grace)s, false) as is_fresh,
        greatest(m.staged_at, m.published_at, b.landed_at, b.judged_at, b.decided_at, b.modelled_at) as moved_at
    from connect.batch as m
    full join quality.batch as b on m.batch_id = b.batch_id
    where m.published_at is not null or b.batch_id is not null
)
select batch_id, agency_code, source, entity, day, expected_rows, status, is_fresh
from every
"""

# A batch belongs to a recent look when anything happened to it or to a row of it, or it did not balance before.
_PART = """
where (%(agency)s::text is null or agency_code = %(agency)s)
    and (%(day)s::date is null or day = %(day)s)
    and (
        %(since)s::timestamptz is null
        or moved_at >= %(since)s
        or status in ('published', 'landing', 'landed')
        or batch_id in (select batch_id from quarantine.entry where decided_at >= %(since)s)
        or batch_id in (select unnest(batches) from quality.imbalance)
    )
"""
_ORDER = "order by day nulls first, agency_code, source, entity, batch_id"
