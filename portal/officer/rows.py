"""Rows in quarantine at the officer's desk: the list, one row with its content, and its correction field by field."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from expectations.decisions import quarantine
from expectations.decisions.people import NotAllowed
from expectations.decisions.quarantine import Selection, Shown
from expectations.decisions.show import MASK
from pipeline import contracts
from pipeline.contracts import Contract
from pipeline.errors import BadInput
from pipeline.settings import Settings
from portal.agency import columns
from portal.officer import look, visitor, waiting
from portal.officer.visitor import Form, Visit, Visiting
from portal.officer.words import ROW_ACTIONS
from portal.refusals import NotTaken

router = APIRouter(include_in_schema=False, prefix="/officer")
PAGE = 50
Status = Literal["open", "returned", "mended", "waived", "refused", "closed", "any"]
_NEW = "new:"
"""Before a field's name in the form that corrects a row."""


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to; the same words stand in addresses, in forms and in the JSON interface."""

    agency: Annotated[str, Query(max_length=80)] = ""
    table: Annotated[str, Query(max_length=120)] = ""
    rule: Annotated[str, Query(max_length=200)] = ""
    batch: Annotated[str, Query(max_length=40)] = ""
    status: Status = "open"

    def selection(self, entries: tuple[int, ...] = (), limit: int | None = None) -> Selection:
        """The rows meant.

        :raises NotTaken: for a batch whose number is none
        """
        return Selection(
            entries=entries,
            agency=self.agency or None,
            table=self.table or None,
            rule=self.rule or None,
            batch=batch_id(self.batch) if self.batch else None,
            status=None if self.status == "any" else self.status,
            limit=limit,
        )

    @property
    def given(self) -> Mapping[str, str]:
        """What was asked for, as an address or a form carries it."""
        return {
            "agency": self.agency,
            "table": self.table,
            "rule": self.rule,
            "batch": self.batch,
            "status": self.status,
        }


@dataclass(frozen=True)
class Field:
    """One field of a row."""

    name: str
    value: str | None
    is_masked: bool
    is_faulty: bool
    mended: str | None
    """as someone corrected it; None where nobody did"""


@router.get("/rows")
def listed(visit: Visiting, wanted: Annotated[Filter, Depends()], after: int | None = None) -> Response:
    """Rows that fit a filter, the oldest first."""
    visit.need("officer", wanted.agency or None)
    selection = wanted.selection()
    try:
        found = quarantine.list_entries(visit.settings, selection, actor=visit.actor, limit=PAGE + 1, after=after)
        total = quarantine.count(visit.settings, selection, actor=visit.actor)
    except NotAllowed:
        raise NotTaken("nothing_here", 404) from None
    with visitor.opened(visit.settings, visit.actor) as connection:
        choices = waiting.choices(connection)
    entries = found[:PAGE]
    return look.page(
        visit,
        "rows",
        at="rows",
        wanted=wanted,
        entries=entries,
        total=total,
        after=after,
        more=entries[-1].quarantine_id if len(found) > PAGE else None,
        choices=choices,
        actions=offered(wanted),
    )


@router.get("/rows/{entry}")
def one(visit: Visiting, entry: int) -> Response:
    """One row: its content masked by role, every rule it failed, and what was decided about it."""
    return page_of(visit, entry)


@router.post("/rows/{entry}/check")
def check_mending(visit: Visiting, entry: int, given: Form) -> Response:
    """Show what a correction changes, before it is kept."""
    shown = read(visit, entry)
    changes = _changes(fields(visit.settings, shown), given)
    if not changes:
        return page_of(visit, entry, told=look.refused(visit, "nothing_changed"), status=400)
    return look.page(visit, "mend", at="rows", shown=shown, changes=changes, new=_NEW)


@router.post("/rows/{entry}/mend")
def mend(visit: Visiting, entry: int, given: Form) -> Response:
    """Keep a correction; it travels with the next replay."""
    visit.need("officer")
    reason = given.get("reason", [""])[-1].strip()
    changed = {name: values[-1] or None for name, values in _news(given).items()}
    if not reason or not changed:
        return page_of(
            visit, entry, told=look.refused(visit, "no_reason" if changed else "nothing_changed"), status=400
        )
    try:
        quarantine.mend(visit.settings, entry, changed, reason=reason, actor=visit.actor)
    except NotAllowed:
        raise NotTaken("nothing_here", 404) from None
    except BadInput as error:
        return page_of(visit, entry, told=look.refused(visit, "not_decided", problem=error.problem), status=409)
    return page_of(visit, entry, done=True)


def page_of(visit: Visit, entry: int, *, told: str = "", done: bool = False, status: int = 200) -> Response:
    """The page of one row."""
    shown = read(visit, entry)
    return look.page(
        visit,
        "row",
        at="rows",
        status=status,
        shown=shown,
        entry=shown.entry,
        fields=fields(visit.settings, shown),
        actions={name: a for name, a in ROW_ACTIONS.items() if name in _ONE and shown.entry.status in a.allowed},
        can_mend=shown.entry.status in waiting.UNDECIDED,
        mask=MASK,
        new=_NEW,
        told=told,
        done=done,
    )


def read(visit: Visit, entry: int) -> Shown:
    """A row as this person may see it.

    :raises NotTaken: 404 when there is none, or it is not theirs; 403 for who may see no rows
    """
    visit.need("officer")
    try:
        return quarantine.show(visit.settings, entry, actor=visit.actor)
    except (NotAllowed, BadInput):
        raise NotTaken("nothing_here", 404) from None


def fields(settings: Settings, shown: Shown) -> list[Field]:
    """Every field of a row in the order of its contract, then what came besides."""
    contract = contract_of(settings, shown.entry.entity_table)
    payload, mended = shown.payload or {}, shown.mended or {}
    faulty = columns.of_row(tuple(shown.entry.rule_ids), None, shown.detail, contract)
    known = [f.name for f in contract.landed_fields]
    return [
        Field(
            name=name,
            value=_text(payload.get(name)),
            is_masked=name in shown.masked,
            is_faulty=name in faulty,
            mended=_text(mended[name]) if name in mended and mended[name] != payload.get(name) else None,
        )
        for name in [*known, *(name for name in payload if name not in known)]
    ]


def offered(wanted: Filter) -> list[str]:
    """What can be decided about rows in that state."""
    named = [name for name, action in ROW_ACTIONS.items() if wanted.status == "any" or wanted.status in action.allowed]
    return [name for name in named if name != "resend" or wanted.rule]


def contract_of(settings: Settings, entity_table: str) -> Contract:
    """Contract of the table a row was for."""
    source, _, entity = entity_table.partition("__")
    return contracts.load_all(settings.contracts_dir)[source, entity]


def batch_id(text: str) -> uuid.UUID:
    """A batch's number.

    :raises NotTaken: when it is none
    """
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotTaken("nothing_here", 404) from None


_ONE = ("return", "waive", "refuse", "reopen", "replay")


def _changes(known: list[Field], given: Mapping[str, list[str]]) -> dict[str, tuple[Field, str]]:
    """Fields that the form would change, with what it would put there; a masked one only where something was typed."""
    by_name = {field.name: field for field in known}
    changes = {}
    for name, values in _news(given).items():
        field, typed = by_name.get(name), values[-1]
        if field is None or (field.is_masked and not typed):
            continue
        before = "" if field.is_masked else (field.mended if field.mended is not None else field.value) or ""
        if _one_line(typed) != _one_line(before):
            changes[name] = (field, typed)
    return changes


def _news(given: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name.removeprefix(_NEW): values for name, values in given.items() if name.startswith(_NEW)}


def _one_line(text: str) -> str:
    """As a browser hands back the value of a field of one line."""
    return text.replace("\r", "").replace("\n", "")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
