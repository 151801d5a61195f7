"""Records of a credit bank as they lie in landing, for tests that begin at the released views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from ledger import post
from ledger.events import Application, Deposit, Event, Expiry, Revocation, Transfer
from release.build import build_warehouse
from tests.released import Released

BANK = "bank-of-tests"
OUTCOMES, DEPOSITS, APPLICATIONS, COURSES, CROSS = (
    f"credit_bank__{entity}"
    for entity in ("learning_outcomes", "deposits", "applications", "shared_courses", "cross_enrolments")
)
Row = dict[str, Any]


def outcome(outcome_id: str, *, person: str | None = "p-1", **more: Any) -> Row:
    return {
        "outcome_id": outcome_id, "outcome_kind": "certificate", "title": outcome_id, "issuer_id": "12330000MB0000001X",
        "awarded_on": dt.date(2023, 1, 1), "form": "csv", "_person_key": person,
        "_id_status": "valid" if person else "missing", **more,
    }  # fmt: skip


def deposit(outcome_id: str, credits_: float, day: dt.date, *, account: str = "6230-0001", **more: Any) -> Row:
    return {
        "deposit_id": f"d-{outcome_id}", "account_no": account, "outcome_id": outcome_id, "category": "training",
        "credits": credits_, "deposited_on": day, "status": "active", **more,
    }  # fmt: skip


def application(
    number: str, outcome_id: str, credits_: float, day: dt.date, *, account: str = "6230-0001", **more: Any
) -> Row:
    return {
        "application_id": number, "outcome_id": outcome_id, "account_no": account, "institution_code": "4133010335",
        "programme_code": "EE", "programme_credits": 76, "credits_applied": credits_, "credits_recognised": credits_,
        "is_online": False, "applied_on": day, "decided_on": day, "decision": "recognised", **more,
    }  # fmt: skip


def course(code: str = "ai-101", **more: Any) -> Row:
    return {
        "course_code": code, "institution_code": "4133010338", "title": "人工智能通识", "credits": 2,
        "delivery": "online", **more,
    }  # fmt: skip


def cross(number: str, *, person: str | None = "p-1", **more: Any) -> Row:
    return {
        "enrolment_id": number, "course_code": "ai-101", "home_institution_code": "4133010335",
        "enrolled_on": dt.date(2024, 3, 1), "ended_on": dt.date(2024, 7, 1), "status": "completed",
        "credits_awarded": 2, "_person_key": person, "_id_status": "valid" if person else "missing", **more,
    }  # fmt: skip


def of_events(events: Iterable[Event], person: str, prefix: str) -> list[tuple[str, Row]]:
    """The records that tell of these events, of a person of their own; days of withdrawals no record tells."""
    outcomes: dict[str, Row] = {}
    rows: list[tuple[str, Row]] = []
    known = list(events)
    for event in known:
        if isinstance(event, Deposit):
            what = event.outcome
            outcomes[what.outcome_id] = outcome(
                prefix + what.outcome_id, person=person, title=what.title, outcome_kind=what.kind,
                stacks_into=f"{prefix}{what.outcome_id}",
            )  # fmt: skip
            rows.append((DEPOSITS, deposit(
                prefix + what.outcome_id, float(event.credits), event.day, account=prefix + event.owner,
                deposit_id=prefix + event.origin.record_id, category=event.category,
            )))  # fmt: skip
    for event in known:
        if isinstance(event, Revocation):
            outcomes[event.outcome_id]["revoked_on"] = event.day
        elif isinstance(event, Expiry):
            outcomes[event.outcome_id]["valid_until"] = event.day - dt.timedelta(days=1)
        elif isinstance(event, Application):
            rows.append((APPLICATIONS, _asked(event, prefix)))
        elif isinstance(event, Transfer):
            rows.append((COURSES, course(f"{prefix}{event.outcome_id}")))
            rows.append((CROSS, cross(
                prefix + event.origin.record_id, person=person, course_code=f"{prefix}{event.outcome_id}",
                credits_awarded=float(event.credits), ended_on=event.day, enrolled_on=dt.date(2023, 9, 1),
            )))  # fmt: skip
    return [*((OUTCOMES, row) for row in outcomes.values()), *rows]


def _asked(event: Application, prefix: str) -> Row:
    decision = "pending" if event.day is None else "recognised" if event.said else "refused"
    return application(
        prefix + event.application_id, prefix + event.outcome_id, float(event.applied), event.applied_on,
        account=prefix + event.owner, programme_code=event.programme_code,
        programme_credits=float(event.programme_credits), decided_on=event.day, decision=decision,
        credits_recognised=float(event.said), is_online=event.is_online,
        overlap_pct=None if event.overlap_pct is None else float(event.overlap_pct),
    )  # fmt: skip


def tell(bank: Released, rows: Sequence[tuple[str, Row]], version: int = 1) -> None:
    """Release these records, one batch an entity."""
    for table in (OUTCOMES, COURSES, DEPOSITS, APPLICATIONS, CROSS):
        mine = [{**row, "_version": row.get("_version", version)} for entity, row in rows if entity == table]
        if mine:
            bank.release(table, BANK, mine)


def settle(bank: Released, *, today: dt.date | None = None, full_refresh: bool = False) -> post.PostReport:
    """Build, post, and build again what was posted."""
    build_warehouse(bank.settings, full_refresh=full_refresh)
    report = post.post(bank.settings, today=today)
    build_warehouse(bank.settings)
    return report


def balances(bank: Released, on: dt.date | None = None, known: dt.datetime | None = None) -> list[tuple[Any, ...]]:
    """What each account holds, by outcome."""
    return bank.rows(
        "select account_kind, owner_id, coalesce(programme_code, ''), outcome_id, amount::float8 "
        "from ledger.balances(coalesce(%s::date, current_date), coalesce(%s::timestamptz, 'infinity')) "
        "order by 1, 2, 3, 4",
        on,
        known,
    )
