"""What the quality report says, asked of ``quality.*`` and the quarantine: counts and row keys, never a value."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import registry
from expectations.judging.gx import ROLE
from expectations.rules import reasons
from expectations.rules.reasons import Reason
from expectations.rules.suites import Text
from pipeline.db import SQL, Connection, connect, dict_row
from pipeline.settings import Settings

LATEST_BATCHES, MOST_KEYS = 12, 8
PARTS = ("released", "quarantined", "duplicate", "refused", "held")
"""Where a received row can be once its batch is judged."""


@dataclass(frozen=True)
class Books:
    """received = released + quarantined + duplicate + refused + held, for batches that are judged."""

    received: int
    released: int
    quarantined: int
    duplicate: int
    refused: int
    held: int

    def share_pct(self, part: str) -> float:
        """Share of a part in what was received, 0 to 100."""
        return 100.0 * int(getattr(self, part)) / self.received if self.received else 0.0

    def __add__(self, other: Books) -> Books:
        return Books(*(getattr(self, name) + getattr(other, name) for name in ("received", *PARTS)))


NO_BOOKS = Books(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Finding:
    """How often one reason was met in one entity, and what of it still waits."""

    rule_id: str
    reason: Reason
    failed: int
    batches: int
    waiting: int
    keys: Sequence[str]


@dataclass(frozen=True)
class BatchLine:
    """One batch in the report."""

    batch_id: str
    status: str
    judged_at: dt.datetime | None
    books: Books
    redelivered: int
    is_replay: bool
    failed: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class EntityPart:
    """One entity of an agency."""

    table: str
    books: Books
    under_way: int
    batch_count: int
    waiting: int
    """rows in quarantine that nobody has decided about"""
    findings: Sequence[Finding]
    batches: Sequence[BatchLine]


@dataclass(frozen=True)
class AgencyPart:
    """One agency."""

    code: str
    name: Text
    area: str
    entities: Sequence[EntityPart]

    @property
    def books(self) -> Books:
        """Books over all its entities."""
        return sum((entity.books for entity in self.entities), NO_BOOKS)

    @property
    def waiting(self) -> int:
        """Rows in quarantine that nobody has decided about."""
        return sum(entity.waiting for entity in self.entities)

    @property
    def held_batches(self) -> int:
        """Batches that wait for a decision (of those shown)."""
        return sum(batch.status == "held" for entity in self.entities for batch in entity.batches)


@dataclass(frozen=True)
class Facts:
    """Everything the report shows."""

    written_at: dt.datetime
    agencies: Sequence[AgencyPart]

    @property
    def books(self) -> Books:
        """Books over all agencies."""
        return sum((agency.books for agency in self.agencies), NO_BOOKS)

    @property
    def waiting(self) -> int:
        """Rows in quarantine that nobody has decided about."""
        return sum(agency.waiting for agency in self.agencies)

    @property
    def has_simulated(self) -> bool:
        """Whether any agency shown is invented."""
        return any(agency.area == "simulated" for agency in self.agencies)


Place = tuple[str, str]
"""(agency code, table)"""


def gather(settings: Settings) -> Facts:
    """Read it all in one snapshot."""
    with connect(settings, ROLE) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        entities = _entities(connection)
    known = registry.load_all(settings.agencies_dir)
    parts = [
        AgencyPart(
            code=code,
            name=Text(known[code].name_zh, known[code].name_en) if code in known else Text(code, code),
            area=known[code].area if code in known else "unknown",
            entities=entities[code],
        )
        for code in sorted(entities)
    ]
    return Facts(dt.datetime.now(dt.UTC), parts)


def _entities(connection: Connection) -> dict[str, list[EntityPart]]:
    findings, batches = _findings(connection), _batches(connection)
    found: dict[str, list[EntityPart]] = defaultdict(list)
    for row in _ask(connection, _BOOKS):
        place = (row["agency_code"], row["entity_table"])
        found[row["agency_code"]].append(
            EntityPart(
                table=row["entity_table"],
                books=_books(row),
                under_way=int(row["under_way"]),
                batch_count=row["batches"],
                waiting=row["waiting"],
                findings=findings.get(place, ()),
                batches=batches.get(place, ()),
            )
        )
    return found


def _findings(connection: Connection) -> dict[Place, list[Finding]]:
    """What failed, by place: the rules' results, and what was kept back before any rule was asked."""
    texts = reasons.known()
    waiting = {(r["agency_code"], r["entity_table"], r["rule_id"]): r for r in _ask(connection, _WAITING)}
    met = {(r["agency_code"], r["entity_table"], r["rule_id"]): r for r in _ask(connection, _FAILED)}
    found: dict[Place, list[Finding]] = defaultdict(list)
    for place in sorted({*waiting, *met}):
        failed, queue = met.get(place, {}), waiting.get(place, {})
        agency_code, table, rule_id = place
        found[agency_code, table].append(
            Finding(
                rule_id=rule_id,
                reason=reasons.explain(rule_id, texts),
                failed=int(failed.get("failed") or queue["entries"]),
                batches=failed.get("batches") or queue["batches"],
                waiting=queue.get("waiting", 0),
                keys=queue.get("keys") or (),
            )
        )
    order = {"critical": 0, "warning": 1, "info": 2}
    return {place: sorted(each, key=lambda f: (order[f.reason.severity], -f.failed)) for place, each in found.items()}


