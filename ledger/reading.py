"""Reads the bank's events as dbt has laid them out: one row an event, in a list of columns that all kinds share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from ledger.events import Application, Deposit, Event, Expiry, Origin, Outcome, Revocation, Transfer, Withdrawal
from pipeline.db import Connection, dict_row

EVENTS: Final = "intermediate.int_credits__events"
Holder = tuple[str, str]
"""Agency and key of the learner"""


def is_there(connection: Connection) -> bool:
    """Whether dbt has laid out events yet."""
    row = connection.execute("select to_regclass(%s) is not null", (EVENTS,)).fetchone()
    return bool(row and row[0])


def of_holders(connection: Connection, holders: Iterable[Holder]) -> Iterator[tuple[Holder, list[Event]]]:
    """All events of these holders, holder by holder; those of whom nothing is told any more are left out."""
    agencies, keys = zip(*holders, strict=True)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"select events.* from {EVENTS} as events "  # noqa: S608 - a name of ours
            "inner join unnest(%s::text[], %s::uuid[]) as wanted (agency_code, holder_key) "
            "using (agency_code, holder_key) "
            "order by agency_code, holder_key",
            (list(agencies), list(keys)),
        ).fetchall()
    for holder, told in groupby(rows, key=lambda row: (row["agency_code"], str(row["holder_key"]))):
        yield holder, [event(row) for row in told]


def event(row: dict[str, Any]) -> Event:
    """The event of one row."""
    origin = Origin(row["agency_code"], row["source_entity"], row["record_id"], str(row["_event_id"]))
    kind, day, outcome = row["event_kind_code"], row["event_date"], row["outcome_id"]
    match kind:
        case "deposit":
            return _deposit(row, origin)
        case "application":
            return _application(row, origin)
        case "transfer":
            return Transfer(
                day, origin, row["owner_id"], row["teaching_institution_code"], row["institution_code"],
                row["programme_code"], row["bank_credits"], outcome,
            )  # fmt: skip
        case "revocation":
            return Revocation(day, origin, outcome)
        case "expiry":
            return Expiry(day, origin, outcome)
        case "withdrawal":
            return Withdrawal(day, origin, outcome)
        case _:
            raise ValueError(f"{EVENTS} has a kind of event nobody posts: {kind}")


def _deposit(row: dict[str, Any], origin: Origin) -> Deposit:
    outcome = Outcome(
        outcome_id=row["outcome_id"],
        kind=row["outcome_kind_code"],
        title=row["outcome_title"],
        issuer_id=row["issuer_id"],
        credits=row["outcome_credits"],
        framework=row["credit_framework_code"],
        hours=row["learning_hours"],
    )
    return Deposit(
        row["event_date"], origin, row["owner_id"], outcome, row["category_code"], row["bank_credits"],
        row["is_elsewhere"],
    )  # fmt: skip


def _application(row: dict[str, Any], origin: Origin) -> Application:
    return Application(
        day=row["event_date"],
        origin=origin,
        owner=row["owner_id"],
        application_id=row["application_id"],
        outcome_id=row["outcome_id"],
        institution_code=row["institution_code"],
        programme_code=row["programme_code"],
        applied_on=row["applied_date"],
        programme_credits=row["programme_credits"],
        applied=row["credits_applied"],
        said=row["credits_recognised"],
        overlap_pct=row["overlap_pct"],
        is_online=row["is_online"],
    )
