"""What a receipt says: the delivery, its books table by table, what was put right, what is to be mended."""

from __future__ import annotations

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connectors.registry import Agency
from expectations.reports.facts import NO_BOOKS, Books
from expectations.rules.reasons import Reason
from expectations.rules.suites import Text
from pipeline.contracts import Contract

State = Literal["waiting", "processing", "held", "to_mend", "accepted", "unchanged", "withdrawn", "refused"]
UNDECIDED = ("open", "returned")
"""States of a kept-back row in which its agency can still put it right."""


@dataclass(frozen=True)
class Problem:
    """One reason, how many rows it was met in, and where first."""

    rule_id: str
    title: Text
    mend: Text
    columns: tuple[str, ...]
    rows: int
    first_line: int | None = None


@dataclass(frozen=True)
class Repaired:
    """Something that was put right on the way in; ``is_note``: nothing was changed, it is only said."""

    code: str
    title: Text
    mend: Text
    entity: str
    file: str | None
    field: str | None
    rows: int
    first_line: int | None

    @property
    def is_note(self) -> bool:
        """Whether it is for information only."""
        return self.code.startswith("note.")


@dataclass(frozen=True)
class RepairKind:
    """One kind of repair in one file, over all its columns."""

    title: Text
    mend: Text
    is_note: bool
    entity: str
    file: str | None
    fields: tuple[str, ...]
    count: int
    """cells; rows where no column is named"""
    first_line: int | None


@dataclass(frozen=True)
class Part:
    """One table of a delivery."""

    batch_id: uuid.UUID
    entity: str
    contract: Contract
    file: str | None
    status: str
    received: int
    books: Books
    unchanged: int
    deleted: int
    deletes_held: bool
    unreadable: int
    """of the quarantined: lost on our own way, nothing the agency could mend"""
    to_mend: int
    """of the quarantined: rows nobody has decided about"""
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    """rules that only report: the rows are accepted"""
    holds: tuple[Problem, ...]
    """rules about the whole table for which it waits for a decision"""
    number: int = 1
    """of several parts of one table, as a correction of several deliveries has them"""

    @property
    def anchor(self) -> str:
        """What the part is called by in addresses: its table, and its number where there are several."""
        return self.entity if self.number == 1 else f"{self.entity}-{self.number}"

    @property
    def is_under_way(self) -> bool:
        """Whether it is not judged yet."""
        return self.status in ("landing", "landed")

    @property
    def needs_a_look(self) -> bool:
        """Whether there is more to say of it than its books."""
        told = (self.problems, self.notes, self.holds, self.unreadable, self.deletes_held, self.status == "refused")
        return not self.is_under_way and any(told)


@dataclass(frozen=True)
class Refused:
    """Why nothing of a delivery could be kept."""

    code: str
    title: Text
    mend: Text
    problem: str
    file: str | None
    line: int | None
    advice: str | None


@dataclass(frozen=True)
class Corrected:
    """A delivery that a correction corrects, or a correction of one."""

    receipt_id: uuid.UUID
    origin: str
    at: dt.datetime
    rows: int


@dataclass(frozen=True)
class Answered:
    """A row of a correction that was not taken."""

    file: str
    line: int
    table: str | None
    record: str | None
    field: str | None
    code: str
    reason: Reason
    is_refused: bool


@dataclass(frozen=True)
class Correction:
    """What became of a file of mended rows."""

    corrects: tuple[Corrected, ...]
    taken: int
    kept: int
    """rows that nobody had changed"""
    refused: int
    overtaken: int
    """of those taken: the agency has sent something newer about them meanwhile, so they were not sent"""
    repeat_of: uuid.UUID | None
    is_sent: bool
    contracts: Mapping[str, Contract] = field(default_factory=dict, repr=False)
    """of its source, by table"""

    @property
    def not_taken(self) -> int:
        """Rows that are answered one by one."""
        return self.kept + self.refused


@dataclass(frozen=True)
class Receipt:
    """The answer to one delivery."""

    receipt_id: uuid.UUID
    """of the delivery, or of its refusal"""
    agency: Agency
    origin: str
    sent_at: dt.datetime
    state: State
    read_rows: int = 0
    unchanged: int = 0
    parts: tuple[Part, ...] = ()
    repairs: tuple[Repaired, ...] = ()
    refused: Refused | None = None
    is_preview: bool = False
    correction: Correction | None = None
    """set on the receipt of a correction; its parts are what its rows were sent as"""
    since: tuple[Corrected, ...] = ()
    """corrections that came since"""

    @property
    def books(self) -> Books:
        """Books over all its tables that are judged."""
        return sum((part.books for part in self.parts), NO_BOOKS)

    @property
    def under_way(self) -> int:
        """Rows that are not judged yet."""
        return sum(part.received for part in self.parts if part.is_under_way)

    @property
    def to_mend(self) -> int:
        """Rows its agency can put right."""
        return sum(part.to_mend for part in self.parts)

    @property
    def repair_kinds(self) -> tuple[RepairKind, ...]:
        """Repairs as a person reads them: what was done to many columns of a file is said once."""
        kinds: dict[tuple[str, str | None, str], list[Repaired]] = {}
        for repaired in self.repairs:
            kinds.setdefault((repaired.entity, repaired.file, repaired.code), []).append(repaired)
        return tuple(
            RepairKind(
                title=same[0].title,
                mend=same[0].mend,
                is_note=same[0].is_note,
                entity=entity,
                file=file,
                fields=tuple(repaired.field for repaired in same if repaired.field),
                count=sum(repaired.rows for repaired in same),
                first_line=min((r.first_line for r in same if r.first_line is not None), default=None),
            )
            for (entity, file, _), same in kinds.items()
        )

    @property
    def gone(self) -> int:
        """Records that a whole delivery no longer has: read = received + unchanged - gone."""
        if self.correction is not None:
            return 0
        return sum(part.received for part in self.parts) + self.unchanged - self.read_rows

    @property
    def local_time(self) -> dt.datetime:
        """When it was sent, on the agency's clocks."""
        return self.sent_at.astimezone(zoneinfo.ZoneInfo(self.agency.time_zone))
