"""Which rows in quarantine are meant: by entry, or all that share a rule, an agency, a table, a batch or a delivery."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from expectations.decisions.people import Actor, require
from pipeline.db import SQL, Composed, Connection
from pipeline.errors import BadInput

Status = Literal["open", "mended", "waived", "returned", "refused", "closed"]


@dataclass(frozen=True)
class Selection:
    """Rows that fit everything given here.

    Entries named one by one are meant whatever their status, so that who decides about them is told why one cannot be
    decided; of all others only those in ``status`` (None: any).
    """

    entries: tuple[int, ...] = ()
    agency: str | None = None
    table: str | None = None
    rule: str | None = None
    """a rule that keeps the row back, alone or among others"""
    batch: uuid.UUID | None = None
    delivery: uuid.UUID | None = None
    status: str | None = "open"
    days: int | None = None
    """kept back within so many days"""
    limit: int | None = None
    """the oldest so many"""

    def __post_init__(self) -> None:
        if self.status is not None and self.status not in get_args(Status):
            raise BadInput(f"there is no status {self.status!r}", advice=f"Use one of {', '.join(get_args(Status))}.")

    @property
    def names_some(self) -> bool:
        """Whether anything but the status narrows it."""
        return bool(self.entries or self.agency or self.table or self.rule or self.batch or self.delivery)

    def given(self) -> dict[str, Any]:
        """What was asked for, as the audit trail keeps it."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value not in (None, ())}


_CONDITIONS = {
    "entries": "q.quarantine_id = any(%(entries)s)",
    "agency": "q.agency_code = %(agency)s",
    "table": "q.entity_table = %(table)s",
    "rule": "%(rule)s = any(q.rule_ids)",
    "batch": "q.batch_id = %(batch)s",
    "delivery": "q.batch_id in (select b.batch_id from quality.batch as b where b.delivery_id = %(delivery)s)",
    "days": "q.opened_at >= now() - make_interval(days => %(days)s)",
}


def where(selection: Selection, actor: Actor) -> tuple[Composed, dict[str, Any]]:
    """Condition on ``quarantine.entry as q`` and its parameters; rows of other agencies than the actor's never fit."""
    parameters = {name: value for name, value in selection.given().items() if name in _CONDITIONS}
    if selection.entries:
        parameters["entries"] = list(selection.entries)
    conditions = [_CONDITIONS[name] for name in parameters]
    if selection.status is not None and not selection.entries:
        conditions.append("q.status = %(status)s")
        parameters["status"] = selection.status
    if actor.agencies is not None:
        conditions.append("q.agency_code = any(%(agencies)s)")
        parameters["agencies"] = sorted(actor.agencies)
    return SQL(" and ").join(SQL(condition) for condition in conditions or ["true"]), parameters


def require_reach(connection: Connection, selection: Selection, actor: Actor) -> None:
    """Let pass who may look at what is meant; a rule or a table alone means those of the actor's own agencies.

    :raises NotAllowed: when an entry, a batch, a delivery or an agency of someone else is named
    """
    if actor.agencies is None:
        return
    for agency_code in _named_agencies(connection, selection):
        require(actor, "viewer", agency_code)


def _named_agencies(connection: Connection, selection: Selection) -> Iterator[str]:
    if selection.agency is not None:
        yield selection.agency
    if selection.batch is not None or selection.delivery is not None:
        query = "select distinct agency_code from quality.batch where batch_id = %s or delivery_id = %s"
        for (agency_code,) in connection.execute(query, (selection.batch, selection.delivery)):
            yield agency_code
    if selection.entries:
        query = "select distinct agency_code from quarantine.entry where quarantine_id = any(%s)"
        for (agency_code,) in connection.execute(query, (list(selection.entries),)):
            yield agency_code
