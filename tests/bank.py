"""Events of a credit bank in a few words, for tests of its ledger."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal

from ledger.events import Application, Deposit, Event, Expiry, Origin, Outcome, Revocation, Transfer, Withdrawal

AGENCY, SCHOOL, PROGRAMME, ACCOUNT = "bank-of-tests", "4133010335", "EE", "6230-0001"
DAY_ONE = dt.date(2024, 1, 1)


def on(day: int) -> dt.date:
    return DAY_ONE + dt.timedelta(days=day)


def origin(entity: str, record: str) -> Origin:
    return Origin(AGENCY, f"credit_bank__{entity}", record, "00000000-0000-0000-0000-000000000000")


def outcome(
    name: str, *, title: str | None = None, kind: str = "certificate", awarded: float | None = None,
    framework: str | None = None, hours: float | None = None,
) -> Outcome:  # fmt: skip
    return Outcome(
        name, kind, title or name, "12330000MB0000001X", None if awarded is None else money(awarded), framework,
        None if hours is None else money(hours),
    )  # fmt: skip


def deposit(
    day: int, of: Outcome | str, amount: float, *, account: str = ACCOUNT, record: str | None = None,
    category: str = "training",
) -> Deposit:  # fmt: skip
    what = outcome(of) if isinstance(of, str) else of
    return Deposit(
        on(day), origin("deposits", record or f"d-{what.outcome_id}"), account, what, category, money(amount)
    )


def apply(
    day: int | None, of: str, amount: float, *, said: float | None = None, name: str = "a-1", of_credits: float = 76,
    applied: int | None = None, overlap: float | None = None, online: bool = False, account: str = ACCOUNT,
    at: str = SCHOOL, programme: str = PROGRAMME,
) -> Application:  # fmt: skip
    asked = applied if applied is not None else (day or 0)
    return Application(
        None if day is None else on(day), origin("applications", f"{name}|{of}"), account, name, of, at, programme,
        on(asked), money(of_credits), money(amount), money(amount if said is None else said),
        None if overlap is None else money(overlap), online,
    )  # fmt: skip


def transfer(day: int, name: str, amount: float, *, shown_by: str | None = None) -> Transfer:
    return Transfer(
        on(day), origin("cross_enrolments", name), f"cross_enrolments|{name}", "4133010338", SCHOOL, "ai-101",
        money(amount), shown_by,
    )  # fmt: skip


def revoke(day: int, of: str) -> Revocation:
    return Revocation(on(day), origin("learning_outcomes", of), of)


def expire(day: int, of: str) -> Expiry:
    return Expiry(on(day), origin("learning_outcomes", of), of)


def withdraw(day: int, of: str) -> Withdrawal:
    return Withdrawal(on(day), origin("deposits", f"d-{of}"), of)


def money(amount: float) -> Decimal:
    return Decimal(str(amount))


def history(seed: int) -> list[Event]:
    """A random life at the bank: several outcomes, some at two levels, some void, asked for more than once."""
    draw = random.Random(seed)
    names = [f"o{n}" for n in range(draw.randint(1, 5))]
    events: list[Event] = []
    for name in names:
        level, group = draw.choice("三四"), draw.choice("甲乙丙丁")
        what = outcome(name, title=f"{group}工（{level}级）", kind=draw.choice(["certificate", "self_taught_exam"]))
        for copy in range(draw.choice([1, 1, 1, 2])):
            account = draw.choice([ACCOUNT, ACCOUNT, "6230-0002"])
            day, amount = draw.randint(0, 60), draw.randint(1, 12)
            events.append(deposit(day, what, amount, account=account, record=f"d-{name}-{copy}"))
        events += _ends(draw, name)
        if draw.random() < 0.3:
            events.append(transfer(draw.randint(10, 120), f"x-{name}", draw.randint(1, 8), shown_by=name))
    for number in range(draw.randint(0, 5)):
        events += _application(draw, f"a-{number}", names)
    return events


def _ends(draw: random.Random, name: str) -> list[Event]:
    ends: list[Event] = []
    if draw.random() < 0.3:
        ends.append(revoke(draw.randint(0, 150), name))
    if draw.random() < 0.3:
        ends.append(expire(draw.randint(0, 150), name))
    if draw.random() < 0.2:
        ends.append(withdraw(draw.randint(0, 150), name))
    return ends


def _application(draw: random.Random, name: str, outcomes: Sequence[str]) -> list[Event]:
    applied = draw.randint(0, 100)
    day = None if draw.random() < 0.15 else applied + draw.randint(0, 40)
    at, of_credits = draw.choice(["EE", "CS"]), draw.choice([12, 20, 76])
    return [
        apply(
            day, of, (asked := draw.randint(1, 10)), said=draw.randint(0, asked), name=name, of_credits=of_credits,
            applied=applied, overlap=draw.choice([None, 60, 80, 95]), online=draw.random() < 0.5, programme=at,
            account=draw.choice([ACCOUNT, ACCOUNT, ACCOUNT, "6230-0002"]),
        )
        for of in draw.sample(outcomes, draw.randint(1, len(outcomes)))
    ]  # fmt: skip
