"""Asks a learning record store for the statements it has stored since it was last asked.

====================  ==================================================================================================
Standard              xAPI 1.0.3 and 2.0, communication: ``GET statements`` with ``since``, ``ascending``, ``limit``,
                      ``more``; the header ``X-Experience-API-Version`` says which version we speak
Login                 HTTP basic; secrets ``user`` and ``password``, read anew at each request
Cursor                the time the store calls consistent (``X-Experience-API-Consistent-Through``) when a reading
                      begins, so that a statement stored late by one of its machines is not missed; a store that does
                      not say: the latest time stored, less ``overlap_minutes``. While a reading is under way also its
                      next page, so that a killed one goes on; a page the store has forgotten begins the reading again
Deletes               none; voiding statements are statements
Slices                one page; what is told twice is unchanged
Attachments           never asked for
Params                url (of the statements resource's parent); version (1.0.3), page_rows (500),
                      requests_per_second (5), timeout_s (30), patience_s (300), overlap_minutes (10), ca_file
====================  ==================================================================================================
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

from connectors.http import Client
from connectors.http_logins import Basic
from connectors.registry import Agency
from connectors.staging import Progress
from connectors.transports import rest, spool
from connectors.transports.base import Slice
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import Settings

CONSISTENT, VERSION = "X-Experience-API-Consistent-Through", "X-Experience-API-Version"
DEFAULT_VERSION = "1.0.3"


class _Place(msgspec.Struct, omit_defaults=True):
    """What the cursor says."""

    since: str | None = None
    """statements stored later than this were not all read yet"""
    more: str | None = None
    """next page of the reading that is under way"""
    reaches: str | None = None
    """to where that reading reaches when it is done"""


class LearningRecordStore:
    """The transport ``rest`` of the source xapi."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep

    def slices(
        self, settings: Settings, agency: Agency, cursor: str | None, room: Path, progress: Progress
    ) -> Iterator[Slice]:
        """Page after page from ``cursor`` to the end, as :class:`Transport` has it."""
        place = _Place() if cursor is None else msgspec.json.decode(cursor, type=_Place)
        pages = rows = 0
        with _connected(settings, agency, self._sleep) as client:
            while True:
                under_way = place.more is not None
                statements, more, headers = self._page(client, agency, place)
                place.reaches = _later(place.reaches, _reach(agency, statements, headers, place))
                place.more = more
                if more is None:
                    place = _Place(since=place.reaches or place.since)
                pages, rows = pages + 1, rows + len(statements)
                progress(rows)
                if statements or under_way:  # an empty last page ends the reading all the same
                    folder = _written(room / f"page-{pages}", statements)
                    yield Slice(folder, msgspec.json.encode(place).decode())
                if more is None:
                    return

    def _page(
        self, client: Client, agency: Agency, place: _Place
    ) -> tuple[list[dict[str, Any]], str | None, httpx.Headers]:
        """The next page; a page the store no longer knows begins its reading again."""
        if place.more is not None:
            try:
                return _understood(agency, *client.get_json(place.more))
            except BadInput as error:
                if error.code not in ("refused.http_missing", "refused.http_status"):
                    raise
                place.more = None
        params = {"ascending": "true", "attachments": "false", "limit": agency.params.get("page_rows", "500")}
        if place.since is not None:
            params["since"] = place.since
        return _understood(agency, *client.get_json("statements", params))


def _written(folder: Path, statements: list[dict[str, Any]]) -> Path:
    if not statements:
        with spool.writing(folder, "xapi", "append"):
            return folder
    folder.mkdir()
    lines = b"".join(msgspec.json.encode(statement) + b"\n" for statement in statements)
    (folder / "statements.jsonl").write_bytes(lines)
    return folder


def _connected(settings: Settings, agency: Agency, sleep: Callable[[float], None]) -> Client:
    params = agency.params
    if "url" not in params:
        raise ConfigurationError(f"{agency.agency_code}.yml: params.url is missing: where is its record store?")
    return rest.client(
        agency,
        Basic(
            lambda: settings.credential(agency.agency_code, "user"),
            lambda: settings.credential(agency.agency_code, "password"),
        ),
        sleep,
        {VERSION: params.get("version", DEFAULT_VERSION)},
    )


def _understood(
    agency: Agency, answer: Any, headers: httpx.Headers
) -> tuple[list[dict[str, Any]], str | None, httpx.Headers]:
    """(statements, next page, headers).

    :raises BadInput: for an answer that is no list of statements
    """
    statements = answer.get("statements") if isinstance(answer, dict) else None
    more = answer.get("more") if isinstance(answer, dict) else None
    if not isinstance(statements, list) or not (more is None or isinstance(more, str)):
        raise BadInput(
            "the record store answers with something other than statements",
            agency=agency.agency_code,
            source=agency.source,
            advice="Check params.url: it must end before /statements.",
            code="refused.no_statements",
        )
    return statements, more or None, headers


def _reach(agency: Agency, statements: list[dict[str, Any]], headers: httpx.Headers, place: _Place) -> str | None:
    """To where everything is known once this reading has ended."""
    if place.reaches is not None and CONSISTENT in headers:
        return None  # the first page's word counts: what became consistent later may lie on a page already read
    if CONSISTENT in headers:
        return headers[CONSISTENT]
    stored = [moment for one in statements if isinstance(one, dict) and (moment := _moment(one.get("stored")))]
    if not stored:
        return None
    overlap = dt.timedelta(minutes=float(agency.params.get("overlap_minutes", "10")))
    return (max(stored) - overlap).isoformat()


def _later(first: str | None, second: str | None) -> str | None:
    moments = [(moment, text) for text in (first, second) if (moment := _moment(text)) is not None]
    return max(moments)[1] if moments else None


def _moment(text: object) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
