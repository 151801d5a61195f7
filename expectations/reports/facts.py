"""What a quality page says, as values: counts, scores and row keys; the content of a row is in none of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.calendar import State
from expectations.rules.suites import Text

PARTS = ("released", "quarantined", "duplicate", "refused", "held")
"""Where a received row can be once its batch is judged."""
DIMENSIONS = ("completeness", "validity", "consistency", "uniqueness", "timeliness", "plausibility")
WHOLE = "all"
"""Stands for every table, or every dimension, in the views of scores."""

Scores = Mapping[str, Decimal | None]
"""Dimension (or ``all``) → score, 0 to 100; a dimension that nothing asks about is missing"""


@dataclass(frozen=True)
class Books:
    """received = released + quarantined + duplicate + refused + held, for batches that are judged."""

    received: int
    released: int
    quarantined: int
    duplicate: int
    refused: int
    held: int

    def share_pct(self, part: str) -> float:
        """Share of a part in what was received, 0 to 100."""
        return 100.0 * int(getattr(self, part)) / self.received if self.received else 0.0

    def __add__(self, other: Books) -> Books:
        return Books(*(getattr(self, name) + getattr(other, name) for name in ("received", *PARTS)))


NO_BOOKS = Books(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Point:
    """The score of one delivery, or of one batch."""

    judged_at: dt.datetime
    score: Decimal


@dataclass(frozen=True)
class RuleCount:
    """How often a rule was failed in one table of one agency lately, and what of it still waits."""

    agency_code: str
    entity_table: str
    rule_id: str
    severity: str
    dimension: str | None
    scope: str | None
    evaluated: int
    failed: int
    batches: int
    waiting: int
    returned: int
    """of those that wait: with the agency, to be sent again"""


@dataclass(frozen=True)
class FieldCount:
    """How often rules that look at a field were failed."""

    entity_table: str
    field: str
    rules: int
    failed: int


@dataclass(frozen=True)
class BatchLine:
    """One batch in a list."""

    batch_id: uuid.UUID
    agency_code: str
    entity_table: str
    status: str
    judged_at: dt.datetime
    replay_of: uuid.UUID | None
    books: Books
    score: Decimal | None
    failed: Sequence[str]
    """rules it failed, those of most rows first"""


@dataclass(frozen=True)
class Evidence:
    """What a rule about the whole batch saw, and, where it compares with the past, what it had expected."""

    rule_id: str
    observed: str | None
    compared: Mapping[str, Any] | None


@dataclass(frozen=True)
class HeldBatch:
    """A batch that was held: by which rules, and how it ended."""

    batch_id: uuid.UUID
    agency_code: str
    entity_table: str
    month: str
    judged_at: dt.datetime
    received: int
    decided_at: dt.datetime | None
    ended: str
    evidence: Sequence[Evidence]


@dataclass(frozen=True)
class Feed:
    """One table of one agency."""

    agency_code: str
    table: str
    books: Books
    batches: int
    under_way: int
    held_batches: int
    waiting: int
    """rows in quarantine that nobody has decided about, or that the agency is to send again"""
    judged_at: dt.datetime | None
    scores: Scores
    trend: Sequence[Point]

    @property
    def score(self) -> Decimal | None:
        """Over all dimensions; none where nothing was checked."""
        return self.scores.get(WHOLE)


@dataclass(frozen=True)
class AgencyFacts:
    """One agency."""

    code: str
    name: Text
    area: str
    punctuality: State | None
    deadline: dt.datetime | None
    feeds: Sequence[Feed]
    scores: Scores
    trend: Sequence[Point]
    rules: Sequence[RuleCount]
    fields: Sequence[FieldCount]
    batches: Sequence[BatchLine]
    held: Sequence[HeldBatch]
    """those that wait, then those decided lately"""
    months: Sequence[str]
    """that have a scorecard, latest first"""

    @property
    def books(self) -> Books:
        """Books over all its tables."""
        return sum((feed.books for feed in self.feeds), NO_BOOKS)

    @property
    def waiting(self) -> int:
        """Rows that wait for a decision or to be sent again."""
        return sum(feed.waiting for feed in self.feeds)

    @property
    def held_batches(self) -> int:
        """Batches that wait for a decision."""
        return sum(feed.held_batches for feed in self.feeds)

    @property
    def score(self) -> Decimal | None:
        """Over all dimensions; none where nothing was checked."""
        return self.scores.get(WHOLE)

    @property
    def is_late(self) -> bool:
        """Whether its latest deadline has passed without a delivery."""
        return self.punctuality == "late"

    @property
    def urgency(self) -> tuple[object, ...]:
        """Sorts what an officer should look at first to the front."""
        return (
            -self.held_batches,
            not self.is_late,
            Decimal(101) if self.score is None else self.score,
            -self.waiting,
            self.code,
        )


@dataclass(frozen=True)
class Failure:
    """A rule that a batch failed."""

    rule_id: str
    agency_code: str
    batch_id: uuid.UUID
    judged_at: dt.datetime
    evaluated: int
    failed: int


@dataclass(frozen=True)
class Threshold:
    """What a rule that compares with the past last saw of one agency."""

    rule_id: str
    agency_code: str
    batch_id: uuid.UUID
    judged_at: dt.datetime
    passed: bool
    compared: Mapping[str, Any]


@dataclass(frozen=True)
class Version:
    """One wording of a rule."""

    rule_id: str
    fingerprint: str
    first_used_at: dt.datetime
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """Everything the pages show but the details of single batches."""

    agencies: Mapping[str, AgencyFacts]
    failures: Mapping[str, Sequence[Failure]]
    thresholds: Mapping[str, Sequence[Threshold]]
    versions: Mapping[str, Sequence[Version]]

    @property
    def books(self) -> Books:
        """Books over all agencies."""
        return sum((agency.books for agency in self.agencies.values()), NO_BOOKS)

    @property
    def has_simulated(self) -> bool:
        """Whether any agency shown is invented."""
        return any(agency.area == "simulated" for agency in self.agencies.values())

    @property
    def by_urgency(self) -> Sequence[AgencyFacts]:
        """Agencies, those to look at first first."""
        return sorted(self.agencies.values(), key=lambda agency: agency.urgency)

    @property
    def worst_feeds(self) -> Sequence[Feed]:
        """Tables with something wrong: held first, then by score."""
        found = [
            feed
            for agency in self.agencies.values()
            for feed in agency.feeds
            if feed.held_batches or feed.waiting or (feed.score is not None and feed.score < 100)
        ]
        return sorted(found, key=lambda f: (-f.held_batches, 101 if f.score is None else f.score, -f.waiting, f.table))


NO_FACTS = Facts({}, {}, {}, {})
