"""What a system must offer to be held against the meanings: commands people and agencies give, and what they see.

The in-process model implements it (model.py), and so does the adapter over the real servers (real_system.py).
Batches and deliveries bear the names the caller gives them, so that two systems can be compared.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal, NamedTuple, Protocol

Mode = Literal["bulk", "delta"]
Operation = Literal["upsert", "delete", "rejected"]
BatchStatus = Literal["landing", "landed", "held", "released", "refused"]
EntryStatus = Literal["open", "mended", "waived", "returned", "refused", "closed"]


class Flaw(StrEnum):
    """What the rules find wrong with a row."""

    NONE = "none"
    WARNING = "warning"
    """released, and reported"""
    CRITICAL = "critical"
    """quarantined"""
    TABLE = "table"
    """the row passes, and a critical rule about the whole batch fails because of it"""


class Content(NamedTuple):
    """What a row says; two rows say the same when both parts are equal."""

    value: int
    flaw: Flaw


class Said(NamedTuple):
    """A row an agency sends about one of its records; no content means that it says the record is gone."""

    record_id: str
    content: Content | None


class Unreadable(NamedTuple):
    """A row the source reader could not parse, with the record id where that much could be read."""

    record_id: str | None


Row = Said | Unreadable


class Record(NamedTuple):
    """Whose record it is."""

    agency: str
    entity: str
    record_id: str


class Batch(NamedTuple):
    """One delivery × one entity."""

    delivery: str
    entity: str


class EntryKey(NamedTuple):
    """A row in quarantine: `<record id>@<version>`, or `rejected#<n>` for the n-th unreadable row of its batch."""

    batch: Batch
    row: str


class Manifest(NamedTuple):
    """One batch of a delivery. `lines` are to be published, deletes by absence included."""

    lines: int
    unchanged: int
    deletes_held: bool


class Pulled(NamedTuple):
    """What became of a delivery at the edge. An entity of which nothing is published has no batch."""

    batches: dict[str, Manifest]
    read: int
    unchanged: int


class Books(NamedTuple):
    """A batch's books: received = released + quarantined + duplicate + refused + held."""

    status: BatchStatus
    received: int
    released: int = 0
    quarantined: int = 0
    duplicate: int = 0
    refused: int = 0
    held: int = 0


class Version(NamedTuple):
    """One version of one record."""

    record: Record
    version: int


class ReleasedRow(NamedTuple):
    """A row that may be read downstream."""

    record: Record
    version: int
    content: Content | None
    batch: Batch


class NotAllowedError(Exception):
    """The command makes no sense in this state; nothing was changed."""


class System(Protocol):
    """Commands change the system or raise NotAllowedError; queries read it as it is now."""

    def pull(self, delivery: str, agency: str, mode: Mode, tables: Mapping[str, Sequence[Row]]) -> Pulled:
        """Take one delivery of an agency, an entity a table, through the edge into the outbox."""

    def land(self, lines: Sequence[tuple[Batch, int]]) -> None:
        """Let these manifest lines (batch, ordinal from 0) arrive in this order; one that arrived is a redelivery."""

    def judge(self) -> set[str]:
        """Judge what is ready, once: deliveries of which every line of every batch has landed. Their names."""

    def mend(self, entry: EntryKey, record_id: str, content: Content) -> None:
        """Correct a row. Whose it is stays as it was; of a row without a readable key the officer says it."""

    def waive(self, entry: EntryKey) -> None: ...

    def expire(self, entry: EntryKey) -> None: ...

    def return_(self, entry: EntryKey) -> None: ...

    def refuse(self, entry: EntryKey) -> None: ...

    def replay(self, delivery: str, original: Batch) -> int:
        """Send the mended rows of a batch through the same door as a new delivery; the number of its lines.

        With none, because the agency has said something newer of each, there is no such delivery.
        """

    def release_held(self, batch: Batch) -> None: ...

    def refuse_held(self, batch: Batch) -> None: ...

    def withdraw(self, batch: Batch) -> None: ...

    def books(self) -> dict[Batch, Books]: ...

    def latest(self) -> dict[Record, Content]:
        """Each record that is there now, by its latest released version."""

    def released_rows(self) -> Counter[ReleasedRow]: ...

    def versions(self) -> dict[uuid.UUID, Version]:
        """Every event id ever published for a record, rejected rows apart."""

    def entries(self) -> dict[EntryKey, EntryStatus]: ...
