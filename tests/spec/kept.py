"""What the model keeps: the outbox's memory of records, manifests, and rows in quarantine."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from .system import Batch, BatchStatus, Books, Content, EntryStatus, Operation, Record


@dataclass(frozen=True)
class State:
    """What was last said of a record (no content: that it is gone), by its agency or by an officer who mended it.

    Void once the batch that carried it was refused or withdrawn.
    """

    version: int
    content: Content | None
    mended: bool
    batch: Batch


@dataclass(frozen=True)
class Line:
    """One line of a manifest, as it is published: sent again, it is the same line."""

    event_id: uuid.UUID
    record: Record | None
    version: int
    operation: Operation
    content: Content | None = None


@dataclass
class BatchFile:
    """A batch: its manifest, what landed of it, and how it was judged."""

    agency: str
    lines: list[Line] = field(default_factory=list)
    status: BatchStatus = "landing"
    books: Books | None = None
    arrived: list[int] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Entry:
    """A row in quarantine and what was decided about it."""

    seq: int
    line: Line
    status: EntryStatus = "open"
    mended: tuple[Record, Content] | None = None
