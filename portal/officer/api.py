"""The officer's desk for machines: what waits, rows, batches and decisions about them; a token with every request."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.background import BackgroundTasks
from starlette.requests import Request

from expectations.decisions import batches as batch_decisions
from expectations.decisions import quarantine
from expectations.decisions.people import Actor, NotAllowed
from pipeline.errors import BadInput
from pipeline.settings import Settings
from portal import door
from portal.officer import batches as batch_pages
from portal.officer import deciding, impact, visitor, waiting
from portal.officer import feeds as feed_pages
from portal.officer.rows import Filter
from portal.officer.visitor import Calling, need
from portal.refusals import NotTaken

router = APIRouter(prefix="/api/v1/officer", tags=["quality officer"])
MOST = 1_000
Limit = Annotated[int, Query(ge=1, le=MOST)]
Reason = Annotated[str, Field(min_length=1, max_length=2000, description="kept with the decision; no personal data")]


class RowDecision(BaseModel):
    """A decision about rows: about ``entries``, or about all that fit the rest, the oldest ``limit`` of them."""

    action: Literal["return", "waive", "refuse", "reopen", "replay", "resend"]
    reason: Reason
    entries: list[int] = Field(default=[], max_length=10_000)
    agency: str = ""
    table: str = ""
    rule: str = ""
    batch: uuid.UUID | None = None
    status: Literal["open", "returned", "mended", "waived", "refused", "any"] = "open"
    limit: int | None = Field(default=None, ge=1)
    until: dt.date | None = Field(default=None, description="last day, for waive")


class Correction(BaseModel):
    """Fields of a row by the source's own names; null empties one, those not named keep their value."""

    fields: dict[str, str | None]
    reason: Reason


class BatchDecision(BaseModel):
    """A decision about a batch."""

    action: Literal["release", "release_with_waiver", "refuse", "withdraw"]
    reason: Reason
    until: dt.date | None = Field(default=None, description="last day, for release_with_waiver")


class Left(BaseModel):
    """A row that was meant and not decided."""

    entry: int
    why: str


class Outcome(BaseModel):
    """What came of a decision."""

    decided: int
    decision: int | None = Field(description="number by which it can be taken back")
    left: list[Left]
    batches: list[uuid.UUID] = Field(description="whose rows were decided; of a replay, the new batches")
    superseded: int = Field(description="closed without being sent: the agency has said something newer")


@router.get("/waiting")
def what_waits(request: Request, actor: Calling) -> dict[str, Any]:
    """Rows by agency, table, rule and state, rows by state, and the batches on hold."""
    with visitor.opened(_settings(request), actor) as connection:
        piles = waiting.piles(connection, states=waiting.STATES)
        states = waiting.rows_by_status(connection)
        held = waiting.batches(connection, status="held", limit=MOST)
    return {"rows": states, "piles": [asdict(pile) for pile in piles], "held": [asdict(batch) for batch in held]}


@router.get("/rows")
def rows(
    request: Request, actor: Calling, wanted: Annotated[Filter, Depends()], after: int | None = None, limit: Limit = 100
) -> dict[str, Any]:
    """Rows that fit a filter, the oldest first; ``next`` is the ``after`` of those behind them."""
    need(actor, "officer", wanted.agency or None)
    settings, selection = _settings(request), wanted.selection()
    try:
        found = quarantine.list_entries(settings, selection, actor=actor, limit=limit + 1, after=after)
        total = quarantine.count(settings, selection, actor=actor)
    except NotAllowed:
        raise NotTaken("nothing_here", 404) from None
    more = found[limit - 1].quarantine_id if len(found) > limit else None
    return {"total": total, "rows": [asdict(entry) for entry in found[:limit]], "next": more}


@router.get("/rows/{entry}")
def row(request: Request, actor: Calling, entry: int) -> dict[str, Any]:
    """One row: content masked by role, every rule it failed, its history. That it was read is kept."""
    need(actor, "officer")
    try:
        return asdict(quarantine.show(_settings(request), entry, actor=actor))
    except (NotAllowed, BadInput):
        raise NotTaken("nothing_here", 404) from None


