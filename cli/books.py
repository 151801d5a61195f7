"""What the warehouse says about itself: books, batches, counts, durations. Read as the role ``engineer``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, LiteralString

from cli.output import Table
from pipeline import contracts
from pipeline.db import SQL, Composable, Composed, Identifier, connect
from pipeline.settings import Settings

ROLE = "engineer"


def books(settings: Settings, deliveries: Sequence[uuid.UUID] | None = None) -> Table:
    """The books, per agency and entity: received = released + quarantined + duplicate + refused + held."""
    return _ask(
        settings,
        "books",
        "Books: received = released + quarantined + duplicate + refused + held",
        """
        select
            agency_code as agency, source, entity, sum(received)::bigint as received,
            sum(released)::bigint as released, sum(quarantined)::bigint as quarantined,
            sum(duplicate)::bigint as duplicate, sum(refused)::bigint as refused, sum(held)::bigint as held,
            coalesce(sum(received) filter (where status in ('landing', 'landed')), 0)::bigint as under_way,
            bool_and(status in ('landing', 'landed')
                or received = released + quarantined + duplicate + refused + held) as balanced
        from quality.batch
        where %(deliveries)s::uuid[] is null or delivery_id = any(%(deliveries)s)
        group by agency_code, source, entity
        order by agency_code, source, entity
        """,
        {"deliveries": None if deliveries is None else list(deliveries)},
    )


def batches(settings: Settings, *, agency: str | None, status: str | None, limit: int) -> Table:
    """The latest batches, newest first."""
    return _ask(
        settings,
        "batches",
        "Batches",
        """
        select
            m.batch_id::text as batch, m.agency_code as agency, m.source, m.entity,
            coalesce(b.status, case when m.published_at is null then 'staged' else 'published' end) as status,
            m.expected_rows as received, b.released, b.quarantined, b.duplicate, b.refused, b.held,
            m.unchanged_rows as unchanged, m.staged_at, b.judged_at, b.modelled_at
        from connect.batch as m
        left join quality.batch as b on m.batch_id = b.batch_id
        where (%(agency)s::text is null or m.agency_code = %(agency)s)
            and (%(status)s::text is null or b.status = %(status)s)
        order by m.staged_at desc, m.agency_code, m.entity
        limit %(limit)s
        """,
        {"agency": agency, "status": status, "limit": limit},
    )


def quarantine_by_rule(settings: Settings) -> Table:
    """How many rows wait in quarantine, by agency and rule."""
    return _ask(
        settings,
        "quarantine",
        "In quarantine, by rule",
        """
        select agency_code as agency, entity_table as entity, stage, unnest(rule_ids) as rule, status,
            count(*) as rows
        from quarantine.entry
        group by agency_code, entity_table, stage, rule, status
        order by agency_code, entity_table, stage, rule, status
        """,
    )


def relation_counts(settings: Settings) -> Table:
    """Row counts of everything built in core and mart."""
    with connect(settings, ROLE) as connection:
        found = connection.execute(
            "select n.nspname, c.relname from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
            "where n.nspname in ('core', 'mart') and c.relkind in ('r', 'p', 'm', 'v') order by 1, 2"
        ).fetchall()
        counted = tuple(
            (schema, name, _scalar(connection, SQL("select count(*) from {}").format(Identifier(schema, name))))
            for schema, name in found
        )
    return Table("relations", "Rows in core and mart", ("schema", "relation", "rows"), counted)


def stage_times(settings: Settings) -> Table:
    """How long each stage took: runs, rows, seconds in all and the longest run."""
    return _ask(
        settings,
        "stages",
        "Stages",
        """
        select
            stage, count(*) as runs, sum(rows)::bigint as rows,
            round(sum(extract(epoch from finished_at - started_at)), 1)::float8 as seconds,
            round(max(extract(epoch from finished_at - started_at)), 1)::float8 as longest_seconds
        from quality.stage_run
        group by stage
        order by array_position(array['pull', 'publish', 'land', 'vault', 'judge', 'model', 'post', 'release'], stage)
        """,
    )


def freshness(settings: Settings) -> Table:
    """Seconds from publishing a row to its being in core: median and 95th percentile over all rows."""
    per_table: list[Composable] = [
        SQL(
            "select extract(epoch from b.modelled_at - l._published_at)::float8 as seconds from landing.{} as l "
            "inner join quality.batch as b on l._batch_id = b.batch_id where b.modelled_at is not null"
        ).format(Identifier(contract.table))
        for contract in contracts.load_all(settings.contracts_dir).values()
    ]
    query = SQL(
        "select count(*) as rows, percentile_cont(0.5) within group (order by seconds) as p50_seconds, "
        "percentile_cont(0.95) within group (order by seconds) as p95_seconds from ({}) as waits"
    ).format(SQL(" union all ").join(per_table))
    return _ask(settings, "freshness", "From publish to core", query)


def waiting(settings: Settings) -> dict[str, int]:
    """Batches by where they are on their way: staged, published, landing, landed, held, released, modelled, refused."""
    with connect(settings, ROLE) as connection:
        found = connection.execute("select place, count(*) from quality.batch_place group by place").fetchall()
    return {str(place): int(count) for place, count in found}


def _ask(
    settings: Settings, name: str, title: str, query: LiteralString | Composed, parameters: dict[str, Any] | None = None
) -> Table:
    with connect(settings, ROLE) as connection:
        cursor = connection.execute(SQL(query) if isinstance(query, str) else query, parameters or {})
        columns = tuple(column.name for column in cursor.description or ())
        return Table(name, title, columns, tuple(cursor.fetchall()))


def _scalar(connection: Any, query: Composable) -> int:
    (value,) = connection.execute(query).fetchone()
    return int(value)
