"""From released to core: the latest released version of each record is in its base table, and what it makes in core.

Compared as the role that builds, and while no build runs. What was released after the last build is not missing: core
is behind, which is another matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from alerting.reconcile import lineage
from alerting.reconcile.batches import Batch, Count, by_table, ids
from alerting.reconcile.lineage import Lineage, Relation
from pipeline import locks
from pipeline.db import SQL, Composable, Connection, Identifier, Literal

ROLE = "flyover_dbt"
_EVENT = "_event_id"
_CHANGE = "change_code"


@dataclass(frozen=True)
class Built:
    """What stands in the database: columns of every relation that a build made, by name."""

    columns: dict[str, tuple[str, frozenset[str]]]
    tables: frozenset[str]
    """those of them that hold rows; the others show rows that are held elsewhere"""

    def holds_events(self, name: str) -> bool:
        """Whether a relation is there and says of each row which event it came from."""
        return name in self.columns and _EVENT in self.columns[name][1]

    def holds_records(self, name: str) -> bool:
        """Whether it holds a row of each record; a history holds changes, none of a record that says nothing new."""
        return self.holds_events(name) and name in self.tables and _CHANGE not in self.columns[name][1]

    def place(self, name: str) -> Composable:
        """The relation's name with its schema."""
        return Identifier(self.columns[name][0], name)


def counts(connection: Connection, project: Path, batches: Sequence[Batch]) -> Iterator[Count]:
    """Steps ``latest`` and ``core`` of the released ones of these batches and the agencies they are of.

    Nothing was built yet: nothing is counted.
    """
    connection.execute("select pg_advisory_lock_shared(%s)", (locks.BUILD,))
    try:
        bound = _bound(connection)
        if bound is not None:
            yield from _counts(connection, lineage.read(project), batches, bound)
    finally:
        connection.execute("select pg_advisory_unlock_shared(%s)", (locks.BUILD,))


def _counts(connection: Connection, models: Lineage, batches: Sequence[Batch], bound: int) -> Iterator[Count]:
    built = _built(connection)
    tables = {
        table: those
        for table, those in by_table(b for b in batches if b.status in ("released", "refused")).items()
        if table in models.bases and lineage.BASE + table in built.columns
    }
    for table, those in tables.items():
        yield from _latest(connection, built, table, those, bound)
    agencies = sorted({batch.agency_code for those in tables.values() for batch in those})
    holding = [relation for relation in models.core.values() if built.holds_records(relation.name)]
    for relation in holding:
        if not tables.keys().isdisjoint(relation.carries):
            yield from _held(connection, built, relation, agencies)
    for table, those in tables.items():
        if not any(table in relation.carries for relation in holding):
            yield from _unmodelled(connection, built, models, table, those)


def _bound(connection: Connection) -> int | None:
    """How far the last build read; None before the first."""
    found = connection.execute("select to_regclass('intermediate.build_bound') is not null").fetchone()
    if not found or not found[0]:
        return None
    row = connection.execute("select max(released_seq) from intermediate.build_bound").fetchone()
    return row[0] if row else None


def _built(connection: Connection) -> Built:
    found = connection.execute(
        "select c.relname, n.nspname, array_agg(a.attname::text), c.relkind = 'r' from pg_class as c "
        "inner join pg_namespace as n on c.relnamespace = n.oid "
        "inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped "
        "where n.nspname in ('staging', 'intermediate', 'core') and c.relkind in ('r', 'v', 'm') "
        "group by c.relname, n.nspname, c.relkind"
    ).fetchall()
    return Built(
        {name: (schema, frozenset(columns)) for name, schema, columns, _ in found},
        frozenset(name for name, *_, is_table in found if is_table),
    )


def _latest(connection: Connection, built: Built, table: str, batches: Sequence[Batch], bound: int) -> Iterator[Count]:
    base = built.place(lineage.BASE + table)
    query = SQL(_LATEST).format(released=Identifier("released", table), base=base)
    for batch_id, expected, missing in connection.execute(query, {"batches": ids(batches), "bound": bound}):
        yield Count("latest", expected, missing, 0, batch_id)
    query = SQL(_OUTLIVED).format(base=base)
    agencies = sorted({batch.agency_code for batch in batches})
    for batch_id, surplus in connection.execute(query, {"agencies": agencies, "table": table, "bound": bound}):
        yield Count("latest", 0, 0, surplus, batch_id, note="no longer released")


