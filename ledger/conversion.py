"""How many credits of an application may be recognised, step by step: the rules as arithmetic, without an account.

An application's lines are decided together. Each step bounds every line further: what lies in the account, overlap,
highest of duplicates, cap on what was learnt online, cap on the whole. Within a step lines take their turn from the
largest to the smallest, so that of two levels of one certificate the higher counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from ledger.events import Application
from ledger.rules import Rule

Step = Literal["in_account", "overlap", "duplicates", "online_cap", "total_cap"]
STEPS: Final[tuple[Step, ...]] = ("in_account", "overlap", "duplicates", "online_cap", "total_cap")
_NOTHING, _HUNDRED = Decimal(0), Decimal(100)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an application with what must be known of its outcome."""

    application: Application
    kind: str
    title: str
    available: Decimal
    """of the outcome in the applicant's account, on the day of the decision"""


@dataclass(frozen=True, slots=True)
class Room:
    """What is left for the holder on the day of the decision, before this application."""

    recognised: Decimal
    """in the programme so far"""
    recognised_online: Decimal
    highest: Mapping[str, Decimal]
    """by base title: credits of the highest of the holder's certificates of that title"""
    used: Mapping[str, Decimal]
    """by base title: credits recognised already, wherever"""


@dataclass(frozen=True, slots=True)
class Assessed:
    """One line after all steps. ``after`` says what was left of it behind each step."""

    line: Line
    after: Mapping[Step, Decimal]
    recognised: Decimal
    could_be_more: Decimal
    """the rules would have given beyond what the institution granted, all else being as it is"""

    @property
    def by_rules(self) -> Decimal:
        """What the rules give."""
        return self.recognised + self.could_be_more

    @property
    def bit(self) -> tuple[Step, ...]:
        """Steps that took something away from what the institution granted."""
        left, steps = granted(self.line.application), []
        for step in STEPS:
            if self.after[step] < left:
                steps.append(step)
            left = self.after[step]
        return tuple(steps)


def granted(application: Application) -> Decimal:
    """What the institution says it recognised, and never more than was asked for."""
    return min(application.said, application.applied)


def assess(lines: Sequence[Line], rule: Rule, room: Room) -> list[Assessed]:
    """Decide the lines of one application under a rule; in the order of largest first."""
    ordered = sorted(lines, key=lambda line: (-granted(line.application), line.application.outcome_id))
    left = {line.application.outcome_id: granted(line.application) for line in ordered}
    behind: dict[Step, dict[str, Decimal]] = {}
    for step, limit in _limits(rule, room).items():
        spent: dict[str, Decimal] = {}
        for line in ordered:
            outcome = line.application.outcome_id
            purse, most = limit(line)
            amount = min(left[outcome], max(most - spent.get(purse, _NOTHING), _NOTHING))
            spent[purse] = spent.get(purse, _NOTHING) + amount
            left[outcome] = amount
        behind[step] = dict(left)
    return [_assessed(line, ordered, left, behind, rule, room) for line in ordered]


_Limit = Callable[[Line], tuple[str, Decimal]]
"""The purse a line takes from, and how much was in it before this application."""


def _limits(rule: Rule, room: Room) -> dict[Step, _Limit]:
    boundless = Decimal("Infinity")

    def in_account(line: Line) -> tuple[str, Decimal]:
        return line.application.outcome_id, line.available

    def overlap(line: Line) -> tuple[str, Decimal]:
        stated = line.application.overlap_pct
        is_met = stated is None or line.kind in rule.overlap_free_kinds or stated >= rule.least_overlap_pct
        return line.application.outcome_id, boundless if is_met else _NOTHING

    def duplicates(line: Line) -> tuple[str, Decimal]:
        title = rule.base_title(line.title)
        return title, room.highest.get(title, boundless) - room.used.get(title, _NOTHING)

    def online(line: Line) -> tuple[str, Decimal]:
        if not line.application.is_online:
            return line.application.outcome_id, boundless
        return "online", line.application.programme_credits * rule.online_cap_pct / _HUNDRED - room.recognised_online

    def total(line: Line) -> tuple[str, Decimal]:
        return "total", line.application.programme_credits * rule.total_cap_pct / _HUNDRED - room.recognised

    return {
        "in_account": in_account, "overlap": overlap, "duplicates": duplicates, "online_cap": online, "total_cap": total
    }  # fmt: skip


def _assessed(
    line: Line, lines: Sequence[Line], left: Mapping[str, Decimal], behind: Mapping[Step, Mapping[str, Decimal]],
    rule: Rule, room: Room,
) -> Assessed:  # fmt: skip
    """The line's steps, and how much more of what was asked for would still fit beside everything recognised."""
    outcome = line.application.outcome_id
    spare = line.application.applied - left[outcome]
    for limit in _limits(rule, room).values():
        purse, most = limit(line)
        taken = sum((left[other.application.outcome_id] for other in lines if limit(other)[0] == purse), _NOTHING)
        spare = max(min(spare, most - taken), _NOTHING)
    return Assessed(line, {step: behind[step][outcome] for step in STEPS}, left[outcome], spare)
