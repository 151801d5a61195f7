"""What became of a delivery, for whoever sent it: made on demand from stored facts, about this agency alone.

A receipt holds counts, places (file, row, column) and texts, and the record numbers the agency gave itself; it holds
no value of a row. Its books are those of ``quality.batch``: received = accepted + quarantined + duplicate + refused +
held. Repaired rows are among the accepted ones.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors import messages
from connectors.registry import Agency
from expectations.reports.facts import NO_BOOKS, Books
from expectations.rules import reasons
from expectations.rules.suites import Text
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.db import SQL, Connection, dict_row
from pipeline.settings import Settings
from portal.agency import columns, corrections
from portal.agency.receipt import UNDECIDED, Correction, Part, Problem, Receipt, Refused, Repaired, State


def gather(connection: Connection[Any], settings: Settings, agency: Agency, receipt_id: uuid.UUID) -> Receipt | None:
    """The receipt of a delivery or a refusal, over a connection that sees this agency; None when there is none."""
    found = _rows(connection, "select * from portal.deliveries where delivery_id = any(%(ids)s)", receipt_id)
    if not found:
        corrected = corrections.find(connection, receipt_id)
        if corrected is not None:
            return _of_correction(connection, settings, agency, corrected)
        return _of_refusal(connection, agency, receipt_id)
    row = found[0]
    receipt = Receipt(
        receipt_id=receipt_id,
        agency=agency,
        origin=row["origin"],
        sent_at=row["started_at"],
        state="unchanged",
        read_rows=row["read_rows"],
        unchanged=row["unchanged_rows"],
        parts=_parts(connection, settings, agency, [receipt_id]),
        repairs=_repairs(connection, receipt_id),
        since=corrections.since(connection, [receipt_id]),
    )
    return replace(receipt, state=state_of(receipt.parts))


def state_of(parts: Sequence[Part]) -> State:
    """What a clerk needs to know of a delivery first."""
    if not parts:
        return "unchanged"
    if any(part.is_under_way for part in parts):
        return "processing"
    if any(part.status == "held" for part in parts):
        return "held"
    if any(part.status == "refused" for part in parts):
        return "withdrawn"
    return "to_mend" if any(part.to_mend for part in parts) else "accepted"


def state_of_correction(correction: Correction, parts: Sequence[Part]) -> State:
    """What a clerk needs to know of a correction first."""
    if correction.repeat_of is not None:
        return "unchanged"
    if not correction.is_sent:
        return "processing"
    if parts and (sent := state_of(parts)) != "accepted":
        return sent
    return "to_mend" if correction.not_taken else "accepted"


def of_bad_input(agency: Agency, origin: str, at: dt.datetime, row: Mapping[str, Any]) -> Receipt:
    """The receipt of a delivery that was refused whole; ``row`` is one of ``connect.refusal``."""
    message = messages.of(row["code"])
    refused = Refused(
        code=row["code"],
        title=Text(message.title_zh, message.title_en),
        mend=Text(message.mend_zh, message.mend_en),
        problem=row["problem"],
        file=row["file"],
        line=row["line"],
        advice=row["advice"],
    )
    return Receipt(row["refusal_id"], agency, origin, at, "refused", refused=refused)


def _of_correction(connection: Connection[Any], settings: Settings, agency: Agency, row: Mapping[str, Any]) -> Receipt:
    sent = corrections.deliveries(connection, row["correction_id"])
    parts = _parts(connection, settings, agency, sent)
    told = corrections.gather(connection, settings, agency, row)
    return Receipt(
        receipt_id=row["correction_id"],
        agency=agency,
        origin=row["origin"],
        sent_at=row["received_at"],
        state=state_of_correction(told, parts),
        read_rows=row["rows"],
        unchanged=row["kept"],
        parts=parts,
        correction=told,
        since=corrections.since(connection, sent),
    )


def _of_refusal(connection: Connection[Any], agency: Agency, receipt_id: uuid.UUID) -> Receipt | None:
    found = _rows(connection, "select * from portal.refusals where refusal_id = any(%(ids)s)", receipt_id)
    return of_bad_input(agency, found[0]["origin"], found[0]["refused_at"], found[0]) if found else None


def _repairs(connection: Connection[Any], delivery_id: uuid.UUID) -> tuple[Repaired, ...]:
    query = "select * from portal.repairs where delivery_id = any(%(ids)s) order by entity, file, code, field"
    return tuple(
        Repaired(
            code=row["code"],
            title=Text(message.title_zh, message.title_en),
            mend=Text(message.mend_zh, message.mend_en),
            entity=row["entity"],
            file=row["file"],
            field=row["field"],
            rows=row["rows"],
            first_line=row["first_line"],
        )
        for row in _rows(connection, query, delivery_id)
        if (message := messages.of(row["code"]))
    )


def _parts(
    connection: Connection[Any], settings: Settings, agency: Agency, delivery_ids: Sequence[uuid.UUID]
) -> tuple[Part, ...]:
    known = contracts.load_all(settings.contracts_dir)
    texts = reasons.known()
    kept: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for row in _rows(connection, _KEPT_BACK, delivery_ids):
        kept.setdefault(row["batch_id"], []).append(row)
    results: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for row in _rows(connection, _RULE_RESULTS, delivery_ids):
        results.setdefault(row["batch_id"], []).append(row)
    numbers: Counter[str] = Counter()
    return tuple(
        _part(
            row,
            contract,
            kept.get(row["batch_id"], []),
            results.get(row["batch_id"], []),
            texts,
            contract.file if agency.transport == "file" else None,
            numbers[row["entity"]],
        )
        for row in _rows(connection, _BATCHES, delivery_ids)
        if (contract := known[row["source"], row["entity"]]) and not numbers.update([row["entity"]])
    )


def _part(
    row: Mapping[str, Any],
    contract: Contract,
    kept: Sequence[Mapping[str, Any]],
    results: Sequence[Mapping[str, Any]],
    texts: Mapping[str, reasons.Reason],
    file: str | None,
    number: int,
) -> Part:
    judged = row["status"] not in ("landing", "landed")
    books = Books(
        row["expected_rows"], row["released"], row["quarantined"], row["duplicate"], row["refused"], row["held"]
    )
    told = [r for r in results if r["severity"] != "critical"]
    holding = [r for r in results if r["severity"] == "critical" and r["scope"] == "table"]
    return Part(
        batch_id=row["batch_id"],
        entity=row["entity"],
        contract=contract,
        file=row["file"] or file,
        status=row["status"],
        received=row["expected_rows"],
        books=books if judged else NO_BOOKS,
        unchanged=row["unchanged_rows"],
        deleted=row["deleted_rows"],
        deletes_held=row["deletes_held"],
        unreadable=row["quarantined"] - row["entries"] if judged else 0,
        to_mend=row["to_mend"] if judged else 0,
        problems=tuple(
            _problem(k["rule_id"], contract, texts, k["rows"], k["first_line"], k["named"])
            for k in (kept if judged else ())
        ),
        notes=tuple(_problem(r["rule_id"], contract, texts, r["failed"]) for r in told),
        holds=tuple(_problem(r["rule_id"], contract, texts, r["failed"]) for r in holding),
        number=number,
    )


def _problem(
    rule_id: str,
    contract: Contract,
    texts: Mapping[str, reasons.Reason],
    rows: int,
    first_line: int | None = None,
    named: Sequence[str] = (),
) -> Problem:
    reason = reasons.explain(rule_id, texts)
    fields = {f.name for f in contract.fields}
    told = {name for detail in named for name in (detail, columns.named_in(detail)) if name in fields}
    where = tuple(f.name for f in contract.fields if f.name in told) or columns.of_rule(rule_id, contract)
    return Problem(rule_id, reason.title, reason.mend, where, rows, first_line)


def _rows(connection: Connection[Any], query: Any, about: uuid.UUID | Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    ids = [about] if isinstance(about, uuid.UUID) else list(about)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, {"ids": ids, "undecided": list(UNDECIDED)}).fetchall()


_RULE_RESULTS = "select * from portal.rule_results where delivery_id = any(%(ids)s)"


_BATCHES = SQL(
    """
select b.*, k.entries, k.to_mend
from portal.batches as b
cross join lateral (
    select count(*) as entries, count(*) filter (where k.status = any(%(undecided)s)) as to_mend
    from portal.kept_back as k
    where k.entity_table = b.entity_table and k.batch_id = b.batch_id
) as k
where b.delivery_id = any(%(ids)s)
order by b.file, b.entity, b.batch_id
"""
)
# What the decoder says of a value names a field in few ways, so there are few kinds however many rows.
_KEPT_BACK = SQL(
    """
with kinds as (
    select
        k.batch_id, k.rule_ids, coalesce(k.field, k.detail) as named, count(*) as rows, min(k.line) as first_line
    from portal.kept_back as k
    where k.delivery_id = any(%(ids)s)
    group by k.batch_id, k.rule_ids, coalesce(k.field, k.detail)
)

select
    kinds.batch_id, rule_id, sum(kinds.rows)::bigint as rows, min(kinds.first_line) as first_line,
    array_remove(array_agg(distinct kinds.named), null) as named
from kinds
cross join unnest(kinds.rule_ids) as rule_id
group by kinds.batch_id, rule_id
order by rows desc, rule_id
"""
)
