"""What happened at the credit bank, one class a kind of event, as the records of its deliveries tell it.

Events are about one agency. They come in any order; what follows from them depends on their days alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Origin:
    """The record that tells of an event; ``event_id`` is its latest version's, for tracing only."""

    agency_code: str
    source_entity: str
    record_id: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was learnt and can be shown."""

    outcome_id: str
    kind: str
    title: str
    issuer_id: str
    credits: Decimal | None
    """in ``framework``, not in credits of the bank"""
    framework: str | None
    hours: Decimal | None


@dataclass(frozen=True, slots=True)
class Deposit:
    """An outcome is laid into an account; the first deposit opens the account."""

    day: dt.date
    origin: Origin
    owner: str
    """number of the account: a pseudonym"""
    outcome: Outcome
    category: str
    credits: Decimal
    """of the bank, by the bank's word"""
    is_elsewhere: bool = False
    """another account received the same outcome before"""


@dataclass(frozen=True, slots=True)
class Application:
    """One outcome in one application for recognition."""

    day: dt.date | None
    """it was decided; None while it is pending"""
    origin: Origin
    owner: str
    application_id: str
    outcome_id: str
    institution_code: str
    programme_code: str
    applied_on: dt.date
    programme_credits: Decimal
    applied: Decimal
    said: Decimal
    """recognised by the institution's word"""
    overlap_pct: Decimal | None
    is_online: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """Credits earned in another institution's course, which the home institution takes over from the catalogue."""

    day: dt.date
    origin: Origin
    owner: str
    """stands for the person: a cross-institution enrolment names no account"""
    teaching_institution_code: str
    institution_code: str
    """of home, which receives"""
    programme_code: str
    """the course in the catalogue"""
    credits: Decimal
    outcome_id: str | None = None
    """the outcome that shows it, where the holder has one that counts towards the course"""


@dataclass(frozen=True, slots=True)
class Revocation:
    """An outcome is void from this day on."""

    day: dt.date
    origin: Origin
    outcome_id: str


@dataclass(frozen=True, slots=True)
class Expiry:
    """First day on which what was not used of an outcome is lost."""

    day: dt.date
    origin: Origin
    outcome_id: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The holder takes what is left of a deposit out of the bank."""

    day: dt.date
    origin: Origin
    outcome_id: str


Event = Deposit | Application | Transfer | Revocation | Expiry | Withdrawal
