"""One row in quarantine with its content, its rules and its history, as far as who asks may see them.

A viewer sees no content; to an officer what the contract calls personal is masked, and so is the text of a row no one
could take apart, since it may name a person; a steward sees all. That an officer or a steward looked is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from expectations.decisions import sealed_rows
from expectations.decisions.entries import Entry, as_seen_by, read
from expectations.decisions.people import Actor, require
from expectations.decisions.trail import note
from expectations.judging.gx import ROLE
from expectations.rules import reasons
from expectations.rules.reasons import Reason
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.db import Connection, connect, dict_row
from pipeline.settings import Settings

MASK = "●●●"
"""Stands where a value is that the reader may not see."""


@dataclass(frozen=True)
class Failed:
    """A rule the row failed, in words."""

    rule_id: str
    keeps_back: bool
    """False: it only warned"""
    meaning: Reason


@dataclass(frozen=True)
class Step:
    """One decision in the life of a row."""

    at: dt.datetime
    action: str
    actor: str
    role: str
    reason: str
    before: str
    after: str
    expires_on: dt.date | None
    decision_id: int
    entries: int
    """how many rows the decision was about"""


@dataclass(frozen=True)
class Shown:
    """An entry with what it holds: a typed payload, or the raw text of a row that could not be read."""

    entry: Entry
    payload: Mapping[str, Any] | None
    """as the row came, by the source's own field names"""
    mended: Mapping[str, Any] | None
    """the whole row as someone last corrected it"""
    raw: str | None
    masked: tuple[str, ...]
    """fields that have a value which is not shown"""
    detail: str | None
    """which field and why, where the contract was not met"""
    failed: tuple[Failed, ...]
    history: tuple[Step, ...]
    """oldest first"""


def show(settings: Settings, entry_id: int, *, actor: Actor) -> Shown:
    """One entry, masked for who asks.

    :raises BadInput: when there is no such entry
    :raises NotAllowed: when its agency is not one of the actor's
    """
    with connect(settings, ROLE) as connection:
        entry = read(connection, entry_id)
        require(actor, "viewer", entry.agency_code)
        payload, raw, mended, detail = _content(settings, connection, entry)
        masked: set[str] = set()
        if not actor.may("officer"):
            payload = raw = mended = None
        else:
            if not actor.may("steward"):
                shown = visible(contract_of(settings, entry.entity_table))
                payload, mended = _masked(payload, shown, masked), _masked(mended, shown, masked)
                raw = None if raw is None else MASK
            note(connection, actor, "quarantine show", str(entry_id), {"table": entry.entity_table})
        history = _history(connection, entry_id)
    return Shown(as_seen_by(actor, entry), payload, mended, raw, tuple(sorted(masked)), detail, _failed(entry), history)


def fields_of(settings: Settings, entry_table: str, stage: str, payload: Any, sealed: bytes | None) -> Any:
    """Fields of a row as it came, as far as anyone could tell them apart; None where there is only a text."""
    if payload is not None or sealed is None or stage != "decode":
        return payload
    event = sealed_rows.event(settings, entry_table, sealed)
    return None if event is None else sealed_rows.payload(event)


def contract_of(settings: Settings, entry_table: str) -> Contract:
    """Contract of the table a row was for."""
    source, entity = entry_table.split("__")
    return contracts.load_all(settings.contracts_dir)[source, entity]


def visible(contract: Contract) -> frozenset[str]:
    """Fields whose values an officer may see, by the source's own names."""
    return frozenset(f.name for f in contract.landed_fields if f.classification != "personal")


def _content(
    settings: Settings, connection: Connection, entry: Entry
) -> tuple[Mapping[str, Any] | None, str | None, Mapping[str, Any] | None, str | None]:
    row = connection.execute(
        "select payload, sealed, mended, detail from quarantine.entry where entity_table = %s and quarantine_id = %s",
        (entry.entity_table, entry.quarantine_id),
    ).fetchone()
    assert row is not None  # noqa: S101 - it was read in this transaction, and entries are never deleted
    payload, sealed, mended, detail = row
    fields = fields_of(settings, entry.entity_table, entry.stage, payload, sealed)
    if fields is not None or sealed is None:
        return fields, None, mended, detail
    text = sealed_rows.unseal(settings, entry.entity_table, sealed).decode("utf-8", "replace")
    return None, text, mended, detail


def _masked(fields: Mapping[str, Any] | None, shown: frozenset[str], masked: set[str]) -> Mapping[str, Any] | None:
    """Values the contract does not vouch for are masked too: a field of a message may have any name."""
    if fields is None:
        return None
    hidden = {name for name, value in fields.items() if name not in shown and value is not None}
    masked |= hidden
    return {name: MASK if name in hidden else value for name, value in fields.items()}


def _failed(entry: Entry) -> tuple[Failed, ...]:
    known = reasons.known()
    kept_back = [Failed(rule_id, True, reasons.explain(rule_id, known)) for rule_id in entry.rule_ids]
    return (*kept_back, *(Failed(rule_id, False, reasons.explain(rule_id, known)) for rule_id in entry.warned_ids))


def _history(connection: Connection, entry_id: int) -> tuple[Step, ...]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "select d.decided_at as at, d.action, d.actor, d.role, d.reason, e.status_before as before, "
            "e.status_after as after, d.expires_on, d.decision_id, d.entries "
            "from quarantine.entry_decision as e "
            "inner join quarantine.decision as d on e.decision_id = d.decision_id "
            "where e.quarantine_id = %s order by d.decision_id",
            (entry_id,),
        )
        return tuple(Step(**row) for row in found)
