"""What the model keeps: the outbox's memory of records, manifests, and rows in quarantine."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from .system import Batch, BatchStatus, Books, Content, EntryStatus, Operation, Record


@dataclass(frozen=True)
class State:
    """What the outbox knows of a record: its last version, and what its agency last said (None: that it is gone).

    Void once the batch that carried the last version was refused or withdrawn.
    """

    version: int
    said: Content | None
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
