"""Brings the ledger to what the bank's records say now, in one transaction.

What follows from them and is missing is posted; what no longer follows is reversed. Nothing to do is nothing done, so
it is safe to repeat at any time.

Only holders of whom something moved since the last look are worked out anew, or of whom something falls due. A run that
posts takes a number of ``quality.released_seq``, by which core takes the postings in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from ledger import reading, rules
from ledger.reading import Holder
from ledger.rules import RuleBook
from ledger.run import Run
from pipeline import locks
from pipeline.db import Connection, connect, patiently, stage_run
from pipeline.settings import Settings
from pipeline.zone import ZONE

ROLE: Final = "flyover_ledger"
_HOLDERS_AT_ONCE: Final = 5_000
_NOBODY: Final = ("", "00000000-0000-0000-0000-000000000000")
"""Stands where owners are gone and no holder is touched"""


@dataclass(frozen=True)
class PostReport:
    """What a run did; ``run_id`` is None where there was nothing to post."""

    run_id: int | None = None
    holders: int = 0
    postings: int = 0
    reversals: int = 0
    disagreements: int = 0
    """new ones between the bank's word and the rules"""


def post(settings: Settings, *, today: dt.date | None = None, everything: bool = False) -> PostReport:
    """Post what is missing up to ``today`` (of the province) and reverse what no longer follows.

    :param everything: work out every holder anew, also those of whom nothing has moved
    :raises ledger.run.LedgerBroken: when an account would be overdrawn
    """
    day = today or dt.datetime.now(ZONE).date()

    def work() -> PostReport:
        with stage_run(settings, ROLE, "post", "ledger") as outcome, connect(settings, ROLE) as connection:
            report = _post(connection, rules.load(), day, everything)
            outcome["rows"] = report.postings + report.reversals
            return report

    return patiently(work)


def _post(connection: Connection, book_of_rules: RuleBook, today: dt.date, everything: bool) -> PostReport:
    connection.execute("select pg_advisory_xact_lock(%s)", (locks.LEDGER,))
    connection.execute("select pg_advisory_xact_lock_shared(%s)", (locks.BUILD,))
    if not reading.is_there(connection):
        return PostReport()
    holders = _moved(connection, book_of_rules.digest, today, everything)
    run = Run(connection, book_of_rules, today)
    for at in range(0, len(holders), _HOLDERS_AT_ONCE):
        run.take(holders[at : at + _HOLDERS_AT_ONCE])
    if holders:
        run.forget_gone_owners()
        connection.execute(_MARK)
    if run.postings or run.reversals:
        run.close()
    run_id = run.run_id if run.postings or run.reversals else None
    return PostReport(run_id, len(holders), run.postings, run.reversals, run.disagreements)


_TOUCHED: Final = f"""
create temporary table touched on commit drop as
with current as (
    select
        agency_code, owner_id, holder_key,
        md5(%(rules)s || string_agg(md5(events::text), '' order by source_entity, record_id, event_kind_code)) as digest
    from {reading.EVENTS} as events
    group by agency_code, owner_id, holder_key
),

moved as (
    select agency_code, current.holder_key, mark.holder_key as former_key
    from current
    full join ledger.mark as mark using (agency_code, owner_id)
    where current.digest is distinct from mark.digest
        or current.holder_key is distinct from mark.holder_key
        or mark.due_date <= %(today)s
        or %(everything)s
),

holders as (
    select agency_code, holder_key from moved where holder_key is not null
    union
    select agency_code, former_key from moved where former_key is not null
)

select agency_code, owner_id, current.holder_key, current.digest, null::date as due_date
from current
inner join holders using (agency_code, holder_key)
union all
select mark.agency_code, mark.owner_id, null, null, null
from ledger.mark as mark
left join current using (agency_code, owner_id)
where current.owner_id is null
"""  # noqa: S608 - a name of ours
_MARK: Final = """
with gone as (
    delete from ledger.mark as mark using touched
    where mark.agency_code = touched.agency_code and mark.owner_id = touched.owner_id and touched.holder_key is null
)

insert into ledger.mark (agency_code, owner_id, holder_key, digest, due_date)
select agency_code, owner_id, holder_key, digest, due_date from touched where holder_key is not null
on conflict (agency_code, owner_id) do update
set holder_key = excluded.holder_key, digest = excluded.digest, due_date = excluded.due_date
"""


def _moved(connection: Connection, digest: str, today: dt.date, everything: bool) -> list[Holder]:
    """Set aside the owners of whom something moved, with their holders' other owners; returns the holders."""
    connection.execute(_TOUCHED, {"rules": digest, "today": today, "everything": everything})
    connection.execute("analyze touched")
    found = connection.execute(
        "select distinct agency_code, holder_key::text from touched where holder_key is not null order by 1, 2"
    ).fetchall()
    gone = connection.execute("select exists (select from touched where holder_key is null)").fetchone()
    holders = [(agency, key) for agency, key in found]
    return holders or ([_NOBODY] if gone and gone[0] else [])
