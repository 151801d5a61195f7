"""The shape of a published table of persons: its cells, the sums between them, and the rule of disclosure control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import FlyoverError

TOTAL = "total"
PROVINCE = "330000"
"""Area code of the province (GB/T 2260)."""
LEAST_K = 5
NOBODY = 1e-6
"""Sums of weighted heads are floats: what is less than this is no difference."""


class DisclosureError(FlyoverError):
    """A table that disclosure control cannot judge, because its parts do not add up or its rule is too weak."""


class Status(StrEnum):
    """What a reader sees of a cell: its number, or one word."""

    PUBLISHED = "published"
    WITHHELD = "withheld"


class Reason(StrEnum):
    """Why a cell is withheld. For auditors only, never for a reader of mart."""

    PRIMARY = "primary"
    COMPLEMENTARY = "complementary"
    AUDIT = "audit"


@dataclass(frozen=True, order=True, slots=True)
class Cell:
    """One place in a table: an area, and a member of one breakdown or the total over it."""

    area: str
    dimension: str = TOTAL
    member: str = TOTAL


def worth(cell: Cell) -> float:
    """What readers lose with a cell: the headline above all, then totals, then breakdowns of larger areas."""
    is_large = cell.area.endswith("00")
    if cell.dimension != TOTAL:
        return 3.0 if is_large else 1.0
    if cell.area == PROVINCE:
        return 10_000.0
    return 60.0 if is_large else 20.0


@dataclass(frozen=True, slots=True)
class Line:
    """A sum that anyone can use: the total equals its parts, less whoever counts in several of them.

    The attacker is taken to know that overlap (a teacher of two counties counts once in the province).
    """

    total: Cell
    parts: tuple[Cell, ...]
    overlap: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """How small is small (persons), and how wide a withheld cell's feasible interval must stay (default k)."""

    k: int = 10
    width: int = 0
    zero_is_shown: bool = True

    def __post_init__(self) -> None:
        if self.k < LEAST_K:
            raise DisclosureError(f"the disclosure threshold k is {self.k}; it may not be below {LEAST_K}")
        if self.width < 0:
            raise DisclosureError(f"the protection width is {self.width}; give 0 for k, or a number of persons")

    @property
    def protection(self) -> int:
        """Persons between the lowest and the highest value a withheld cell must seem to allow."""
        return self.width or self.k

    def too_few(self, persons: float) -> bool:
        """Whether this many persons point at somebody; weighted heads (half a student) are persons too."""
        return NOBODY < persons < self.k - NOBODY


DEFAULT_RULE = Rule()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader sees of one cell (status), and why (reason; auditors only, None when published)."""

    status: Status
    reason: Reason | None = None


def lines_of(cells: Iterable[Cell], parents: Mapping[str, str]) -> tuple[Line, ...]:
    """The sums a table reveals: each area's breakdowns to its total, each area's children to it.

    `parents` maps an area code to the area above it. A line is made only where its total is in the table.
    """
    known = set(cells)
    parts: dict[Cell, list[Cell]] = {}
    by_breakdown: dict[tuple[Cell, str], list[Cell]] = {}
    for cell in sorted(known):
        if cell.dimension != TOTAL:
            by_breakdown.setdefault((Cell(cell.area), cell.dimension), []).append(cell)
        above = parents.get(cell.area)
        if above is not None:
            parts.setdefault(Cell(above, cell.dimension, cell.member), []).append(cell)
    lines = [Line(total, tuple(members)) for (total, _), members in by_breakdown.items() if total in known]
    lines += [Line(total, tuple(children)) for total, children in parts.items() if total in known]
    return tuple(lines)


def check_sums(counts: Mapping[Cell, float], lines: Iterable[Line]) -> None:
    """Raise DisclosureError unless every count is a count and every line adds up."""
    for cell, persons in counts.items():
        if persons < 0:
            raise DisclosureError(f"area {cell.area}, {cell.dimension} {cell.member}: a count of persons is below 0")
    for line in lines:
        if abs(sum(counts[part] for part in line.parts) - line.overlap - counts[line.total]) > NOBODY:
            raise DisclosureError(
                f"area {line.total.area}, {line.total.dimension} {line.total.member}: the parts do not add up to the "
                "total; give every person exactly one place in each breakdown, with a member for the unknown"
            )
