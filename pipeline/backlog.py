"""What waits at each stage: cheap questions to Kafka and PostgreSQL, asked before and after the work itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline import kafka
from pipeline.db import SQL, Connection, Cursor, Identifier, connect
from pipeline.settings import Settings

_MINUTES = "floor(extract(epoch from now() - {}) / 60)::integer"
Drain = Literal["landing", "vault"]
WATCHER = "flyover_watch"


@dataclass(frozen=True)
class Waiting:
    """What waits at a stage, false when nothing does.

    ``minutes`` is how long the oldest of it has waited, None where nothing tells.
    """

    amount: int
    minutes: int | None

    def __bool__(self) -> bool:
        return self.amount > 0


NOTHING = Waiting(0, None)


def to_publish(settings: Settings) -> Mapping[str, Waiting]:
    """Staged batches that are not published, by agency code: how many."""
    with connect(settings, "flyover_connector") as connection:
        found = connection.execute(
            f"select agency_code, count(*), {_MINUTES.format('min(staged_at)')} from connect.batch "  # noqa: S608
            "where published_at is null group by agency_code"
        )
        return {agency_code: Waiting(batches, minutes) for agency_code, batches, minutes in found}


@dataclass(frozen=True)
class Lag:
    """How many messages of a partition were not drained yet, or were drained and are gone from the broker."""

    topic: str
    partition: int
    messages: int


def to_land(settings: Settings, topics: Sequence[str], drain: Drain = "landing") -> int:
    """Messages that lie on the topics and were not drained yet, or were drained and are gone from the broker."""
    return sum(lag.messages for lag in lags(settings, {drain: topics}))


def lags(settings: Settings, topics: Mapping[Drain, Sequence[str]], *, patience_ms: int | None = None) -> list[Lag]:
    """The same by partition, of the topics of each drain; topics that are not there are left out.

    :raises SystemTrouble: when a server is away; the broker's answer is waited for no longer than ``patience_ms``
    """
    ends = kafka.ends(settings, [topic for each in topics.values() for topic in each], patience_ms=patience_ms)
    reached: dict[tuple[uuid.UUID, int], int] = {}
    with connect(settings, WATCHER) as connection:
        for drain in topics:
            statement = SQL("select topic_id, partition, next_offset from {}").format(Identifier(drain, "drain"))
            reached |= {(topic_id, number): offset for topic_id, number, offset in connection.execute(statement)}
    return [Lag(e.topic, e.partition, abs(e.offset - reached.get((e.topic_id, e.partition), 0))) for e in ends]


def to_judge(settings: Settings, source: str) -> Waiting:
    """Landed batches of the source whose delivery has landed whole: how many."""
    with connect(settings, "flyover_judge") as connection:
        found = connection.execute(
            f"select count(*), {_MINUTES.format('min(b.landed_at)')} from quality.batch as b "  # noqa: S608
            "where b.source = %s and b.status = 'landed' and not exists ("
            "select from connect.batch as m left join quality.batch as o on o.batch_id = m.batch_id "
            "where m.delivery_id = b.delivery_id and coalesce(o.status, 'landing') = 'landing')",
            (source,),
        ).fetchone()
    return Waiting(*found) if found else NOTHING


def to_model(settings: Settings) -> Waiting:
    """What was released and core has not taken in: its newest release sequence number.

    Looks at batches, which a failed build leaves unmarked, and at the sequence, which waivers and withdrawals move.
    """
    with connect(settings, "flyover_dbt") as connection:
        unmarked = connection.execute(
            f"select max(released_seq), {_MINUTES.format('min(judged_at)')} from quality.batch "  # noqa: S608
            "where status = 'released' and modelled_at is null"
        ).fetchone()
        if unmarked and unmarked[0] is not None:
            return Waiting(*unmarked)
        given = _number(
            connection.execute("select case when is_called then last_value else 0 end from quality.released_seq")
        )
        return Waiting(given, None) if given > _built_up_to(connection) else NOTHING


def to_show(settings: Settings) -> Waiting:
    """What core has taken in and the indicators have not: how far core reaches."""
    with connect(settings, "flyover_dbt") as connection:
        if not _has_been_built(connection):
            return NOTHING
        found = connection.execute(
            f"select released_seq, {_MINUTES.format('waiting_since')} "  # noqa: S608 - our own words
            "from intermediate.part_built where part = 'core' and waiting_since is not null"
        ).fetchone()
    return Waiting(*found) if found else NOTHING


def to_link(settings: Settings) -> Waiting:
    """What core or the vault has taken in since the linkage last looked; what it moved itself is no news."""
    with connect(settings, "flyover_linker") as connection:
        if not _number(connection.execute("select (to_regclass('intermediate.build_bound') is not null)::integer")):
            return NOTHING
        found = connection.execute(_TO_LINK).fetchone()
    return Waiting(*found) if found and found[0] else NOTHING


_TO_LINK = f"""
with looked as (
    select max(seen_seq) as seen_seq, max(started_at) as started_at from persons.run
),

ours as (
    select released_seq from persons.link union select superseded_seq from persons.link
    union select released_seq from persons.alias union select superseded_seq from persons.alias
),

news as (
    select count(*) as released, min(bound.opened_at) as since
    from intermediate.build_bound as bound
    cross join looked
    cross join lateral generate_series(coalesce(looked.seen_seq, 0) + 1, bound.released_seq) as number
    where not exists (select from ours where ours.released_seq = number)
),

names as (
    select count(*) as landed, min(landed_at) as since
    from vault.identity
    where landed_at > (select coalesce(started_at, '-infinity') from looked)
)

select
    (released + landed)::bigint,
    {_MINUTES.format("least(case when released > 0 then news.since end, names.since)")}
from news
cross join names
"""  # noqa: S608 - our own words


def _built_up_to(connection: Connection) -> int:
    """How far core has been built; 0 before the first build, which makes the table."""
    if not _has_been_built(connection):
        return 0
    return _number(
        connection.execute("select coalesce(max(released_seq), 0) from intermediate.part_built where part = 'core'")
    )


def _has_been_built(connection: Connection) -> bool:
    return bool(_number(connection.execute("select (to_regclass('intermediate.part_built') is not null)::integer")))


def _number(answer: Cursor) -> int:
    row = answer.fetchone()
    return int(row[0]) if row else 0
