"""Double entry: accounts, entries and the postings they make, each of which sums to zero per unit.

Debit is positive: it adds to what an account holds. Issuers' accounts hold the other side of every deposit, so theirs
fall below zero by nature; no other account may.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeVar

from ledger.events import Origin

AccountKind = Literal["issued", "available", "recognised", "expired", "revoked", "withdrawn"]
PostingKind = Literal["deposit", "conversion", "transfer", "expiry", "revocation", "withdrawal", "reversal"]
CREDIT = "credit"
MAY_OWE: frozenset[AccountKind] = frozenset({"issued"})
Id = TypeVar("Id")
_NAMESPACE = uuid.UUID("5f2f0c52-7d55-5d0c-9a34-3c0f6a2b8f10")


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the ledger.

    ``issued`` belongs to an issuer; all others to a holder (``owner``: account number, or the enrolment that stands for
    a person). ``recognised`` is one programme of one receiving institution.
    """

    agency_code: str
    kind: AccountKind
    owner: str
    institution_code: str | None = None
    programme_code: str | None = None

    @property
    def key(self) -> uuid.UUID:
        """The same in every environment."""
        parts = (self.agency_code, self.kind, self.owner, self.institution_code or "", self.programme_code or "")
        return uuid.uuid5(_NAMESPACE, "\x1f".join(parts))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a posting: an amount on an account, of one outcome where there is one."""

    account: Account
    amount: Decimal
    outcome_id: str | None
    unit: str = CREDIT


@dataclass(frozen=True, slots=True)
class Posting:
    """What one event did to the accounts."""

    kind: PostingKind
    effective_on: dt.date
    origin: Origin
    owner: str
    entries: tuple[Entry, ...]
    rule_version: str | None = None
    category: str | None = None

    @property
    def key(self) -> uuid.UUID:
        """Stands for everything that was posted and why, but not for the version of the record that told it."""
        told = [self.kind, self.effective_on.isoformat(), self.origin.agency_code, self.origin.source_entity,
            self.origin.record_id, self.owner, self.rule_version or "", self.category or ""]  # fmt: skip
        for entry in self.entries:
            told += [str(entry.account.key), plain(entry.amount), entry.outcome_id or "", entry.unit]
        return uuid.uuid5(_NAMESPACE, "\x1f".join(told))


@dataclass(frozen=True, slots=True)
class Booked:
    """A posting as the ledger keeps it. ``reverses`` names the posting that a reversal undoes."""

    posting_id: int
    posting: Posting
    recorded_at: dt.datetime
    reverses: int | None = None


def move(
    kind: PostingKind, day: dt.date, origin: Origin, owner: str, taken: Account, given: Account, amount: Decimal,
    outcome_id: str | None, *, rule_version: str | None = None, category: str | None = None,
) -> Posting:  # fmt: skip
    """The posting that takes an amount off one account and puts it on another."""
    entries = (Entry(given, amount, outcome_id), Entry(taken, -amount, outcome_id))
    return Posting(kind, day, origin, owner, entries, rule_version, category)


def reversal(posting: Posting) -> Posting:
    """The posting that takes another one back, on the day that one was effective."""
    entries = tuple(Entry(entry.account, -entry.amount, entry.outcome_id, entry.unit) for entry in posting.entries)
    return Posting("reversal", posting.effective_on, posting.origin, posting.owner, entries, posting.rule_version,
        posting.category)  # fmt: skip


def difference(live: Iterable[tuple[Id, uuid.UUID]], wanted: Iterable[Posting]) -> tuple[list[Id], list[Posting]]:
    """What to reverse and what to add so that the live postings become the wanted ones; both empty when they are.

    Live are the postings that no reversal has undone, each with its key.
    """
    by_key = {posting.key: posting for posting in wanted}
    surplus = [posting for posting, key in live if by_key.pop(key, None) is None]
    return surplus, list(by_key.values())


def balances(
    booked: Iterable[Booked], on: dt.date, known: dt.datetime | None = None
) -> dict[tuple[Account, str | None, str], Decimal]:
    """What every account holds, by outcome and unit, on a day, by what was known at a moment; zeros are left out."""
    sums: dict[tuple[Account, str | None, str], Decimal] = defaultdict(Decimal)
    for line in booked:
        if line.posting.effective_on <= on and (known is None or line.recorded_at <= known):
            for entry in line.posting.entries:
                sums[entry.account, entry.outcome_id, entry.unit] += entry.amount
    return {place: amount for place, amount in sums.items() if amount}


def is_balanced(posting: Posting) -> bool:
    """Whether the entries sum to zero in every unit."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for entry in posting.entries:
        sums[entry.unit] += entry.amount
    return not any(sums.values())


def live(booked: Sequence[Booked]) -> list[Booked]:
    """Those that are no reversal and were not reversed."""
    undone = {line.reverses for line in booked}
    return [line for line in booked if line.reverses is None and line.posting_id not in undone]


def plain(amount: Decimal) -> str:
    """One spelling of a number, whatever the number of its zeros: 3, 3.0 and 3.00 are one amount."""
    return f"{amount.normalize():f}"
