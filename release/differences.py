"""What differs between two pictures of a warehouse, in the words its engineer would use."""

from __future__ import annotations

import math
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from release.candidates import Slice
from release.picture import Figure, Picture, Verdict

_NOTHING = 1e-9
"""Sums of fractions may be added up in another order."""


@dataclass(frozen=True)
class BatchChange:
    """A batch whose verdict or books came out otherwise."""

    batch_id: uuid.UUID
    before: Verdict
    after: Verdict


@dataclass(frozen=True)
class RuleChange:
    """A rule that other rows fail than before; None where it did not exist. ``batches``: how many judge otherwise."""

    rule_id: str
    severity_before: str | None
    severity_after: str | None
    failed_before: int | None
    failed_after: int | None
    batches: int


@dataclass(frozen=True)
class RelationChange:
    """A relation of core with other rows than before; None where it did not exist."""

    relation: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class NumberChange:
    """A number that readers would see otherwise."""

    slice: Slice
    before: Figure | None
    after: Figure | None

    @property
    def kind(self) -> Literal["added", "gone", "status", "changed"]:
        """What became of it: ``status`` where it was, or is, not published."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "gone"
        return "status" if self.before.status != self.after.status else "changed"

    @property
    def by(self) -> float | None:
        """How much larger the value is now."""
        if self.before is None or self.after is None or self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value


@dataclass(frozen=True)
class Differences:
    """Everything that came out otherwise."""

    batches: tuple[BatchChange, ...]
    rules: tuple[RuleChange, ...]
    relations: tuple[RelationChange, ...]
    numbers: tuple[NumberChange, ...]

    def __bool__(self) -> bool:
        return bool(self.batches or self.rules or self.relations or self.numbers)


def between(before: Picture, after: Picture) -> Differences:
    """Compare two pictures; each list in a stable order, numbers by how they sort in a release."""
    return Differences(
        _batches(before, after), _rules(before, after), _relations(before, after), numbers(before, after)
    )


def _batches(before: Picture, after: Picture) -> tuple[BatchChange, ...]:
    both = before.verdicts.keys() & after.verdicts.keys()
    changes = [BatchChange(batch, before.verdicts[batch], after.verdicts[batch]) for batch in both]
    moved = [change for change in changes if change.before != change.after]
    return tuple(sorted(moved, key=lambda c: (c.before.agency_code, c.before.table, str(c.batch_id))))


def _rules(before: Picture, after: Picture) -> tuple[RuleChange, ...]:
    by_rule: dict[str, list[uuid.UUID]] = defaultdict(list)
    for batch, rule in before.findings.keys() | after.findings.keys():
        if before.findings.get((batch, rule)) != after.findings.get((batch, rule)):
            by_rule[rule].append(batch)
    return tuple(_rule(rule, before, after, len(batches)) for rule, batches in sorted(by_rule.items()))


def _rule(rule_id: str, before: Picture, after: Picture, batches: int) -> RuleChange:
    then = [finding for (_, rule), finding in before.findings.items() if rule == rule_id]
    now = [finding for (_, rule), finding in after.findings.items() if rule == rule_id]
    return RuleChange(
        rule_id,
        then[-1].severity if then else None,
        now[-1].severity if now else None,
        sum(finding.failed for finding in then) if then else None,
        sum(finding.failed for finding in now) if now else None,
        batches,
    )


def _relations(before: Picture, after: Picture) -> tuple[RelationChange, ...]:
    names: Iterable[str] = sorted(before.relations.keys() | after.relations.keys())
    changes = (RelationChange(name, before.relations.get(name), after.relations.get(name)) for name in names)
    return tuple(change for change in changes if change.before != change.after)


def numbers(before: Picture, after: Picture) -> tuple[NumberChange, ...]:
    """The numbers alone."""
    slices = before.numbers.keys() | after.numbers.keys()
    changes = (NumberChange(where, before.numbers.get(where), after.numbers.get(where)) for where in slices)
    moved = [change for change in changes if not _same(change.before, change.after)]
    return tuple(sorted(moved, key=lambda change: _order(change.slice)))


def _order(where: Slice) -> tuple[str, ...]:
    return where.indicator_code, where.method, where.realm, where.period, where.area_code, where.dimension, where.member


def _same(before: Figure | None, after: Figure | None) -> bool:
    if before is None or after is None:
        return before is after
    pairs = (
        (before.value, after.value),
        (before.numerator, after.numerator),
        (before.denominator, after.denominator),
    )
    texts = (
        (before.status, before.unit, before.definition_version),
        (after.status, after.unit, after.definition_version),
    )
    return texts[0] == texts[1] and all(_equal(then, now) for then, now in pairs)


def _equal(then: float | None, now: float | None) -> bool:
    if then is None or now is None:
        return then is now
    return math.isclose(then, now, rel_tol=_NOTHING, abs_tol=_NOTHING)
