"""A receipt as CSV and as JSON, both streamed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.registry import Language
from expectations.reports.facts import PARTS
from pipeline.db import Connection
from portal import csv_lines
from portal.agency import corrections, rows
from portal.agency.receipt import Answered, Corrected, Correction, Part, Problem, Receipt, Repaired
from portal.agency.rows import KeptRow
from portal.words import COLUMNS, LINES, STATES, STATUSES, say


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
    if receipt.correction is None:
        yield _line("unchanged", language, count=receipt.unchanged)
    else:
        yield from _csv_correction(connection, receipt, receipt.correction, language)
    for one in receipt.since:
        yield _line("corrected_since", language, file=one.origin, count=one.rows, code=one.receipt_id)
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


def _csv_correction(
    connection: Connection[Any], receipt: Receipt, told: Correction, language: Language
) -> Iterator[Sequence[object]]:
    for one in told.corrects:
        yield _line("corrects", language, file=one.origin, count=one.rows, code=one.receipt_id)
    yield _line("taken", language, count=told.taken)
    yield _line("kept", language, count=told.kept)
    yield _line("not_taken", language, count=told.refused)
    for row in corrections.answers(connection, receipt):
        yield _line(
            "not_taken" if row.is_refused else "kept",
            language,
            table=row.table,
            file=row.file,
            line=row.line,
            record=row.record,
            column=row.field,
            code=row.code,
            text=say(row.reason.title, language),
            mend=say(row.reason.mend, language),
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
            text=rows.joined((reason.title for reason in row.reasons), language),
            mend=rows.joined((reason.mend for reason in row.reasons), language),
            status=say(STATUSES[row.fate], language),
        )


def _line(kind: str, language: Language, **cells: object) -> list[object]:
    order = ("table", "file", "part", "line", "record", "column", "count", "code", "text", "mend", "status")
    return [say(LINES[kind], language), *(cells.get(name) for name in order)]


def as_json(connection: Connection[Any], receipt: Receipt, language: Language) -> Iterator[bytes]:
    """The receipt as one JSON document; the rows kept back come last and are streamed."""
    head = json.dumps(summary(receipt, language), ensure_ascii=False, indent=1)
    yield head[: head.rindex("\n}")].encode()
    if receipt.correction is not None:
        answers = corrections.answers(connection, receipt)
        yield from _json_list("not_taken", (_json_answer(row, language) for row in answers))
    judged = (part for part in receipt.parts if not part.is_under_way)
    kept = (_json_row(part, row, language) for part in judged for row in rows.of_part(connection, part))
    yield from _json_list("rows", kept)
    yield b"\n}\n"


def _json_list(name: str, objects: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    yield f',\n "{name}": ['.encode()
    separator = b"\n  "
    for one in objects:
        yield separator + json.dumps(one, ensure_ascii=False).encode()
        separator = b",\n  "
    yield b"\n ]"


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
        "correction": None if receipt.correction is None else _json_correction(receipt.correction),
        "corrected_since": [_json_corrected(one) for one in receipt.since],
    }


def _json_correction(told: Correction) -> dict[str, Any]:
    return {
        "corrects": [_json_corrected(one) for one in told.corrects],
        "taken": told.taken,
        "left": told.kept,
        "refused": told.refused,
        "overtaken": told.overtaken,
        "repeat_of": None if told.repeat_of is None else str(told.repeat_of),
    }


def _json_corrected(one: Corrected) -> dict[str, Any]:
    at = one.at.isoformat(timespec="seconds")
    return {"receipt": str(one.receipt_id), "origin": one.origin, "sent_at": at, "rows": one.rows}


def _json_answer(row: Answered, language: Language) -> dict[str, Any]:
    return {
        "file": row.file,
        "row": row.line,
        "table": row.table,
        "record": row.record,
        "column": row.field,
        "code": row.code,
        "problem": say(row.reason.title, language),
        "mend": say(row.reason.mend, language),
        "refused": row.is_refused,
    }


def _json_part(part: Part, language: Language) -> dict[str, Any]:
    return {
        "table": part.entity,
        "part": part.anchor,
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
        "problem": rows.joined((reason.title for reason in row.reasons), language),
        "mend": rows.joined((reason.mend for reason in row.reasons), language),
        "status": row.fate,
    }
