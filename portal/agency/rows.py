"""The rows of a delivery that were kept back, one by one, however many there are."""

from __future__ import annotations

import functools
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from expectations.rules import reasons
from expectations.rules.reasons import Reason
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, dict_row
from portal.agency import columns
from portal.agency.receipt import UNDECIDED, Part

FETCH_ROWS = 2_000
_HIDDEN_ID = re.compile(r"h\.[A-Za-z0-9_-]{24}|long\|[0-9a-f]+")
"""What a record number becomes that contains a resident id: its sender could not read it."""
_UNNAMED = ("rejected|", "keyless|")


@dataclass(frozen=True)
class KeptRow:
    """A row that was kept back: where it stands, what is wrong with it; its content only for the file to mend."""

    seq: int
    line: int | None
    part: str | None
    record: str | None
    """the agency's own number of the record, where the row has one"""
    columns: tuple[str, ...]
    rule_ids: tuple[str, ...]
    reasons: tuple[Reason, ...]
    status: str
    entry: int
    values: Mapping[str, str]
    """by the sender's words, without identifiers; empty for a row that could not be taken apart"""

    @property
    def can_be_mended(self) -> bool:
        """Whether nobody has decided about it yet."""
        return self.status in UNDECIDED


def of_part(
    connection: Connection[Any],
    part: Part,
    *,
    after: int = -1,
    limit: int | None = None,
    to_mend_only: bool = False,
) -> Iterator[KeptRow]:
    """Rows of one table in the order of its file, those behind ``after`` first; constant memory."""
    wanted = {
        "table": part.contract.table,
        "batch": part.batch_id,
        "after": after,
        "limit": limit,
        "states": list(UNDECIDED) if to_mend_only else None,
    }
    texts = reasons.known()
    with connection.cursor(name=f"kept_{uuid.uuid4().hex}", row_factory=dict_row) as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(_ROWS, wanted)
        for row in cursor:
            yield _kept(row, part.contract, texts)


def _kept(row: Mapping[str, Any], contract: Contract, texts: Mapping[str, Reason]) -> KeptRow:
    return KeptRow(
        seq=row["batch_seq"],
        line=row["line"],
        part=row["part"],
        record=own_number(row["record_id"], contract),
        columns=columns.of_row(tuple(row["rule_ids"]), row["field"], row["detail"], contract),
        rule_ids=tuple(row["rule_ids"]),
        reasons=tuple(reasons.explain(rule_id, texts) for rule_id in row["rule_ids"]),
        status=row["status"],
        entry=row["quarantine_id"],
        values=_values(row["data"], contract),
    )


def own_number(record_id: str | None, contract: Contract) -> str | None:
    """A record id as its agency knows it; None where we made it up, or hid a resident id in it."""
    if record_id is None or record_id.startswith(_UNNAMED):
        return None
    if contract.identity == "occurrence":  # natural key | hash | occurrence
        record_id = record_id.rsplit("|", 2)[0]
    if any(_HIDDEN_ID.fullmatch(part) for part in (record_id, *record_id.split("|"))):
        return None
    return record_id


def fields_to_mend(contract: Contract) -> tuple[str, ...]:
    """The sender's header, without identifiers and what we throw away."""
    return _landed_names(contract)


@functools.cache
def _landed_names(contract: Contract) -> tuple[str, ...]:
    return tuple(f.name for f in contract.landed_fields)


def _values(data: bytes | None, contract: Contract) -> dict[str, str]:
    if data is None:
        return {}
    payload = msgspec.json.decode(data, type=dict[str, Any])
    return {
        name: str(payload[name])
        for name in _landed_names(contract)
        if payload.get(name) is not None and not _HIDDEN_ID.fullmatch(str(payload[name]))
    }


_ROWS = SQL(
    """
select k.batch_seq, k.quarantine_id, k.record_id, k.rule_ids, k.detail, k.status, k.line, k.part, k.field, k.data
from portal.kept_back as k
where k.entity_table = %(table)s and k.batch_id = %(batch)s and k.batch_seq > %(after)s
    and (%(states)s::text[] is null or k.status = any(%(states)s))
order by k.batch_seq
limit %(limit)s
"""
)
