"""Questions people ask of the ledger: what an account holds, how it came about, and why an application came out so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ledger import play, reading, rules
from ledger.book import Decided, Disagreement
from ledger.conversion import STEPS, Step
from ledger.events import Application
from pipeline.db import Connection, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings

ROLE = "engineer"
_OWNERS = """
select agency_code, owner_id from core.fct_credit_entry
where owner_id = %(who)s or learner_key::text = %(who)s
group by agency_code, owner_id
order by agency_code, owner_id
"""
_HELD = """
select
    held.agency_code, held.account_kind, held.owner_id, held.institution_code, held.programme_code, held.outcome_id,
    held.amount, held.unit
from unnest(%(agencies)s::text[], %(owners)s::text[]) as wanted (agency_code, owner_id)
cross join lateral (
    select * from ledger.balances(%(on)s, coalesce(%(known)s::timestamptz, 'infinity')) as balances
    where balances.agency_code = wanted.agency_code and balances.owner_id = wanted.owner_id
    offset 0  -- owner by owner: joined to all balances, everybody's would be added up first
) as held
where held.account_kind <> 'issued'
order by held.agency_code, held.owner_id, held.account_kind, held.institution_code, held.programme_code, held.outcome_id
"""
_POSTED = """
select
    posting_id, recorded_at, effective_on, kind, source_entity || ' ' || record_id as record, account_kind,
    coalesce(programme_code, ''), outcome_id, amount, rule_version, reverses
from ledger.entries
where (agency_code, owner_id) in (select * from unnest(%(agencies)s::text[], %(owners)s::text[]))
    and effective_on <= %(on)s and recorded_at <= coalesce(%(known)s::timestamptz, 'infinity')
order by effective_on, posting_id, line
"""


@dataclass(frozen=True)
class Statement:
    """What the accounts of one number, or of one learner, hold and how that came about."""

    held: Sequence[tuple[Any, ...]]
    """agency, kind of account, owner, institution, programme, outcome, amount, unit"""
    posted: Sequence[tuple[Any, ...]]
    """posting, recorded, effective, kind, record, kind of account, programme, outcome, amount, rule, reverses"""


@dataclass(frozen=True)
class Explained:
    """One line of an application: what was asked and said, what each step left, and why not more."""

    outcome_id: str
    title: str
    rule_version: str | None
    applied: Decimal
    bank_says: Decimal
    after: dict[Step, Decimal]
    recognised: Decimal
    why: str


def account(settings: Settings, who: str, on: dt.date, known: dt.datetime | None) -> Statement:
    """The statement of an account, or of all accounts of a learner, on a day by what was known at a moment.

    :raises BadInput: when no posting is of this account or learner
    """
    with connect(settings, ROLE) as connection:
        owners = connection.execute(_OWNERS, {"who": who}).fetchall()
        if not owners:
            raise BadInput(
                "no posting is of this account or learner", advice="./flyover credits post brings the ledger up."
            )
        posted = connection.execute(_POSTED, _values(owners, on, known)).fetchall()
        return Statement(held(connection, owners, on, known), posted)


def held(
    connection: Connection, owners: Sequence[tuple[str, str]], on: dt.date, known: dt.datetime | None = None
) -> list[tuple[Any, ...]]:
    """What the accounts of these owners (agency, number) hold on a day: agency, kind, owner … amount, unit."""
    return connection.execute(_HELD, _values(owners, on, known)).fetchall()


def _values(owners: Sequence[tuple[str, str]], on: dt.date, known: dt.datetime | None) -> dict[str, Any]:
    agencies, numbers = zip(*owners, strict=True)
    return {"on": on, "known": known, "agencies": list(agencies), "owners": list(numbers)}


def explain(settings: Settings, application_id: str, today: dt.date) -> list[Explained]:
    """Every line of an application as the rules decide it now, worked out from the bank's records.

    :raises BadInput: when the bank has told of no such application
    """
    with connect(settings, ROLE) as connection:
        holders = _holders(connection, application_id)
        if not holders:
            raise BadInput(f"no application {application_id} is in the warehouse", advice="Look at its spelling.")
        return [line for holder in holders for line in _explained(connection, holder, application_id, today)]


def _holders(connection: Connection, application_id: str) -> list[reading.Holder]:
    if not reading.is_there(connection):
        return []
    found = connection.execute(
        f"select distinct agency_code, holder_key::text from {reading.EVENTS} where application_id = %s",  # noqa: S608
        (application_id,),
    )
    return [(agency, key) for agency, key in found]


def _explained(
    connection: Connection, holder: reading.Holder, application_id: str, today: dt.date
) -> Iterator[Explained]:
    for _, events in reading.of_holders(connection, [holder]):
        book = play.write(events, rules.load(), today)
        decided = {d.assessed.line.application.origin.record_id: d for d in book.decided}
        said = {d.origin.record_id: d for d in book.disagreements}
        for event in events:
            if isinstance(event, Application) and event.application_id == application_id:
                yield _line(event, decided.get(event.origin.record_id), said.get(event.origin.record_id))


def _line(application: Application, decided: Decided | None, said: Disagreement | None) -> Explained:
    if decided is None:
        why: str = said.reason if said else "refused by the institution"
        if application.day is None:
            why = "not decided yet"
        return Explained(
            application.outcome_id,
            "",
            None,
            application.applied,
            application.said,
            {},
            Decimal(0),
            why.replace("_", " "),
        )
    assessed = decided.assessed
    why = ", ".join(step.replace("_", " ") for step in assessed.bit)
    if not why:
        why = "the institution granted no more" if assessed.could_be_more else "nothing stopped it"
    return Explained(
        application.outcome_id, assessed.line.title, decided.rule.version, application.applied, application.said,
        {step: assessed.after[step] for step in STEPS}, assessed.recognised, why,
    )  # fmt: skip
