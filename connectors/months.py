"""Landing's months: made ahead, so that every row has one, and given up when nothing in them is needed any more.

A row is needed while it is its record's latest released version, was put aside, is a copy, or waits for a verdict.
What is left are versions that a later one has superseded. They may go when that has been released, and taken into
core, for as many months as are to be kept: nothing that is built, mended or traced reads them. What they did serve
is said before they go (:data:`LOST`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, Identifier, connect
from pipeline.settings import Settings

AHEAD = 3
OWNER = "flyover_owner"
"""Only who owns a table may empty a month of it."""
LOST = (
    "withdrawing a later batch no longer brings an earlier version back: such a record is gone until it is sent again",
    "rehearsals of rules, and lists of what a delivery once changed, see only what is left of the batches named here",
    "core, mart, quarantine, the books, traces of numbers and the latest version of every record stay as they are",
)


@dataclass(frozen=True)
class Month:
    """One month of one landing table. ``month`` is None for the default partition, which should be empty.

    ``keep_months`` is what holds for the table, None when everything is kept; ``may_go`` rows of ``batches``.
    """

    table: str
    partition: str
    month: dt.date | None
    rows: int
    may_go: int
    batches: int
    keep_months: int | None


def make_ahead(settings: Settings, ahead: int = AHEAD) -> dict[str, int]:
    """See that this month and those to come are there; rows per table that had come when theirs was not.

    Idempotent, cheap when nothing is missing; those rows are in their months afterwards.
    """
    with connect(settings, "flyover_sink") as connection:
        found = connection.execute("select landing_table, strays from landing.make_months_ahead(%s)", (ahead,))
        return {table: strays for table, strays in found if strays}


def survey(settings: Settings, months: int | None = None, today: dt.date | None = None) -> list[Month]:
    """Every month with rows, and how many of them may go.

    ``months`` is for how many months superseded versions are kept where the contract does not say.
    """
    with connect(settings, OWNER) as connection:
        return [month for contract in _all(settings) for month in _look(connection, contract, months, today)]


def forget(settings: Settings, months: int | None = None, today: dt.date | None = None) -> list[Month]:
    """Drop what may go; a transaction each table, so that stopping half-way leaves whole tables.

    Months of which nothing is left go too. Waits at most half a minute for who reads them.

    :raises OperationalError: when a month is in use for longer; run it again
    """
    done: list[Month] = []
    with connect(settings, OWNER) as connection:
        connection.execute("set lock_timeout = '30s'")
        connection.commit()
        for contract in _all(settings):
            with connection.transaction():
                going = [month for month in _look(connection, contract, months, today) if month.may_go]
                for month in going:
                    _make_anew(connection, contract, month)
                if going:
                    _remember(connection, contract, going)
                done.extend(going)
    return done


def _all(settings: Settings) -> list[Contract]:
    return sorted(contracts.load_all(settings.contracts_dir).values(), key=lambda contract: contract.table)


def _look(
    connection: Connection[Any], contract: Contract, months: int | None, today: dt.date | None
) -> Iterator[Month]:
    """Rows by partition; leaves those that may go in the working table ``going``."""
    keep = contract.landing_months or months
    connection.execute("drop table if exists pg_temp.going")
    connection.execute(
        SQL(_GOING).format(table=Identifier(contract.table)), {"before": _cut(keep, today or dt.datetime.now(dt.UTC))}
    )
    for partition, rows, may_go, batches in connection.execute(
        SQL(_BY_PARTITION).format(table=Identifier("landing", contract.table))
    ).fetchall():
        yield Month(contract.table, partition, _month_of(partition), rows, may_go, batches, keep)


def _cut(keep: int | None, today: dt.date) -> dt.datetime | None:
    """First moment of the oldest month that is kept whole."""
    if keep is None:
        return None
    years, month = divmod(today.year * 12 + today.month - 1 - keep, 12)
    return dt.datetime(years, month + 1, 1, tzinfo=dt.UTC)


def _month_of(partition: str) -> dt.date | None:
    found = re.search(r"__(\d{4})_(\d{2})$", partition)
    return dt.date(int(found[1]), int(found[2]), 1) if found else None


def _make_anew(connection: Connection[Any], contract: Contract, month: Month) -> None:
    """Write a month anew with the rows that stay: its place on disk comes back at once, and it has no holes."""
    place = Identifier("landing", month.partition)
    if month.rows == month.may_go and month.month is not None:
        connection.execute(SQL("drop table {}").format(place))
        return
    connection.execute(SQL("lock table {} in access exclusive mode").format(place))
    connection.execute(
        SQL(
            "create temporary table staying on commit drop as select * from {} as l "
            "where not exists (select from pg_temp.going as g where g.row_id = l._row_id)"
        ).format(place)
    )
    connection.execute(SQL("truncate {}").format(place))
    connection.execute(SQL("insert into {} select * from pg_temp.staying").format(place))
    connection.execute("drop table pg_temp.staying")


def _remember(connection: Connection[Any], contract: Contract, gone: list[Month]) -> None:
    connection.execute(
        "insert into landing.forgotten as f (batch_id, rows) select batch_id, count(*) from pg_temp.going "
        "group by batch_id order by batch_id "
        "on conflict (batch_id) do update set rows = f.rows + excluded.rows, forgotten_at = now()"
    )
    connection.execute(
        "insert into audit.entry (action, object, detail) values ('retention', %s, jsonb_build_object("
        "'rows', %s::bigint, 'partitions', %s::text[], 'keep_months', %s::integer))",
        (
            contract.table,
            sum(month.may_go for month in gone),
            [month.partition for month in gone],
            gone[0].keep_months,
        ),
    )


# Rows that everyone who reads released could see, and of which a later version is in core since before the cut. Waived
# rows stay: their waiver may end, which their entry has to show.
_GOING = """
create temporary table going as
with taken_in as (
    select batch_id from quality.batch
    where status = 'released' and modelled_at is not null and judged_at < %(before)s::timestamptz
),

superseding as (
    select r._agency_code, r._record_id, max(r._version) as version
    from released.{table} as r
    where r._batch_id in (select batch_id from taken_in)
    group by r._agency_code, r._record_id
)

select r._row_id as row_id, r._batch_id as batch_id
from released.{table} as r
inner join superseding as s
    on r._agency_code = s._agency_code and r._record_id = s._record_id and r._version < s.version
where r._landed_at < %(before)s::timestamptz
    and not exists (select from quarantine.{table} as q where q.row_id = r._row_id)
"""
_BY_PARTITION = """
select
    c.relname,
    count(*),
    count(g.row_id),
    count(distinct g.batch_id)
from {table} as l
inner join pg_class as c on l.tableoid = c.oid
left join pg_temp.going as g on l._row_id = g.row_id
group by c.relname
order by c.relname
"""
