"""A receipt as CSV and as JSON, and the file of rows to mend; all of them streamed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.registry import Language
from expectations.reports.facts import PARTS
from expectations.rules.suites import Text
from pipeline.db import Connection
from portal import csv_lines
from portal.agency import rows
from portal.agency.receipt import Part, Problem, Receipt, Repaired
from portal.agency.rows import KeptRow
from portal.words import COLUMNS, LINES, MEND_COLUMNS, STATES, STATUSES, say


def as_csv(connection: Connection[Any], receipt: Receipt, language: Language) -> Iterator[bytes]:
    """Everything a receipt says, one fact a line: the delivery, the books, repairs, notes and every row kept back."""
    return csv_lines.encoded(_csv_rows(connection, receipt, language))


def _csv_rows(connection: Connection[Any], receipt: Receipt, language: Language) -> Iterator[Sequence[object]]:
    yield [say(column, language) for column in COLUMNS]
    yield _line(
        "delivery", language, file=receipt.origin, code=receipt.state, text=say(STATES[receipt.state], language)
    )
    if receipt.refused is not None:
        told = receipt.refused
        yield _line(
            "refused",
            language,
            file=told.file,
            line=told.line,
            code=told.code,
            text=f"{say(told.title, language)} ({told.problem})",
            mend=told.advice if language == "en" and told.advice else say(told.mend, language),
        )
        return
    yield _line("read", language, count=receipt.read_rows)
    yield _line("unchanged", language, count=receipt.unchanged)
    for part in receipt.parts:
        yield from _csv_part(connection, part, language)
    for repaired in receipt.repairs:
        yield _line(
            "note" if repaired.is_note else "repaired",
            language,
            table=repaired.entity,
            file=repaired.file,
            line=repaired.first_line,
            column=repaired.field,
            count=repaired.rows,
            code=repaired.code,
            text=say(repaired.title, language),
            mend=say(repaired.mend, language),
        )


def _csv_part(connection: Connection[Any], part: Part, language: Language) -> Iterator[Sequence[object]]:
    place = {"table": part.entity, "file": part.file}
    if part.is_under_way:
        yield _line("under_way", language, **place, count=part.received)
        return
    yield _line("received", language, **place, count=part.received)
    for name in PARTS:
        kind = "accepted" if name == "released" else name
        yield _line(kind, language, **place, count=int(getattr(part.books, name)))
    for kind, problems in (("held_why", part.holds), ("note", part.notes)):
        for told in problems:
            yield _line(
                kind,
                language,
                **place,
                column=", ".join(told.columns),
                count=told.rows,
                code=told.rule_id,
                text=say(told.title, language),
                mend=say(told.mend, language),
            )
    for row in rows.of_part(connection, part):
        yield _line(
            "row",
            language,
            **place,
            part=row.part,
            line=row.line,
            record=row.record,
            column=", ".join(row.columns),
            code=" ".join(row.rule_ids),
            text=_joined((reason.title for reason in row.reasons), language),
            mend=_joined((reason.mend for reason in row.reasons), language),
            status=say(STATUSES[row.status], language),
        )


def _line(kind: str, language: Language, **cells: object) -> list[object]:
    order = ("table", "file", "part", "line", "record", "column", "count", "code", "text", "mend", "status")
    return [say(LINES[kind], language), *(cells.get(name) for name in order)]


def _joined(texts: Iterator[Text], language: Language) -> str:
    return " / ".join(dict.fromkeys(say(text, language) for text in texts))


def to_mend(connection: Connection[Any], part: Part, language: Language) -> Iterator[bytes]:
    """Only the rows an agency can still put right, by its own record numbers and in its own header, as CSV."""
    return csv_lines.encoded(_mend_rows(connection, part, language))


def _mend_rows(connection: Connection[Any], part: Part, language: Language) -> Iterator[Sequence[object]]:
    fields = rows.fields_to_mend(part.contract)
    yield [*(say(column, language) for column in MEND_COLUMNS), *fields]
    for row in rows.of_part(connection, part, to_mend_only=True):
        yield [
            row.line,
            row.part or part.file,
            row.record,
            ", ".join(row.columns),
            _joined((reason.title for reason in row.reasons), language),
            _joined((reason.mend for reason in row.reasons), language),
            row.entry,
            *(row.values.get(name) for name in fields),
        ]


def as_json(connection: Connection[Any], receipt: Receipt, language: Language) -> Iterator[bytes]:
    """The receipt as one JSON document; the rows kept back come last and are streamed."""
    head = json.dumps(summary(receipt, language), ensure_ascii=False, indent=1)
    yield head[: head.rindex("\n}")].encode() + b',\n "rows": ['
    separator = b"\n  "
    for part in receipt.parts:
        if part.is_under_way:
            continue
        for row in rows.of_part(connection, part):
            yield separator + json.dumps(_json_row(part, row, language), ensure_ascii=False).encode()
            separator = b",\n  "
    yield b"\n ]\n}\n"


def summary(receipt: Receipt, language: Language) -> dict[str, Any]:
    """The receipt without its rows, as a JSON object."""
    told = receipt.refused
    return {
        "receipt": str(receipt.receipt_id),
        "preview": receipt.is_preview,
        "agency": receipt.agency.agency_code,
        "source": receipt.agency.source,
        "origin": receipt.origin,
        "sent_at": receipt.sent_at.isoformat(timespec="seconds"),
        "state": receipt.state,
        "state_text": say(STATES[receipt.state], language),
        "read": receipt.read_rows,
        "unchanged": receipt.unchanged,
        "under_way": receipt.under_way,
        "to_mend": receipt.to_mend,
        "books": _books(receipt.books),
        "refused": None
        if told is None
        else {
            "code": told.code,
            "title": say(told.title, language),
            "mend": say(told.mend, language),
            "problem": told.problem,
            "file": told.file,
            "row": told.line,
            "advice": told.advice,
        },
        "tables": [_json_part(part, language) for part in receipt.parts],
        "repaired": [_json_repair(r, language) for r in receipt.repairs if not r.is_note],
        "notes": [_json_repair(r, language) for r in receipt.repairs if r.is_note],
    }


def _json_part(part: Part, language: Language) -> dict[str, Any]:
    return {
        "table": part.entity,
        "file": part.file,
        "status": part.status,
        "received": part.received,
        "books": None if part.is_under_way else _books(part.books),
        "unchanged": part.unchanged,
        "deleted": part.deleted,
        "to_mend": part.to_mend,
        "unreadable": part.unreadable,
        "problems": [_json_problem(p, language) for p in part.problems],
        "reported": [_json_problem(p, language) for p in part.notes],
        "held_because": [_json_problem(p, language) for p in part.holds],
    }


def _books(books: Any) -> dict[str, int]:
    return {
        "received": books.received,
        "accepted": books.released,
        "quarantined": books.quarantined,
        "duplicate": books.duplicate,
        "refused": books.refused,
        "held": books.held,
    }


def _json_problem(problem: Problem, language: Language) -> dict[str, Any]:
    return {
        "rule": problem.rule_id,
        "title": say(problem.title, language),
        "mend": say(problem.mend, language),
        "columns": list(problem.columns),
        "rows": problem.rows,
        "first_row": problem.first_line,
    }


def _json_repair(repaired: Repaired, language: Language) -> dict[str, Any]:
    return {
        "code": repaired.code,
        "title": say(repaired.title, language),
        "mend": say(repaired.mend, language),
        "table": repaired.entity,
        "file": repaired.file,
        "column": repaired.field,
        "rows": repaired.rows,
        "first_row": repaired.first_line,
    }


def _json_row(part: Part, row: KeptRow, language: Language) -> Mapping[str, Any]:
    return {
        "table": part.entity,
        "file": row.part or part.file,
        "row": row.line,
        "record": row.record,
        "columns": list(row.columns),
        "rules": list(row.rule_ids),
        "problem": _joined((reason.title for reason in row.reasons), language),
        "mend": _joined((reason.mend for reason in row.reasons), language),
        "status": row.status,
    }
