"""Makes, from a contract, its landing table, quarantine table, judging view and released view.

Idempotent and forward-only: tables are created or gain columns, views are replaced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pipeline.contract_struct import landing_columns
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, Identifier

MONTHS_AHEAD = 2


def ensure(connection: Connection, contracts: Iterable[Contract], today: dt.date) -> None:
    """Bring the database to what the contracts say; runs in the caller's transaction as the owner."""
    for contract in contracts:
        _ensure_landing(connection, contract, today)
        _ensure_quarantine(connection, contract)
        _ensure_views(connection, contract)


def _ensure_landing(connection: Connection, contract: Contract, today: dt.date) -> None:
    columns = SQL(", ").join(
        SQL("{} {}").format(Identifier(name), SQL(pg_type)) for name, pg_type in landing_columns(contract)
    )
    connection.execute(
        SQL(
            "create table if not exists landing.{} ("
            "_row_id bigint not null default nextval('landing.row_id'), "
            "_landed_at timestamptz not null default transaction_timestamp(), {}) partition by range (_landed_at)"
        ).format(Identifier(contract.table), columns)
    )
    for name, pg_type in landing_columns(contract):
        connection.execute(
            SQL("alter table landing.{} add column if not exists {} {}").format(
                Identifier(contract.table), Identifier(name), SQL(pg_type)
            )
        )
    connection.execute(
        SQL("create index if not exists {} on landing.{} (_batch_id)").format(
            Identifier(f"{contract.table}__batch"), Identifier(contract.table)
        )
    )
    connection.execute(
        SQL("create table if not exists landing.{} partition of landing.{} default").format(
            Identifier(f"{contract.table}__default"), Identifier(contract.table)
        )
    )
    month = today.replace(day=1)
    for _ in range(MONTHS_AHEAD + 1):
        connection.execute("select landing.make_month(%s, %s)", (contract.table, month))
        month = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def _ensure_quarantine(connection: Connection, contract: Contract) -> None:
    connection.execute(
        SQL("create table if not exists quarantine.{} partition of quarantine.entry for values in ({})").format(
            Identifier(contract.table), contract.table
        )
    )


def _ensure_views(connection: Connection, contract: Contract) -> None:
    """Make the three views of an entity.

    ``judging.<t>``: rows of the batch named by the connection setting ``flyover.batch_id`` that can be judged;
    ``released.<t>``: what dbt may read; ``released.<t>__departed``: records of which a row was released once and is
    no longer, so that what was built from it can be taken back.
    """
    payload = SQL(", ").join(SQL("l.{}").format(Identifier(column)) for column in _in_table_order(connection, contract))
    for statement in (_JUDGING_VIEW, _RELEASED_VIEW):
        connection.execute(statement.format(table=Identifier(contract.table), payload=payload))
    connection.execute(
        _DEPARTED_VIEW.format(table=Identifier(contract.table), view=Identifier(f"{contract.table}__departed"))
    )


def _in_table_order(connection: Connection, contract: Contract) -> list[str]:
    """Payload columns as they came to the table: a view may gain columns only behind those it has."""
    found = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 order by attnum",
        (f"landing.{contract.table}",),
    )
    landed = {field.column for field in contract.landed_fields}
    return [column for (column,) in found if column in landed]


_ENVELOPE = """l._row_id, l._landed_at, l._event_id, l._batch_id, l._batch_seq, l._agency_code, l._record_id,
    l._version, l._is_deleted, l._source_modified_at, l._published_at, l._person_key, l._id_status, l._replay_of"""

_JUDGING_VIEW = SQL(
    """
create or replace view judging.{table} as
select
    """
    + _ENVELOPE
    + """,
    {payload}
from landing.{table} as l
where l._batch_id = nullif(current_setting('flyover.batch_id', true), '')::uuid
    and not l._is_deleted
    and not exists (select from landing.duplicate as d where d.row_id = l._row_id and d.batch_id = l._batch_id)
"""
)

_RELEASED_VIEW = SQL(
    """
create or replace view released.{table} as
select
    """
    + _ENVELOPE
    + """,
    greatest(b.released_seq, q.released_seq) as _released_seq,
    {payload}
from landing.{table} as l
inner join quality.batch as b
    on l._batch_id = b.batch_id and b.status = 'released' and l._row_id <= b.max_row_id
left join quarantine.{table} as q on l._row_id = q.row_id
where (q.row_id is null or q.status = 'waived')
    and not exists (select from landing.duplicate as d where d.row_id = l._row_id)
"""
)

# A row leaves released when its batch is withdrawn or its waiver ends; both move a released_seq. Rows of a batch that
# was judged and quarantined at once never were released: their entries carry no released_seq.
_DEPARTED_VIEW = SQL(
    """
create or replace view released.{view} as
select l._agency_code, l._record_id, b.released_seq as _released_seq
from quality.batch as b
inner join landing.{table} as l on b.batch_id = l._batch_id
where b.status <> 'released' and b.released_seq is not null
union all
select q.agency_code, q.record_id, q.released_seq
from quarantine.{table} as q
where q.status <> 'waived' and q.released_seq is not null and q.record_id is not null
"""
)
