"""What must be true, worked out anew each time from the log of what agencies and officers said.

It knows nothing of event ids, landing order, redelivery or stored versions: version n of a record is the n-th
different thing said of it, and a thing said can be read when the batch that carried it stands released and the row
is not kept back. So it can disagree with a system, and with the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .system import (
    Batch,
    BatchStatus,
    Books,
    Content,
    EntryKey,
    EntryStatus,
    Flaw,
    Manifest,
    Mode,
    Pulled,
    Record,
    ReleasedRow,
    Row,
    Unreadable,
)

MAY_DECIDE: dict[str, tuple[EntryStatus, ...]] = {
    "mend": ("open", "returned"),
    "waive": ("open", "returned"),
    "expire": ("waived",),
    "return_": ("open",),
    "refuse": ("open", "returned"),
}
BECOMES: dict[str, EntryStatus] = {
    "mend": "mended",
    "waive": "waived",
    "expire": "open",
    "return_": "returned",
    "refuse": "refused",
}


class Thing(NamedTuple):
    """One different thing said of a record, by its agency or by an officer who mended it; `place` is its row."""

    content: Content | None
    mended: bool
    batch: Batch
    place: int = 0


class Torn(NamedTuple):
    """An unreadable row: its record if known, its row in the file, and how many things had been said before it."""

    record: Record | None
    place: int
    things_before: int


@dataclass
class Sent:
    """What one batch carried besides new things: repeats, and unreadable rows."""

    agency: str
    repeats: int
    unreadable: list[Torn]
    status: BatchStatus | None = None


class Oracle:
    def __init__(self) -> None:
        self.deliveries: list[str] = []
        self.things: dict[Record, list[Thing]] = {}
        self.sent: dict[Batch, Sent] = {}
        self.decided: dict[EntryKey, EntryStatus] = {}
        self.mends: dict[EntryKey, tuple[Record, Content]] = {}

    # the log grows -----------------------------------------------------------------------------------------------

    def pulled(self, delivery: str, agency: str, mode: Mode, tables: Mapping[str, Sequence[Row]]) -> Pulled:
        self.deliveries.append(delivery)
        heard = {entity: self._heard(Batch(delivery, entity), agency, mode, rows) for entity, rows in tables.items()}
        for entity, manifest in heard.items():
            if not manifest.lines:
                del self.sent[Batch(delivery, entity)]
        batches = {entity: manifest for entity, manifest in heard.items() if manifest.lines}
        return Pulled(batches, sum(map(len, tables.values())), sum(each.unchanged for each in heard.values()))

    def _heard(self, batch: Batch, agency: str, mode: Mode, rows: Sequence[Row]) -> Manifest:
        sent = self.sent[batch] = Sent(agency, 0, [])
        unchanged = 0
        named = {Record(agency, batch.entity, row.record_id) for row in rows if row.record_id is not None}
        for place, row in enumerate(rows):
            record = Record(agency, batch.entity, row.record_id) if row.record_id is not None else None
            if isinstance(row, Unreadable):
                sent.unreadable.append(Torn(record, place, len(self.things.get(record, ())) if record else 0))
            elif record is not None and self._is_news(record, row.content):
                self.things.setdefault(record, []).append(Thing(row.content, False, batch, place))
            elif record is not None and self.things[record][-1].batch == batch:
                sent.repeats += 1
            else:
                unchanged += 1
        deletes_held = mode == "bulk" and any(row.record_id is None for row in rows)
        if mode == "bulk" and not deletes_held:
            for record, things in self.things.items():
                if record[:2] == (agency, batch.entity) and record not in named and self._is_news(record, None):
                    things.append(Thing(None, False, batch))
        return Manifest(self.received(batch), unchanged, deletes_held)

    def _is_news(self, record: Record, content: Content | None) -> bool:
        if not self.things.get(record):
            return True
        last = self.things[record][-1]
        return last.mended or last.content != content or self.sent[last.batch].status == "refused"

    def judged(self, delivery: str) -> None:
        for batch, sent in self.sent.items():
            if batch.delivery == delivery and sent.status is None:
                flaws = [thing.content.flaw for _, thing in self._carried(batch) if thing.content]
                sent.status = "held" if Flaw.TABLE in flaws else "released"
                for key in self._kept_back(batch):
                    self.decided[key] = "open"

    def may_decide(self, action: str, key: EntryKey) -> bool:
        if self.decided[key] not in MAY_DECIDE[action]:
            return False
        return not (action == "waive" and key.row.startswith("rejected#"))

    def decided_on(self, action: str, key: EntryKey) -> None:
        self.decided[key] = BECOMES[action]

    def mended(self, key: EntryKey, record_id: str, content: Content) -> None:
        self.decided_on("mend", key)
        self.mends[key] = (Record(self.sent[key.batch].agency, key.batch.entity, record_id), content)

    def replayed(self, delivery: str, original: Batch) -> int:
        mended = [key for key in self._kept_back(original) if self.decided[key] == "mended"]
        corrections: dict[Record, Content] = {}
        for key in mended:
            record, content = self.mends[key]
            if self._is_last_word(key, record):
                corrections.setdefault(record, content)
            self.decided[key] = "closed"
        batch = Batch(delivery, original.entity)
        if corrections:
            self.deliveries.append(delivery)
            self.sent[batch] = Sent(self.sent[original].agency, 0, [])
        for place, (record, content) in enumerate(corrections.items()):
            self.things.setdefault(record, []).append(Thing(content, True, batch, place))
        return len(corrections)

    def _is_last_word(self, key: EntryKey, record: Record) -> bool:
        """Whether nothing was said of the record after the row; if it was not known then, in no later delivery."""
        things = self.things.get(record, [])
        if things_before := self._things_before(key):
            return len(things) == things_before
        earlier = self.deliveries[: self.deliveries.index(key.batch.delivery) + 1]
        return all(thing.batch.delivery in earlier for thing in things)

    def _things_before(self, key: EntryKey) -> int:
        if not key.row.startswith("rejected#"):
            return int(key.row.rpartition("@")[2])
        return self.sent[key.batch].unreadable[int(key.row.rpartition("#")[2]) - 1].things_before

    def batch_decided(self, batch: Batch, status: BatchStatus) -> None:
        self.sent[batch].status = status

    # what follows from it ----------------------------------------------------------------------------------------

    def _carried(self, batch: Batch) -> list[tuple[str, Thing]]:
        """(`<record id>@<version>`, thing) of a batch."""
        return [
            (f"{record.record_id}@{number}", thing)
            for record, things in self.things.items()
            for number, thing in enumerate(things, 1)
            if thing.batch == batch
        ]

    def _kept_back(self, batch: Batch) -> list[EntryKey]:
        things = [(row, thing) for row, thing in self._carried(batch) if thing.content]
        critical = [(thing.place, row) for row, thing in things if thing.content.flaw == Flaw.CRITICAL]
        unreadable = [(torn.place, f"rejected#{number}") for number, torn in enumerate(self.sent[batch].unreadable, 1)]
        return [EntryKey(batch, row) for _, row in sorted(critical + unreadable)]

    def record_of(self, key: EntryKey) -> str | None:
        """Record id of a quarantined row, if anyone knows."""
        name, _, number = key.row.rpartition("#") if key.row.startswith("rejected#") else key.row.rpartition("@")
        if name != "rejected":
            return name
        record = self.sent[key.batch].unreadable[int(number) - 1].record
        return record.record_id if record else None

    def received(self, batch: Batch) -> int:
        sent = self.sent[batch]
        return len(self._carried(batch)) + sent.repeats + len(sent.unreadable)

    def books(self, batch: Batch) -> Books | None:
        """The books of a judged batch; None before."""
        sent = self.sent[batch]
        if sent.status is None:
            return None
        quarantined = len(self._kept_back(batch))
        passed = self.received(batch) - quarantined - sent.repeats
        books = Books(sent.status, self.received(batch), quarantined=quarantined, duplicate=sent.repeats)
        return books._replace(**{sent.status: passed})

    def released_rows(self) -> Counter[ReleasedRow]:
        return Counter(
            ReleasedRow(record, number, thing.content, thing.batch)
            for record, things in self.things.items()
            for number, thing in enumerate(things, 1)
            if self._can_be_read(record, number, thing)
        )

    def _can_be_read(self, record: Record, number: int, thing: Thing) -> bool:
        key = EntryKey(thing.batch, f"{record.record_id}@{number}")
        return self.sent[thing.batch].status == "released" and self.decided.get(key, "waived") == "waived"

    def latest(self) -> dict[Record, Content]:
        latest: dict[Record, Content] = {}
        for record, things in self.things.items():
            readable = [thing for n, thing in enumerate(things, 1) if self._can_be_read(record, n, thing)]
            if readable and readable[-1].content is not None:
                latest[record] = readable[-1].content
        return latest
