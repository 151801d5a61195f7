"""What a candidate is, before and after protection: the slice it is about, its figures, what was shown of it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from release.tables import Cell

CandidateStatus = Literal["published", "withheld", "needs_input", "not_applicable"]
TableKey = tuple[str, str, str, str]


@dataclass(frozen=True)
class Slice:
    """What one value is about: the same slice of two releases can be compared, and subtracted."""

    indicator_code: str
    method: str
    realm: str
    area_code: str
    period: str
    dimension: str
    member: str

    @property
    def cell(self) -> Cell:
        """Its place in the table of its indicator and period."""
        return Cell(self.area_code, self.dimension, self.member)

    @property
    def table(self) -> TableKey:
        """The table it belongs to."""
        return self.indicator_code, self.method, self.realm, self.period


@dataclass(frozen=True)
class Value:
    """One candidate, and after protection one row of ``mart.indicator_value``."""

    slice: Slice
    area_level: str
    parent_area_code: str | None
    value: float | None
    unit: str
    unit_of_count: str
    numerator: float | None
    denominator: float | None
    coverage_pct: float | None
    unlinked_persons: int | None
    status: CandidateStatus
    status_note: str | None
    definition_version: int
    as_of: object
    value_low: float | None = None
    value_high: float | None = None
    in_groups: str | None = None
    """Groupings of counties that this county is added up in; see :mod:`release.remainders`."""


@dataclass(frozen=True)
class Shown:
    """What an earlier release published of a slice; a figure it did not show is None."""

    numerator: float | None
    denominator: float | None
    unlinked: float | None = None


Version = Mapping[Cell, Shown]
"""What one release showed of one table."""
Earlier = Mapping[TableKey, Sequence[Version]]
"""Of each table what every release before showed; releases that showed the same stand here only once."""
