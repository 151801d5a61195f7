"""Who was erased, as every stage asks before it writes: nothing of them passes, whoever sends it again.

``vault.erased`` holds subjects: keys of persons, and records as ``agency:source.entity:record``. Whoever erases locks
that table against readers, so a stage that reads it in the transaction it writes in can miss nobody.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from connectors.edge import Edged
from pipeline import contracts, envelope
from pipeline.contracts import Contract, Field
from pipeline.db import Connection


def subjects(connection: Connection[Any]) -> frozenset[str]:
    """Everybody and everything erased."""
    return frozenset(subject for (subject,) in connection.execute("select subject from vault.erased"))


def subject_of(agency_code: str, contract: Contract, record_id: str) -> str:
    """A record as a subject; a person without a key is sealed under that of their record."""
    return f"{agency_code}:{contract.name}:{record_id}"


def blank_record_id(batch_id: uuid.UUID, batch_seq: int) -> str:
    """What stands where a record of the erased was: its place in the manifest and nothing else."""
    return f"erased|{batch_id}|{batch_seq}"


def blank_event_id(
    agency_code: str, contract: Contract, batch_id: uuid.UUID, batch_seq: int, version: int
) -> uuid.UUID:
    """Event id of a blank line, the same whoever blanks it."""
    record_id = blank_record_id(batch_id, batch_seq)
    return envelope.event_id(agency_code, contract.source, contract.entity, record_id, version)


def is_about(event: Any, contract: Contract, gone: Collection[str]) -> bool:
    """Whether an event is about someone erased."""
    return event.personkey in gone or subject_of(event.source, contract, event.subject) in gone


def blank(event: Any, contract: Contract) -> Any:
    """An event of someone erased, emptied but for its place."""
    rejected = event.op == "rejected"
    return msgspec.structs.replace(
        event,
        id=event.id
        if rejected
        else blank_event_id(event.source, contract, event.batchid, event.batchseq, event.version),
        subject=blank_record_id(event.batchid, event.batchseq),
        op="rejected" if rejected else "delete",
        data=None,
        modified=None,
        personkey=None,
        idstatus=None,
        sealed=None,
    )


def references_to_persons(contract: Contract) -> tuple[tuple[Field, Contract], ...]:
    """Fields of a contract that hold the id of a person's record, and the entity they mean."""
    found = []
    for field in contract.fields:
        if field.reference is not None:
            meant = contracts.load_all(contract.path.parent.parent).get((contract.source, field.reference))
            if meant is not None and meant.identifier_fields:
                found.append((field, meant))
    return tuple(found)


def word(contract: Contract, record_id: str, field: Field) -> str:
    """What a reference says to mean this record: its id, or of a key of several parts the one of the same name."""
    keys = [key.name for key in contract.key_fields]
    if len(keys) == 1 or field.name not in keys:
        return record_id
    parts = record_id.split("|")
    return parts[keys.index(field.name)] if len(parts) == len(keys) else record_id


class Left:
    """The rows of one entity of one agency that are about nobody erased."""

    def __init__(self, gone: frozenset[str], agency_code: str, contract: Contract) -> None:
        self._gone, self._agency_code, self._contract = gone, agency_code, contract
        self._references = references_to_persons(contract) if gone else ()
        self.left_out = 0

    def of(self, rows: Iterable[Edged]) -> Iterable[Edged]:
        """The rows without those of the erased; a relative's row stays, and names them no more."""
        return self._kept(rows) if self._gone else rows

    def _kept(self, rows: Iterable[Edged]) -> Iterator[Edged]:
        for row in rows:
            named = self._named(row.data) if self._references and row.data else ()
            is_own = bool(self._contract.identifier_fields)
            if (
                row.person_key in self._gone
                or row.subject in self._gone
                or subject_of(self._agency_code, self._contract, row.record_id) in self._gone
                or (named and not is_own)
            ):
                self.left_out += 1
                continue
            yield row._replace(data=without(row.data, named)) if named and row.data else row

    def _named(self, data: bytes) -> list[tuple[str, frozenset[str]]]:
        payload = msgspec.json.decode(data)
        named = []
        for field, meant in self._references:
            said = [item.strip() for item in str(payload.get(field.name) or "").split(",")]
            gone = frozenset(item for item in said if subject_of(self._agency_code, meant, item) in self._gone)
            if gone:
                named.append((field.name, gone))
        return named


def without(data: bytes, named: Iterable[tuple[str, Collection[str]]]) -> bytes:
    """A payload whose fields name none of these any more."""
    payload = msgspec.json.decode(data)
    for name, gone in named:
        left = [item for item in str(payload.get(name) or "").split(",") if item.strip() not in gone]
        payload.pop(name, None)
        if left and left != [""]:
            payload[name] = ",".join(left)
    return msgspec.json.encode(payload)
