"""How the agencies' feeds stand, at the officer's desk: what is late, where deliveries are, where to look further."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter
from starlette.responses import Response

from alerting import feeds
from alerting.feeds import Status
from expectations.decisions.people import Actor
from pipeline.settings import Settings
from portal.officer import lineage, look
from portal.officer.visitor import Visiting

router = APIRouter(include_in_schema=False, prefix="/officer/feeds")


@router.get("")
def page(visit: Visiting) -> Response:
    """The feeds of the agencies this person answers for, those that are late first."""
    found = standing(visit.settings, visit.actor)
    return look.page(
        visit,
        "feeds",
        at="feeds",
        feeds=found,
        late=[status for status in found if status.feed.late_by is not None],
        is_broker_away=any(status.lag_messages is None for status in found),
        airflow=visit.settings.airflow_url,
        lineage=lineage.link if lineage.is_there(visit) else None,
    )


def standing(settings: Settings, actor: Actor) -> list[Status]:
    """How the feeds of the agencies someone answers for stand now."""
    return feeds.statuses(settings, look.agencies_of(settings, actor), dt.datetime.now(dt.UTC))
