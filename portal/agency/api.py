"""The desk for machines: hand in, list, ask for receipts; a token with every request."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.registry import Agency, Language
from portal import door
from portal.agency import answers, desk, handing_in, listing, pages, tables
from portal.words import STATES, say

router = APIRouter(prefix="/api/v1", tags=["deliveries"])
RETRY_S = "5"


class Taken(BaseModel):
    """A delivery that was handed in and waits to be read."""

    delivery: str
    origin: str
    bytes: int
    state: str
    receipt: str
    page: str


class Line(BaseModel):
    """One delivery in the list."""

    delivery: str
    origin: str
    at: dt.datetime
    state: str
    rows: int
    accepted: int
    to_mend: int
    receipt: str
    correction: bool


class Page(BaseModel):
    """Some deliveries, the newest first; ``next`` is where older ones are."""

    deliveries: list[Line]
    next: str | None


def caller(request: Request) -> Agency:
    """The agency whose token came with the request."""
    return door.bearer(request)


Caller = Annotated[Agency, Depends(caller)]
Spoken = Annotated[Literal["zh", "en"] | None, Query(description="else the agency's own")]


@router.post("/deliveries", status_code=201)
async def hand_in(request: Request, agency: Caller) -> Taken:
    """Hand in one delivery: a form with one or more files, or the body itself with ``?filename=``."""
    taken = await handing_in.take(request, agency, lambda mark: True)
    place = f"{_base(request)}/api/v1/deliveries/{taken.upload_id}"
    return Taken(
        delivery=str(taken.upload_id),
        origin=taken.origin,
        bytes=taken.size,
        state="waiting",
        receipt=f"{place}/receipt",
        page=f"{_base(request)}/deliveries/{taken.upload_id}",
    )


@router.get("/deliveries")
def deliveries(
    request: Request,
    agency: Caller,
    before: dt.datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = listing.PAGE,
) -> Page:
    """The agency's deliveries, the newest first."""
    with desk.opened(door.service(request).settings, agency.agency_code) as connection:
        found = listing.page(connection, before=before, limit=limit)
    base = _base(request)
    lines = [
        Line(
            delivery=str(line.receipt_id),
            origin=line.origin,
            at=line.at,
            state=line.state,
            rows=line.rows,
            accepted=line.accepted,
            to_mend=line.to_mend,
            receipt=f"{base}/api/v1/deliveries/{line.receipt_id}/receipt",
            correction=line.is_correction,
        )
        for line in found
    ]
    older = (
        f"{base}/api/v1/deliveries?limit={limit}&before={found[-1].at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        if found
        else None
    )
    return Page(deliveries=lines, next=older if len(found) == limit else None)


@router.get("/deliveries/{delivery}")
def delivery(request: Request, agency: Caller, delivery: str, language: Spoken = None) -> Any:
    """What became of one delivery, without its rows."""
    _, receipt = answers.resolve(door.service(request).settings, agency, delivery)
    if receipt is None:
        return _waiting(delivery, language or agency.language)
    return {**tables.summary(receipt, language or agency.language), "delivery": delivery}


@router.get("/deliveries/{delivery}/receipt")
def receipt(
    request: Request,
    agency: Caller,
    delivery: str,
    form: Annotated[Literal["json", "csv", "html"], Query(alias="format")] = "json",
    language: Spoken = None,
) -> Response:
    """The whole receipt, every row that was kept back included; 202 while the delivery waits to be read."""
    settings, words = door.service(request).settings, language or agency.language
    _, found = answers.resolve(settings, agency, delivery)
    if found is None:
        return JSONResponse(_waiting(delivery, words), 202, {"retry-after": RETRY_S})
    if form == "html":
        return pages.receipt_alone(settings, agency, found, words)
    return answers.document(settings, agency, found, form, words)


@router.get("/deliveries/{delivery}/to-mend/{table}.{form}")
def rows_to_mend(
    request: Request, agency: Caller, delivery: str, table: str, form: str, language: Spoken = None
) -> Response:
    """The rows of one table that can still be put right, as xlsx or csv: fill it in and hand it in as it is."""
    settings = door.service(request).settings
    _, found = answers.resolve(settings, agency, delivery)
    if found is None:
        return JSONResponse(_waiting(delivery, agency.language), 202, {"retry-after": RETRY_S})
    return answers.to_mend(settings, agency, found, table, form, language or agency.language)


def _waiting(delivery: str, language: Language) -> dict[str, Any]:
    return {"delivery": delivery, "state": "waiting", "state_text": say(STATES["waiting"], language)}


def _base(request: Request) -> str:
    return door.service(request).config.public_url or str(request.base_url).rstrip("/")
