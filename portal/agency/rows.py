"""The rows of a delivery that were kept back, one by one, however many there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.corrections import showing
from expectations.rules import reasons
from expectations.rules.reasons import Reason
from expectations.rules.suites import Text
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, dict_row
from portal.agency import columns
from portal.agency.receipt import UNDECIDED, Part
from portal.words import say

FETCH_ROWS = 2_000


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
    """by the sender's words, without identifiers; of a row that could not be taken apart its key at most"""
    fate: str = "open"
    """what became of it: its status, and of one that was mended what its replay came to"""

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
        record=showing.own_number(row["record_id"], contract),
        columns=columns.of_row(tuple(row["rule_ids"]), row["field"], row["detail"], contract),
        rule_ids=tuple(row["rule_ids"]),
        reasons=tuple(reasons.explain(rule_id, texts) for rule_id in row["rule_ids"]),
        status=row["status"],
        entry=row["quarantine_id"],
        values=showing.values(contract, row["data"], row["record_id"]),
        fate=row["fate"],
    )


def joined(texts: Iterable[Text], language: str) -> str:
    """Texts of several reasons in one cell."""
    return " / ".join(dict.fromkeys(say(text, language) for text in texts))


_ROWS = SQL(
    """
select k.batch_seq, k.quarantine_id, k.record_id, k.rule_ids, k.detail, k.status, k.line, k.part, k.field, k.data,
    k.fate
from portal.kept_back as k
where k.entity_table = %(table)s and k.batch_id = %(batch)s and k.batch_seq > %(after)s
    and (%(states)s::text[] is null or k.status = any(%(states)s))
order by k.batch_seq
limit %(limit)s
"""
)