def _batches(connection: Connection) -> dict[Place, list[BatchLine]]:
    found: dict[Place, list[BatchLine]] = defaultdict(list)
    for row in _ask(connection, _LATEST):
        found[row["agency_code"], row["entity_table"]].append(
            BatchLine(
                batch_id=str(row["batch_id"]),
                status=row["status"],
                judged_at=row["judged_at"],
                books=_books(row),
                redelivered=row["redelivered"],
                is_replay=row["is_replay"],
                failed=[(rule_id, failed) for rule_id, failed in row["failed"]],
            )
        )
    return found


def _books(row: Mapping[str, Any]) -> Books:
    return Books(*(int(row[name]) for name in ("received", *PARTS)))


def _ask(connection: Connection, query: SQL) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, {"latest": LATEST_BATCHES, "keys": MOST_KEYS}).fetchall()


_BOOKS = SQL(
    """
select
    agency_code, source || '__' || entity as entity_table, count(*) as batches,
    (
        select count(*)
        from quarantine.entry as q
        where q.entity_table = source || '__' || entity and q.agency_code = books.agency_code
            and q.status in ('open', 'returned')
    ) as waiting,
    coalesce(sum(received) filter (where status not in ('landing', 'landed')), 0) as received,
    sum(released) as released, sum(quarantined) as quarantined, sum(duplicate) as duplicate, sum(refused) as refused,
    sum(held) as held,
    coalesce(sum(received) filter (where status in ('landing', 'landed')), 0) as under_way
from quality.batch as books
group by agency_code, source, entity
order by agency_code, source, entity
"""
)
_FAILED = SQL(
    """
select
    b.agency_code, b.source || '__' || b.entity as entity_table, r.rule_id, sum(r.failed) as failed,
    count(*) as batches
from quality.rule_result as r
inner join quality.batch as b on r.batch_id = b.batch_id
where not r.passed
group by b.agency_code, b.source, b.entity, r.rule_id
"""
)
_WAITING = SQL(
    """
select
    q.agency_code, q.entity_table, rule_id, count(*) as entries, count(distinct q.batch_id) as batches,
    count(*) filter (where q.status in ('open', 'returned')) as waiting,
    (array_agg(coalesce(q.record_id, '—') order by q.quarantine_id desc)
        filter (where q.status in ('open', 'returned')))[1:%(keys)s] as keys
from quarantine.entry as q
inner join quality.batch as b on q.batch_id = b.batch_id and b.status not in ('landing', 'landed')
cross join unnest(q.rule_ids) as rule_id
group by q.agency_code, q.entity_table, rule_id
"""
)
_LATEST = SQL(
    """
select
    b.*, b.source || '__' || b.entity as entity_table, b.replay_of is not null as is_replay,
    coalesce((
        select json_agg(json_build_array(r.rule_id, r.failed) order by r.failed desc, r.rule_id)
        from quality.rule_result as r
        where r.batch_id = b.batch_id and not r.passed
    ), '[]') as failed
from (
    select
        q.*,
        row_number() over (
            partition by q.agency_code, q.source, q.entity
            order by q.status = 'held' desc, q.judged_at desc nulls last, q.batch_id
        ) as place
    from quality.batch as q
    where q.status not in ('landing', 'landed')
) as b
where b.place <= %(latest)s
order by b.place
"""
)
