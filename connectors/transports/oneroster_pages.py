"""Reads one collection of a OneRoster service page by page, sure that nothing slipped between two pages.

Pages are cut by ``limit`` and ``offset`` from a list that goes on changing. Each page but the first therefore begins
with the last object of the one before, the hinge: where it stands elsewhere, objects before it have come or gone, and
reading goes on behind the place where it stands now. A list that moves too fast is read again from its beginning.
"""

from __future__ import annotations

import datetime as dt
import email.utils
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import httpx

from connectors.http import Client
from connectors.registry import Agency
from pipeline.errors import BadInput

Thing = Mapping[str, Any]

PAGES_BACK = 8
"""How far back the hinge is looked for before the list is read again from its beginning."""
_KEY = "sourcedId"


class Page(NamedTuple):
    """The objects of a page that no page before it had."""

    things: list[Thing]
    told_at: dt.datetime | None
    """the server's own clock"""


class MovedError(Exception):
    """The list changed faster than it could be read."""


@dataclass(frozen=True)
class Collection:
    """One list of the service: ``name`` is also the key of the list in its answers."""

    name: str
    path: str


class _Told(NamedTuple):
    things: list[Thing]
    headers: httpx.Headers

    @property
    def total(self) -> int | None:
        """Length of the whole list, where the server says it."""
        said = self.headers.get("X-Total-Count", "").strip()
        return int(said) if said.isascii() and said.isdigit() else None

    @property
    def next(self) -> str | None:
        """Address of the next page, where the server names one."""
        found = httpx.Response(200, headers={"Link": self.headers.get("Link", "")}).links.get("next")
        return found.get("url") if found else None

    def ends_at(self, reached: int) -> bool:
        """Whether the server says that there are no more than ``reached`` objects; many do not say."""
        if "rel=" in self.headers.get("Link", ""):
            return self.next is None
        return self.total is not None and reached >= self.total


class Pages:
    """Pages of one collection, in the order ``sort``; ``page_rows`` objects at a time."""

    def __init__(self, client: Client, agency: Agency, collection: Collection, page_rows: int) -> None:
        self._client, self._agency, self._collection = client, agency, collection
        self._rows = max(2, page_rows)  # the hinge and at least one more

    def read(self, sort: str, condition: str | None) -> Iterator[Page]:
        """Every object of the list that meets ``condition``, once, as long as the list stands still before the hinge.

        :raises MovedError: the hinge is gone, or fewer objects came than the server counts
        """
        params = {"sort": sort, "orderBy": "asc", **({"filter": condition} if condition else {})}
        hinge: Thing | None = None
        place = 0  # of the hinge; before there is one, of the first object
        while True:
            told = self._ask({**params, "limit": str(self._rows), "offset": str(place)})
            if hinge is not None:
                asked, (told, place) = place, self._behind(hinge, told, place, params)
                if place != asked and not told.things:
                    continue  # it stands last in an earlier page: what follows it is in the next
            yield Page(told.things, _clock(told.headers))
            if told.next and "offset" not in httpx.URL(told.next).params:
                yield from self._follow(told.next)
                return
            reached = place + len(told.things) + (hinge is not None)
            if told.things and not told.ends_at(reached):
                place, hinge = reached - 1, told.things[-1]
                continue
            if told.total is not None and reached < told.total:
                raise MovedError
            return

    def _behind(self, hinge: Thing, told: _Told, place: int, params: Mapping[str, str]) -> tuple[_Told, int]:
        """What follows the hinge in a page, and where the hinge stands now: here, or in one of the pages before."""
        begins = (max(0, place - back * (self._rows - 1)) for back in range(PAGES_BACK + 1))
        for begin in dict.fromkeys(begins):
            if begin != place:
                told = self._ask({**params, "limit": str(self._rows), "offset": str(begin)})
            for at, thing in enumerate(told.things):
                if thing.get(_KEY) == hinge.get(_KEY):
                    return told._replace(things=told.things[at + 1 :]), begin + at
        raise MovedError

    def _follow(self, address: str) -> Iterator[Page]:
        """Pages of a server that cuts them in a way of its own and names each next one."""
        following: str | None = address
        while following:
            told = self._ask(None, following)
            yield Page(told.things, _clock(told.headers))
            following = told.next if told.things else None

    def _ask(self, params: Mapping[str, str] | None, address: str | None = None) -> _Told:
        body, headers = self._client.get_json(address or self._collection.path, params)
        things = body.get(self._collection.name) if isinstance(body, dict) else None
        if not isinstance(things, list) or not all(isinstance(thing, dict) for thing in things):
            raise BadInput(
                f"the answer holds no list {self._collection.name}",
                agency=self._agency.agency_code,
                source=self._agency.source,
                file=self._collection.path,
                advice="The url in the agency's yml must be that of a OneRoster 1.2 service.",
                code="refused.oneroster_rest_shape",
            )
        return _Told(things, headers)


def _clock(headers: httpx.Headers) -> dt.datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