@router.post("/rows/decide")
def decide_rows(request: Request, actor: Calling, asked: RowDecision, later: BackgroundTasks) -> Outcome:
    """Return, let pass until a day, refuse or take back; replay what is mended, or (``resend``) a wrong rule's rows."""
    need(actor, "officer", asked.agency or None)
    if asked.action == "waive" and asked.until is None:
        raise NotTaken("no_such_day", 422)
    if asked.action == "resend" and not asked.rule:
        raise NotTaken("nothing_chosen", 422)
    if not (asked.entries or asked.agency or asked.table or asked.rule or asked.batch):
        raise NotTaken("nothing_chosen", 422)
    batch = str(asked.batch) if asked.batch else ""
    wanted = Filter(asked.agency, asked.table, asked.rule, batch, asked.status)
    selection = wanted.selection(tuple(asked.entries), asked.limit)
    try:
        done = deciding.carry_out(
            _settings(request), actor, asked.action, selection, reason=asked.reason, until=asked.until
        )
    except NotAllowed:
        raise NotTaken("nothing_here", 404) from None
    except BadInput as error:
        raise NotTaken("not_decided", 409, problem=error.problem) from None
    if done.sources:
        later.add_task(deciding.publish_all, _settings(request), done.sources)
    return _outcome(done)


@router.post("/rows/{entry}/mend")
def mend(request: Request, actor: Calling, entry: int, asked: Correction) -> dict[str, Any]:
    """Keep a correction; it travels with the next replay."""
    need(actor, "officer")
    settings = _settings(request)
    try:
        return asdict(quarantine.mend(settings, entry, asked.fields, reason=asked.reason, actor=actor))
    except NotAllowed:
        raise NotTaken("nothing_here", 404) from None
    except BadInput as error:
        raise NotTaken("not_decided", 409, problem=error.problem) from None


@router.get("/batches")
def batches(request: Request, actor: Calling, status: str = "", agency: str = "", limit: Limit = 100) -> dict[str, Any]:
    """Batches that are judged, the latest first."""
    need(actor, "viewer", agency or None)
    with visitor.opened(_settings(request), actor) as connection:
        found = waiting.batches(connection, status=status or None, agency=agency or None, limit=limit)
    return {"batches": [asdict(batch) for batch in found]}


@router.get("/batches/{batch}")
def batch(request: Request, actor: Calling, batch: uuid.UUID) -> dict[str, Any]:
    """One batch with the evidence: what it did not pass and on what grounds, and the batches before it."""
    found = _batch(request, actor, batch)
    return {
        "batch": asdict(found),
        "evidence": asdict(batch_decisions.evidence(_settings(request), batch, actor=actor)),
    }


@router.get("/batches/{batch}/impact")
def bears_on(request: Request, actor: Calling, batch: uuid.UUID) -> dict[str, Any]:
    """Which published numbers a batch holds back, or would move if it were withdrawn; by lineage, as they stand."""
    return {"impact": asdict(impact.of(_settings(request), _batch(request, actor, batch)))}


@router.post("/batches/{batch}/decide")
def decide_batch(request: Request, actor: Calling, batch: uuid.UUID, asked: BatchDecision) -> dict[str, Any]:
    """Release, release with a waiver, refuse or withdraw; the batch as it stands then."""
    found = _batch(request, actor, batch)
    need(actor, "officer", found.agency_code)
    if asked.action == "release_with_waiver" and asked.until is None:
        raise NotTaken("no_such_day", 422)
    try:
        batch_pages.carry_out(_settings(request), actor, asked.action, batch, reason=asked.reason, until=asked.until)
    except BadInput as error:
        raise NotTaken("not_decided", 409, problem=error.problem) from None
    return {"batch": asdict(_batch(request, actor, batch))}


@router.get("/feeds")
def feeds(request: Request, actor: Calling) -> dict[str, Any]:
    """How each agency's feed stands: due, last delivery, lag, held, kept back; those that are late first."""
    found = feed_pages.standing(_settings(request), actor)
    return {"feeds": [status.document() for status in found]}


@router.get("/trail")
def trail(request: Request, actor: Calling, before: dt.datetime | None = None, by: str = "") -> dict[str, Any]:
    """Who decided what, the latest first; ``next`` is the ``before`` of older ones."""
    with visitor.opened(_settings(request), actor) as connection:
        found = waiting.trail(connection, actor=by or None, before=before)
    shown = found[: waiting.PAGE]
    return {"decisions": [asdict(line) for line in shown], "next": shown[-1].at if len(found) > len(shown) else None}


def _batch(request: Request, actor: Actor, batch: uuid.UUID) -> waiting.Batch:
    with visitor.opened(_settings(request), actor) as connection:
        found = waiting.batches(connection, batch=batch)
    if not found:
        raise NotTaken("nothing_here", 404)
    return found[0]


def _settings(request: Request) -> Settings:
    return door.service(request).settings


def _outcome(done: deciding.Outcome) -> Outcome:
    return Outcome(
        decided=done.decided,
        decision=done.decision_id,
        left=[Left(entry=entry, why=why) for entry, why in done.left],
        batches=list(done.batches),
        superseded=done.superseded,
    )
