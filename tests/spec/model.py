"""The meanings in one page of plain Python: the reference implementation of System, with no server in it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .kept import BatchFile, Entry, Line, State
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
    NotAllowedError,
    Pulled,
    Record,
    ReleasedRow,
    Row,
    Unreadable,
    Version,
)

NAMESPACE = uuid.UUID("00000000-0000-5000-8000-000000000000")


class Model:
    """See System; each method is one meaning."""

    def __init__(self) -> None:
        self.deliveries: list[str] = []
        self.states: dict[Record, State] = {}
        self.batches: dict[Batch, BatchFile] = {}
        self.landing: list[tuple[Batch, int]] = []
        self.event_seen: set[uuid.UUID] = set()
        self.quarantine: dict[EntryKey, Entry] = {}

    # the edge and the outbox -------------------------------------------------------------------------------------

    def pull(self, delivery: str, agency: str, mode: Mode, tables: Mapping[str, Sequence[Row]]) -> Pulled:
        self.deliveries.append(delivery)
        staged = {entity: self._stage(Batch(delivery, entity), agency, mode, rows) for entity, rows in tables.items()}
        batches = {entity: manifest for entity, manifest in staged.items() if manifest.lines}
        return Pulled(batches, sum(map(len, tables.values())), sum(each.unchanged for each in staged.values()))

    def _stage(self, batch: Batch, agency: str, mode: Mode, rows: Sequence[Row]) -> Manifest:
        lines: list[Line] = []
        present: set[Record] = set()
        unchanged, key_unknown = 0, False
        for row in rows:
            record = Record(agency, batch.entity, row.record_id) if row.record_id is not None else None
            if record is None:
                key_unknown = True
            else:
                present.add(record)
            if isinstance(row, Unreadable):
                lines.append(self._rejected(batch, record, len(lines)))
            elif record is not None and (line := self._news(record, row.content, batch)):
                lines.append(line)
            else:
                unchanged += 1
        held = mode == "bulk" and self._deletes_wait(key_unknown)
        if mode == "bulk" and not held:
            lines += self._disappeared(batch, agency, present)
        if lines:
            self.batches[batch] = BatchFile(agency, lines)
        return Manifest(len(lines), unchanged, held)

    def _deletes_wait(self, key_unknown: bool) -> bool:
        """A row whose key is unknown could be any record, so none may count as gone."""
        return key_unknown

    def _news(self, record: Record, content: Content | None, batch: Batch) -> Line | None:
        """The line that says this of a record; None when an earlier delivery said it."""
        state = self.states.get(record)
        if self._differs(record, state, content):
            return self._raise_version(record, content, batch)
        if state is not None and state.batch == batch:  # repeated within the delivery: the same event again
            return self._line(record, state.version, content)
        return None

    def _differs(self, record: Record, state: State | None, content: Content | None) -> bool:
        return state is None or self._is_void(state) or state.mended or state.content != content

    def _is_void(self, state: State) -> bool:
        carried_by = self.batches.get(state.batch)
        return carried_by is not None and carried_by.status == "refused"

    def _raise_version(self, record: Record, content: Content | None, batch: Batch, *, mended: bool = False) -> Line:
        before = self.states.get(record)
        self.states[record] = State(before.version + 1 if before else 1, content, mended, batch)
        return self._line(record, self.states[record].version, content)

    def _line(self, record: Record, version: int, content: Content | None) -> Line:
        event_id = uuid.uuid5(NAMESPACE, "|".join((*record, str(version))))
        return Line(event_id, record, version, "upsert" if content else "delete", content)

    def _rejected(self, batch: Batch, record: Record | None, seq: int) -> Line:
        """An event of its own in every delivery. It raises no version: nothing readable was said."""
        known = self.states.get(record) if record else None
        event_id = uuid.uuid5(NAMESPACE, f"rejected|{batch.delivery}|{batch.entity}|{seq}")
        return Line(event_id, record, known.version if known else 0, "rejected")

    def _disappeared(self, batch: Batch, agency: str, present: set[Record]) -> Iterator[Line]:
        for record in sorted(self.states):
            state = self.states[record]
            ours = record.agency == agency and record.entity == batch.entity
            if ours and record not in present and (state.content is not None or self._is_void(state)):
                yield self._raise_version(record, None, batch)

    # landing -----------------------------------------------------------------------------------------------------

    def land(self, lines: Sequence[tuple[Batch, int]]) -> None:
        for batch, seq in lines:
            self.landing.append((batch, seq))
            self.batches[batch].arrived.append(seq)

    def _is_whole(self, batch: Batch) -> bool:
        file = self.batches[batch]
        return len(set(file.arrived)) == len(file.lines)

    # the judge ---------------------------------------------------------------------------------------------------

    def judge(self) -> set[str]:
        partial = {batch.delivery for batch in self.batches if not self._is_whole(batch)}
        ready = [b for b, file in self.batches.items() if b.delivery not in partial and file.books is None]
        for batch in ready:
            self._judge(batch)
        return {batch.delivery for batch in ready}

    def _judge(self, batch: Batch) -> None:
        file = self.batches[batch]
        quarantined = duplicate = 0
        for seq in self._one_copy_each(file):
            line = file.lines[seq]
            if self._is_duplicate(line):
                duplicate += 1
            elif line.operation == "rejected" or (line.content and line.content.flaw == Flaw.CRITICAL):
                quarantined += 1
                self.quarantine[self._entry_key(batch, seq)] = Entry(seq, line)
                file.shown.add(seq)
            else:
                file.shown.add(seq)
        passed = len(file.lines) - quarantined - duplicate
        holds = any(line.content and line.content.flaw == Flaw.TABLE for line in file.lines)
        file.status = "held" if holds else "released"
        books = Books(file.status, len(file.lines), quarantined=quarantined, duplicate=duplicate)
        file.books = books._replace(held=passed) if holds else books._replace(released=passed)

    def _one_copy_each(self, file: BatchFile) -> list[int]:
        """Manifest lines in the order of their first arrival; further copies are redeliveries."""
        return list(dict.fromkeys(file.arrived))

    def _is_duplicate(self, line: Line) -> bool:
        seen = line.event_id in self.event_seen
        self.event_seen.add(line.event_id)
        return seen

    def _entry_key(self, batch: Batch, seq: int) -> EntryKey:
        lines = self.batches[batch].lines
        line = lines[seq]
        if line.operation == "rejected":
            return EntryKey(batch, f"rejected#{sum(other.operation == 'rejected' for other in lines[: seq + 1])}")
        assert line.record is not None
        return EntryKey(batch, f"{line.record.record_id}@{line.version}")

    # the quality officer -----------------------------------------------------------------------------------------

    def mend(self, entry: EntryKey, record_id: str, content: Content) -> None:
        kept = self._entry(entry, "open", "returned")
        record = Record(self.batches[entry.batch].agency, entry.batch.entity, record_id)
        self.quarantine[entry] = replace(kept, status="mended", mended=(record, content))

    def waive(self, entry: EntryKey) -> None:
        kept = self._entry(entry, "open", "returned")
        if kept.line.operation == "rejected":
            raise NotAllowedError("a row that could not be read has nothing to release")
        self.quarantine[entry] = replace(kept, status="waived")

    def expire(self, entry: EntryKey) -> None:
        self.quarantine[entry] = replace(self._entry(entry, "waived"), status="open")

    def return_(self, entry: EntryKey) -> None:
        self.quarantine[entry] = replace(self._entry(entry, "open"), status="returned")

    def refuse(self, entry: EntryKey) -> None:
        self.quarantine[entry] = replace(self._entry(entry, "open", "returned"), status="refused")

    def replay(self, delivery: str, original: Batch) -> int:
        mended = {key: e for key, e in self.quarantine.items() if key.batch == original and e.status == "mended"}
        if not mended:
            raise NotAllowedError("nothing of this batch is mended")
        batch = Batch(delivery, original.entity)
        lines: dict[Record, Line] = {}
        for key, entry in sorted(mended.items(), key=lambda item: item[1].seq):
            assert entry.mended is not None
            record, content = entry.mended
            if record not in lines and not self._superseded(entry, original):
                lines[record] = self._raise_version(record, content, batch, mended=True)
            self.quarantine[key] = replace(entry, status="closed")
        if lines:
            self.deliveries.append(delivery)
            self.batches[batch] = BatchFile(self.batches[original].agency, list(lines.values()))
        return len(lines)

    def _superseded(self, entry: Entry, original: Batch) -> bool:
        """Whether something newer was said of the record: a mend of what came before must not overrule it."""
        state = self.states.get(entry.mended[0]) if entry.mended else None
        if state is None:
            return False
        if entry.line.version > 0:
            return state.version > entry.line.version
        return self.deliveries.index(state.batch.delivery) > self.deliveries.index(original.delivery)

    def _entry(self, key: EntryKey, *allowed: EntryStatus) -> Entry:
        entry = self.quarantine[key]
        if entry.status not in allowed:
            raise NotAllowedError(f"the row is {entry.status}")
        return entry

    def release_held(self, batch: Batch) -> None:
        books = self._decided(batch, "held")
        self._decide(batch, books._replace(status="released", released=books.held, held=0))

    def refuse_held(self, batch: Batch) -> None:
        books = self._decided(batch, "held")
        self._decide(batch, books._replace(status="refused", refused=books.held, held=0))

    def withdraw(self, batch: Batch) -> None:
        books = self._decided(batch, "released")
        self._decide(batch, books._replace(status="refused", refused=books.released, released=0))

    def _decided(self, batch: Batch, allowed: BatchStatus) -> Books:
        books = self.batches[batch].books
        if books is None or books.status != allowed:
            raise NotAllowedError(f"the batch is not {allowed}")
        return books

    def _decide(self, batch: Batch, books: Books) -> None:
        self.batches[batch].status, self.batches[batch].books = books.status, books

    # what people see ---------------------------------------------------------------------------------------------

    def books(self) -> dict[Batch, Books]:
        return {batch: file.books or self._open_books(batch) for batch, file in self.batches.items()}

    def _open_books(self, batch: Batch) -> Books:
        return Books("landed" if self._is_whole(batch) else "landing", len(self.batches[batch].lines))

    def released_rows(self) -> Counter[ReleasedRow]:
        return Counter(row for _, row in self._released())

    def _released(self) -> Iterator[tuple[int, ReleasedRow]]:
        """(place in landing, row): landing of released batches, less further copies and rows kept in quarantine."""
        shown: set[tuple[Batch, int]] = set()
        for place, (batch, seq) in enumerate(self.landing):
            file = self.batches[batch]
            line = file.lines[seq]
            if file.status != "released" or seq not in file.shown or self._is_further_copy((batch, seq), shown):
                continue
            shown.add((batch, seq))
            if line.record is not None and not self._is_kept_back(self._entry_key(batch, seq)):
                yield place, ReleasedRow(line.record, line.version, line.content, batch)

    def _is_further_copy(self, copy: tuple[Batch, int], shown: set[tuple[Batch, int]]) -> bool:
        return copy in shown

    def _is_kept_back(self, key: EntryKey) -> bool:
        entry = self.quarantine.get(key)
        return entry is not None and entry.status != "waived"

    def latest(self) -> dict[Record, Content]:
        best: dict[Record, tuple[int, Content | None]] = {}
        for place, row in self._released():
            rank = self._rank(place, row)
            if row.record not in best or rank > best[row.record][0]:
                best[row.record] = (rank, row.content)
        return {record: content for record, (_, content) in best.items() if content is not None}

    def _rank(self, place: int, row: ReleasedRow) -> int:
        """Which of two released rows of a record is later: the higher version, wherever it landed."""
        return row.version

    def versions(self) -> dict[uuid.UUID, Version]:
        lines = [line for file in self.batches.values() for line in file.lines]
        return {n.event_id: Version(n.record, n.version) for n in lines if n.record and n.operation != "rejected"}

    def entries(self) -> dict[EntryKey, EntryStatus]:
        return {key: entry.status for key, entry in self.quarantine.items()}