def _held(connection: Connection, built: Built, relation: Relation, agencies: Sequence[str]) -> Iterator[Count]:
    """What one relation of core holds of each batch."""
    parents = [name for name in relation.parents if built.holds_events(name)]
    bases = [table for table in relation.carries if lineage.BASE + table in built.columns]
    if not parents or not bases:
        return
    columns = built.columns[relation.name][1]
    query = SQL(_HELD).format(
        made=_union(SQL("select _event_id from {} where agency_code = any(%(agencies)s)").format(built.place(name))
                    for name in parents),
        held=SQL("select distinct agency_code, {} as source_entity, _event_id from {} "
                 "where agency_code = any(%(agencies)s) and _event_id is not null").format(
            Identifier("source_entity") if "source_entity" in columns else SQL("null::text"),
            built.place(relation.name),
        ),
        named=_union(
            SQL("select {} as landing_table, _batch_id, _event_id from {} "
                "where not _is_deleted and _agency_code = any(%(agencies)s)").format(
                Literal(table), built.place(lineage.BASE + table)
            )
            for table in bases
        ),
    )  # fmt: skip
    found = connection.execute(query, {"agencies": list(agencies)}).fetchall()
    for batch_id, agency_code, landing_table, expected, missing, surplus in found:
        table = landing_table or bases[0]
        source, entity = table.split("__", 1)
        note = f"core.{relation.name}"
        yield Count("core", expected, missing, surplus, batch_id, (agency_code or "-", source, entity), note)


def _unmodelled(
    connection: Connection, built: Built, models: Lineage, table: str, batches: Sequence[Batch]
) -> Iterator[Count]:
    """Say of records that core shows nowhere by themselves what becomes of them."""
    reached = [relation.name for relation in models.reaching(table)]
    note = f"enters {', '.join(reached)} through joins, not as rows" if reached else "ends at staging"
    query = SQL(
        "select _batch_id, count(*) from {} where not _is_deleted and _batch_id = any(%(batches)s) group by _batch_id"
    ).format(built.place(lineage.BASE + table))
    for batch_id, records in connection.execute(query, {"batches": ids(batches)}):
        yield Count("core", records, 0, 0, batch_id, note=note)


def _union(queries: Iterator[Composable]) -> Composable:
    return SQL(" union all ").join(list(queries))


# A released row is the one its record's base row came from, or an older version of it.
_LATEST = """
select
    r._batch_id,
    count(*),
    count(*) filter (
        where b._record_id is null or b._version < r._version
            or (b._version = r._version and b._event_id is distinct from r._event_id)
    )
from {released} as r
left join {base} as b on r._agency_code = b._agency_code and r._record_id = b._record_id
where r._batch_id = any(%(batches)s) and r._released_seq <= %(bound)s
group by r._batch_id
"""

# A base row whose batch was withdrawn, or whose row went back to quarantine, and the build that saw it left it there.
_OUTLIVED = """
select b._batch_id, count(*)
from {base} as b
left join quality.batch as q on b._batch_id = q.batch_id
left join quarantine.entry as e on e.entity_table = %(table)s and b._row_id = e.row_id
where b._agency_code = any(%(agencies)s) and b._version >= 0
    and (
        q.batch_id is null
        or (q.status <> 'released' and q.released_seq <= %(bound)s)
        or (e.status <> 'waived' and coalesce(e.released_seq, 0) <= %(bound)s)
    )
group by b._batch_id
"""

# Events that the models make of the latest records, beside those the relation holds, and whose they are.
_HELD = """
with made as materialized (
    select distinct _event_id from ({made}) as parts where _event_id is not null
),

held as materialized (
    {held}
),

named as materialized (
    {named}
),

expected as (
    select
        named._batch_id,
        named.landing_table,
        count(*) as records,
        count(*) filter (where held._event_id is null) as missing
    from made
    inner join named on made._event_id = named._event_id
    left join held on made._event_id = held._event_id
    group by named._batch_id, named.landing_table
),

outlived as (
    select
        held.agency_code,
        coalesce(named.landing_table, held.source_entity) as landing_table,
        named._batch_id,
        count(*) as surplus
    from held
    left join made on held._event_id = made._event_id
    left join named on held._event_id = named._event_id
    where made._event_id is null
    group by held.agency_code, coalesce(named.landing_table, held.source_entity), named._batch_id
)

select _batch_id, null::text as agency_code, landing_table, records, missing, 0::bigint from expected
union all
select _batch_id, agency_code, landing_table, 0::bigint, 0::bigint, surplus from outlived
"""
