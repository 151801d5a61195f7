"""Why a batch is held, as a person reads it in a terminal: the rules first, then the numbers, then what to type."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cli.output import Table, emit_json, emit_tables, say

if TYPE_CHECKING:
    from expectations.decisions.evidence import Books, Evidence, FailedRule

_BOOKS = ("batch", "landed", "status", "received", "released", "quarantined", "duplicate", "refused", "held", "deletes",
          "unchanged", "decided by", "why")  # fmt: skip
_RULES = ("rule", "holds", "observed", "expected", "rows failing", "of", "what it means")


def emit(evidence: Evidence, as_json: bool) -> None:
    """Show the evidence about one batch."""
    if as_json:
        emit_json(dataclasses.asdict(evidence))
        return
    emit_tables(_tables(evidence), as_json=False)
    for rule in evidence.failed:
        if rule.holds:
            say(f"{rule.rule_id}: {rule.meaning.mend.zh} {rule.meaning.mend.en}")
    for line in _what_to_type(evidence):
        say(line)


def _tables(evidence: Evidence) -> Iterator[Table]:
    name = f"{evidence.agency_code} {evidence.source}.{evidence.entity}, from {evidence.origin}"
    yield Table("batch", name, _BOOKS, [_books(evidence.books)])
    yield Table("failed", "Rules it failed", _RULES, [_rule(rule) for rule in evidence.failed])
    yield Table("earlier", "Earlier batches", _BOOKS, [_books(books) for books in evidence.earlier])


def _books(b: Books) -> tuple[Any, ...]:
    landed = f"{b.landed_at:%Y-%m-%d %H:%M}" if b.landed_at else None
    return (str(b.batch_id), landed, b.status, b.received, b.released, b.quarantined, b.duplicate, b.refused, b.held,
            b.deleted_rows, b.unchanged_rows, b.decided_by, b.decision_reason)  # fmt: skip


def _rule(rule: FailedRule) -> tuple[Any, ...]:
    title = f"{rule.meaning.title.zh} {rule.meaning.title.en}"
    holds = "waived" if rule.waived else "yes" if rule.holds else None
    known = rule.evidence or {}
    observed = known.get("observed", rule.observed)
    failing = None if rule.scope == "table" else rule.failed
    return (rule.rule_id, holds, observed, expected(known), failing, rule.evaluated, title)


def expected(evidence: Mapping[str, Any]) -> str | None:
    """What the rule measured against, as far as it says so: a range, what is usual, how many batches tell."""
    low, high = evidence.get("low"), evidence.get("high")
    parts = []
    if low is not None or high is not None:
        parts.append(f"{'…' if low is None else low} to {'…' if high is None else high}")
    if evidence.get("baseline") is not None:
        parts.append(f"usually {evidence['baseline']}")
    if evidence.get("batches") is not None:
        parts.append(f"by {evidence['batches']} batches")
    return ", ".join(parts) or None


def _what_to_type(evidence: Evidence) -> Iterator[str]:
    books = evidence.books
    if books.status == "held":
        yield f"./flyover impact {books.batch_id}   (which published numbers wait for it)"
        yield f"./flyover batches release {books.batch_id} --reason '…' [--waive-until YYYY-MM-DD]"
        yield f"./flyover batches refuse {books.batch_id} --reason '…'"
    elif books.decided_by:
        yield f"{books.status} by {books.decided_by}: {books.decision_reason}"
