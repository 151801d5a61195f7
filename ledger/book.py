"""A holder's book: what all events about one holder come to, and where the bank's word and the rules differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ledger.conversion import Assessed
from ledger.events import Origin
from ledger.postings import Posting
from ledger.rules import Rule

Reason = Literal[
    "deposited_before", "void_before_deposit", "used_before_deposit", "other_worth", "void_before_transfer",
    "used_before_transfer", "outcome_not_deposited", "other_account", "no_rule", "stopped_by_rules",
    "less_than_rules_give",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The bank says one thing and the rules give another; both are kept."""

    origin: Origin
    owner: str
    reason: Reason
    bank_says: Decimal
    rules_give: Decimal | None
    steps: tuple[str, ...] = ()
    """of the conversion that took something away"""
    rule_version: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """One line of an application as it was decided here; for whoever asks why."""

    assessed: Assessed
    rule: Rule


@dataclass(slots=True)
class Book:
    """What the events of one holder come to."""

    postings: list[Posting] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
