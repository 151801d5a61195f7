"""Batches at the officer's desk: the list, the evidence why one is held, the decision, and what it holds back."""

from __future__ import annotations

import datetime as dt
import uuid

from fastapi import APIRouter
from starlette.responses import Response

from expectations.decisions import batches as decisions
from expectations.decisions.days import today
from expectations.decisions.people import Actor, NotAllowed
from pipeline.errors import BadInput
from pipeline.settings import Settings
from portal.officer import impact, look, reports, visitor, waiting
from portal.officer.rows import batch_id
from portal.officer.visitor import Form, Visit, Visiting
from portal.officer.waiting import Batch
from portal.officer.words import BATCH_ACTIONS, BATCH_STATUSES
from portal.refusals import NotTaken

router = APIRouter(include_in_schema=False, prefix="/officer/batches")


@router.get("")
def listed(visit: Visiting, status: str = "", agency: str = "") -> Response:
    """Batches, those that wait first."""
    if status not in ("", *BATCH_STATUSES):
        raise NotTaken("nothing_here", 404)
    visit.need("viewer", agency or None)
    with visitor.opened(visit.settings, visit.actor) as connection:
        found = waiting.batches(connection, status=status or None, agency=agency or None)
    return look.page(visit, "batches", at="batches", batches=found, state=status, agency=agency)


@router.get("/{batch}")
def one(visit: Visiting, batch: str) -> Response:
    """One batch: its books, the rules it did not pass, the batches before it, and what can be decided."""
    return page_of(visit, batch_id(batch))


@router.get("/{batch}/impact")
def bears_on(visit: Visiting, batch: str) -> Response:
    """Which published numbers this batch holds back, or would move if it were withdrawn."""
    found, settings = find(visit, batch_id(batch)), visit.settings
    return look.page(
        visit,
        "impact",
        at="batches",
        b=found,
        impact=impact.of(settings, found),
        most=impact.MOST_NUMBERS,
        indicators=impact.indicator_names(settings),
        areas=impact.area_names(settings),
    )


@router.post("/{batch}/confirm")
def confirm(visit: Visiting, batch: str, given: Form) -> Response:
    """Say once more what would be decided, and ask why."""
    return _asked(visit, find(visit, batch_id(batch)), _action(given))


@router.post("/{batch}/decide")
def decide(visit: Visiting, batch: str, given: Form) -> Response:
    """Carry a decision out."""
    found, action = find(visit, batch_id(batch)), _action(given)
    visit.need("officer", found.agency_code)
    reason, until = given.get("reason", [""])[-1].strip(), given.get("until", [""])[-1]
    if not reason:
        return _asked(visit, found, action, told=look.refused(visit, "no_reason"), status=400)
    try:
        day = dt.date.fromisoformat(until) if action == "release_with_waiver" else None
    except ValueError:
        day = dt.date.min
    if day is not None and day < today():
        return _asked(visit, found, action, told=look.refused(visit, "no_such_day"), reason=reason, status=400)
    try:
        carry_out(visit.settings, visit.actor, action, found.batch_id, reason=reason, until=day)
    except NotAllowed:
        raise NotTaken("nothing_here", 404) from None
    except BadInput as error:
        told = look.refused(visit, "not_decided", problem=error.problem)
        return page_of(visit, found.batch_id, told=told, status=409)
    return page_of(visit, found.batch_id, done=action)


def carry_out(
    settings: Settings, actor: Actor, action: str, batch: uuid.UUID, *, reason: str, until: dt.date | None = None
) -> None:
    """Hand a decision to the one place where decisions are taken.

    :raises NotAllowed: when it is another's batch
    :raises BadInput: when the batch is not in a state for it
    """
    if action == "release_with_waiver":
        assert until is not None  # noqa: S101 - callers have asked for the day
        decisions.release_with_waiver(settings, batch, reason=reason, expires_on=until, actor=actor)
    else:
        take = {"release": decisions.release, "refuse": decisions.refuse, "withdraw": decisions.withdraw}[action]
        take(settings, batch, reason=reason, actor=actor)


def find(visit: Visit, batch: uuid.UUID) -> Batch:
    """A batch this person may see.

    :raises NotTaken: 404 when there is none
    """
    with visitor.opened(visit.settings, visit.actor) as connection:
        found = waiting.batches(connection, batch=batch)
    if not found:
        raise NotTaken("nothing_here", 404)
    return found[0]


def page_of(
    visit: Visit,
    batch: uuid.UUID,
    *,
    told: str = "",
    done: str = "",
    status: int = 200,
) -> Response:
    """The page of one batch."""
    found = find(visit, batch)
    evidence = decisions.evidence(visit.settings, batch, actor=visit.actor)
    with visitor.opened(visit.settings, visit.actor) as connection:
        replays = waiting.batches(connection, replay_of=batch)
    return look.page(
        visit,
        "batch",
        at="batches",
        status=status,
        b=found,
        evidence=evidence,
        report=reports.page_about(visit, "batch", str(batch)),
        replays=replays,
        actions={name: action for name, action in BATCH_ACTIONS.items() if found.status in action.allowed},
        told=told,
        done=BATCH_ACTIONS[done] if done else None,
    )


def _asked(visit: Visit, found: Batch, action: str, *, told: str = "", reason: str = "", status: int = 200) -> Response:
    visit.need("officer", found.agency_code)
    return look.page(
        visit,
        "confirm_batch",
        at="batches",
        status=status,
        b=found,
        action=action,
        act=BATCH_ACTIONS[action],
        told=told,
        reason=reason,
        first_day=today(),
        last_day=today() + dt.timedelta(days=30),
    )


def _action(given: dict[str, list[str]]) -> str:
    action = given.get("action", [""])[-1]
    if action not in BATCH_ACTIONS:
        raise NotTaken("nothing_here", 404)
    return action
