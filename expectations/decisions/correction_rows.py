"""The rows of a correction: each matched with its entry in quarantine, mended there or answered with why not.

The file is read twice, once for its codes and once for its values; nothing of its values but what is to be kept is
written anywhere, and identifiers only sealed.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, NamedTuple

import msgspec

from connectors.corrections import cells, marks, showing
from connectors.corrections.comparing import Comparer, Difference
from connectors.corrections.reading import Correction, Filled, Part, Unread
from connectors.mending import MendedRow, Mender
from connectors.registry import Agency
from connectors.sources.meaning import Unreadable
from connectors.sources.spreadsheet.cells import shown
from expectations.decisions import decide, sealed_rows
from expectations.decisions.people import Actor
from expectations.decisions.selection import Selection
from expectations.decisions.trail import note
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.db import Connection, dict_row
from pipeline.errors import BadInput
from pipeline.settings import Settings

CHUNK_ROWS = 500
WITHOUT_CODE, UNKNOWN_CODE = "reader.correction_without_code", "reader.correction_unknown_code"
DOUBLED, REPEATED = "reader.correction_doubled", "note.correction_repeated"
DECIDED, UNCHANGED = "reader.correction_decided", "note.correction_unchanged"
WITHOUT_KEY = "reader.correction_without_key"

Outcome = Literal["taken", "kept", "refused"]


def reason(correction_id: uuid.UUID) -> str:
    """What stands beside a decision that a correction took."""
    return f"correction {correction_id}"


class _Answer(NamedTuple):
    """What became of one row."""

    outcome: Outcome
    code: str | None = None
    field: str | None = None
    record_id: str | None = None


class _Twice(NamedTuple):
    """A code that stands in several rows."""

    first: int
    differs: bool


@dataclass(frozen=True)
class _Table:
    """What is needed to mend rows of one entity."""

    contract: Contract
    comparer: Comparer
    mender: Mender


class Rows:
    """Takes the rows of one correction in the caller's transaction."""

    def __init__(
        self, connection: Connection[Any], settings: Settings, agency: Agency, correction_id: uuid.UUID
    ) -> None:
        self._connection, self._settings, self._id = connection, settings, correction_id
        self._agency_code = agency.agency_code
        self._tables = {
            c.table: _Table(c, Comparer(c), Mender(c, settings.secrets))
            for c in contracts.of_source(settings.contracts_dir, agency.source)
        }
        self._columns: dict[tuple[str, Part], dict[str, int]] = {}
        self._twice: Mapping[int, _Twice] = {}

    def match(self, correction: Correction) -> None:
        """Lock the entries that the file's codes stand for, in the order every decision locks them in."""
        execute, salt = self._connection.execute, os.urandom(32)
        execute("create temporary table given (seq bigint, quarantine_id bigint, content bytea) on commit drop")
        with (
            self._connection.cursor() as cursor,
            cursor.copy("copy given (seq, quarantine_id, content) from stdin (format binary)") as copy,
        ):
            copy.set_types(("int8", "int8", "bytea"))
            for seq, row in _filled(correction):
                if isinstance(row, Filled) and (entry := self._entry(row)) is not None:
                    copy.write_row((seq, entry, hashlib.blake2b(repr(row.cells).encode(), key=salt).digest()))
        execute(
            "create temporary table chosen on commit drop as select q.entity_table, q.quarantine_id "
            "from quarantine.entry as q where q.entity_table = any(%s) and q.agency_code = %s "
            "and q.quarantine_id in (select g.quarantine_id from given as g)",
            (list(self._tables), self._agency_code),
        )
        decide.lock(self._connection, decide.MEND, Selection())
        execute("create index on locked (quarantine_id)")
        execute("analyze locked")
        self._twice = {
            entry: _Twice(first, differs)
            for entry, first, differs in execute(
                "select quarantine_id, min(seq), count(distinct content) > 1 from given group by quarantine_id "
                "having count(*) > 1"
            )
        }

    def mend(self, correction: Correction, *, actor: Actor) -> int:
        """Mend what was changed and can be mended, and write down what became of each row; how many rows."""
        counts = {"taken": 0, "kept": 0, "refused": 0}
        rows = _filled(correction)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            for outcome in self._chunk(chunk):
                counts[outcome] += 1
        self._connection.execute("delete from locked where why is not null")
        taken = Selection(agency=self._agency_code, status=None)
        decide.carry_out(self._connection, decide.MEND, taken, actor=actor, reason=reason(self._id))
        self._connection.execute(
            "update quarantine.correction set rows = %(rows)s, taken = %(taken)s, kept = %(kept)s, "
            "refused = %(refused)s where correction_id = %(id)s",
            {**counts, "rows": sum(counts.values()), "id": self._id},
        )
        note(self._connection, actor, "correction taken", reason(self._id), counts)
        return sum(counts.values())

    def _chunk(self, chunk: Sequence[tuple[int, Filled | Unread]]) -> Iterator[Outcome]:
        codes = {seq: self._entry(row) if isinstance(row, Filled) else None for seq, row in chunk}
        found = self._found([entry for entry in codes.values() if entry is not None])
        answers, mended, taken = [], [], set()
        for seq, row in chunk:
            entry = found.get(codes[seq] or 0)
            answer, change = self._answer(seq, row, entry)
            answers.append(self._line(seq, row, entry, answer))
            if change is not None and entry is not None:
                mended.append(change)
                taken.add(entry["quarantine_id"])
            yield answer.outcome
        with self._connection.cursor() as cursor:
            cursor.executemany(_WRITE_MENDED, mended)
            cursor.executemany(_WRITE_ANSWER, answers)
        first_seen = {e for seq, e in codes.items() if e is not None and self._is_first(seq, e)}
        self._connection.execute("delete from locked where quarantine_id = any(%s)", (list(first_seen - taken),))

    def _is_first(self, seq: int, entry: int) -> bool:
        return entry not in self._twice or self._twice[entry].first == seq

    def _entry(self, row: Filled) -> int | None:
        return marks.entry_of(self._settings.secrets, self._agency_code, row.code)

    def _found(self, entries: list[int]) -> dict[int, dict[str, Any]]:
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return {row["quarantine_id"]: row for row in cursor.execute(_ENTRIES, (entries,))}

    def _answer(
        self, seq: int, row: Filled | Unread, entry: Mapping[str, Any] | None
    ) -> tuple[_Answer, Mapping[str, Any] | None]:
        """What becomes of a row, and what to write of it when it is taken."""
        if isinstance(row, Unread):
            return _Answer("refused", row.reason), None
        if entry is None:
            return _Answer("refused", UNKNOWN_CODE if row.code.strip() else WITHOUT_CODE), None
        twice = self._twice.get(entry["quarantine_id"])
        if twice is not None and twice.differs:
            return _Answer("refused", DOUBLED), None
        if twice is not None and twice.first != seq:
            return _Answer("kept", REPEATED), None
        if entry["why"] is not None:
            return _Answer("refused", DECIDED), None
        return self._mended(row, entry)

    def _mended(self, row: Filled, entry: Mapping[str, Any]) -> tuple[_Answer, Mapping[str, Any] | None]:
        table = self._tables[entry["entity_table"]]
        before = showing.values(table.contract, entry["data"], entry["record_id"])
        try:
            changed = table.comparer.difference(before, self._places(table.contract, row.part), row.cells)
        except Unreadable as lost:
            return _Answer("refused", lost.rule_id, lost.field), None
        if not changed:
            return _Answer("kept", UNCHANGED), None
        base = msgspec.json.decode(entry["data"], type=dict[str, Any]) if entry["data"] is not None else before
        payload = {
            name: cells.cleaned(value) if isinstance(value, str) else value
            for name, value in {**base, **changed.values}.items()
            if value is not None
        }
        mended = MendedRow(entry["record_id"] or "", json.dumps(payload).encode(), entry["version"] or 0)
        try:
            record_id = table.mender.edged(mended).record_id
        except BadInput:
            key = next((f.name for f in table.contract.key_fields if not payload.get(f.name)), None)
            return _Answer("refused", WITHOUT_KEY, key), None
        return _Answer("taken", record_id=record_id), {
            "table": entry["entity_table"],
            "entry": entry["quarantine_id"],
            "mended": json.dumps(payload, ensure_ascii=False),
            "identifiers": self._sealed(entry, changed),
        }

    def _places(self, contract: Contract, part: Part) -> Mapping[str, int]:
        known = self._columns.get((contract.table, part))
        if known is None:
            known = self._columns[contract.table, part] = showing.columns(contract, part.titles)
        return known

    def _sealed(self, entry: Mapping[str, Any], changed: Difference) -> bytes | None:
        if not changed.identifiers:
            return None
        table, number = entry["entity_table"], entry["quarantine_id"]
        return sealed_rows.seal_identifiers(self._settings, table, number, changed.identifiers)

    def _line(
        self, seq: int, row: Filled | Unread, entry: Mapping[str, Any] | None, answer: _Answer
    ) -> Mapping[str, Any]:
        known = entry or {"entity_table": None, "quarantine_id": None, "batch_id": None, "record_id": None}
        return {
            "id": self._id,
            "seq": seq,
            "outcome": answer.outcome,
            "code": answer.code,
            "field": answer.field,
            "file": row.part.file,
            "part": row.part.sheet,
            "line": row.line,
            "table": known["entity_table"],
            "entry": known["quarantine_id"],
            "batch": known["batch_id"],
            "record": answer.record_id or known["record_id"],
        }


def _filled(correction: Correction) -> Iterator[tuple[int, Filled | Unread]]:
    """The rows with something in them, numbered."""
    return enumerate(row for row in correction.rows() if isinstance(row, Unread) or any(map(shown, row.cells.values())))


_ENTRIES = """
select l.quarantine_id, l.entity_table, l.batch_id, l.why, q.record_id, q.version, o.data
from locked as l
inner join quarantine.entry as q on l.entity_table = q.entity_table and l.quarantine_id = q.quarantine_id
left join connect.outbox as o on q.batch_id = o.batch_id and q.batch_seq = o.batch_seq
where l.quarantine_id = any(%s)
"""
_WRITE_MENDED = (
    "update quarantine.entry set mended = %(mended)s, identifiers = %(identifiers)s "
    "where entity_table = %(table)s and quarantine_id = %(entry)s"
)
_WRITE_ANSWER = (
    "insert into quarantine.correction_row (correction_id, seq, outcome, code, field, file, part, line, entity_table, "
    "quarantine_id, batch_id, record_id) values (%(id)s, %(seq)s, %(outcome)s, %(code)s, %(field)s, %(file)s, "
    "%(part)s, %(line)s, %(table)s, %(entry)s, %(batch)s, %(record)s)"
)
