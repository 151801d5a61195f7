"""Disclosure control of rates: when a share of persons is withheld, and how an extreme one is shown.

A rate gives its numerator away to whoever knows the denominator, so a rate is withheld where either is too small
or too few persons are left over, and the numerators are protected as a table of their own. Shares close to all or
none of a small group are shown as at least 95 % or at most 5 %.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from release.disclosure import Measure, protect_together
from release.tables import DEFAULT_RULE, Cell, Line, Reason, Rule, Status

CODED_BELOW = 100  # persons: in a smaller group an extreme share is shown as a bound
TOP_PCT, BOTTOM_PCT = 95.0, 5.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Persons who do something, of the persons who could."""

    numerator: float
    denominator: float


@dataclass(frozen=True, slots=True)
class ShownRate:
    """What may be published of one rate. A withheld one shows nothing; a coded one shows only its bound.

    `reason` is for auditors only. `value_pct` is None where nobody could have taken part (denominator 0).
    """

    status: Status
    value_pct: float | None = None
    bound: Literal["at_least", "at_most"] | None = None
    numerator: float | None = None
    denominator: float | None = None
    reason: Reason | None = None


def protect_rates(
    rates: Mapping[Cell, Rate],
    lines: Collection[Line],
    rule: Rule = DEFAULT_RULE,
    *,
    lines_of_denominators: Collection[Line] | None = None,
    public_denominators: bool = True,
    earlier: Sequence[Mapping[Cell, Rate]] = (),
) -> dict[Cell, ShownRate]:
    """Judge a table of rates whose numerators add up along `lines`, as one decision per cell, in cell order.

    Denominators are protected too, along lines of their own if they have others. If they are public (a census
    population, or nobody knows that they are not), an attacker is taken to know them all beside. `earlier` is what
    releases before showed of the same slices, one table a release.
    """
    numerators = {cell: rate.numerator for cell, rate in rates.items()}
    denominators = {cell: rate.denominator for cell, rate in rates.items()}
    measures = [
        Measure(
            numerators,
            lines,
            [{cell: rate.numerator for cell, rate in before.items()} for before in earlier],
            denominators if public_denominators else {},
        ),
        Measure(
            denominators,
            lines if lines_of_denominators is None else lines_of_denominators,
            [{cell: rate.denominator for cell, rate in before.items()} for before in earlier],
        ),
    ]
    withheld = protect_together(measures, rule, [cell for cell in rates if too_revealing(rates[cell], rule)])
    return {
        cell: ShownRate(Status.WITHHELD, reason=withheld[cell]) if cell in withheld else show(rates[cell])
        for cell in sorted(rates)
    }


def too_revealing(rate: Rate, rule: Rule) -> bool:
    """Whether a rate points at somebody: too few who could, too few who did, or too few who did not."""
    left_over = rate.denominator - rate.numerator
    return any(rule.too_few(persons) for persons in (rate.denominator, rate.numerator, left_over))


def show(rate: Rate) -> ShownRate:
    """A rate as it is published when nothing speaks against it: in per cent, extremes of small groups as bounds."""
    if rate.denominator == 0:
        return ShownRate(Status.PUBLISHED, None, None, rate.numerator, rate.denominator)
    pct = 100.0 * rate.numerator / rate.denominator
    if rate.denominator < CODED_BELOW and pct >= TOP_PCT:
        return ShownRate(Status.PUBLISHED, TOP_PCT, "at_least")
    if rate.denominator < CODED_BELOW and pct <= BOTTOM_PCT:
        return ShownRate(Status.PUBLISHED, BOTTOM_PCT, "at_most")
    return ShownRate(Status.PUBLISHED, pct, None, rate.numerator, rate.denominator)
