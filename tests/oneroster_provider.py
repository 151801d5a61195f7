"""An honest OneRoster 1.2 provider on this machine, over HTTP, with faults that a test can switch on."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import re
import socket
import threading
import urllib.parse
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

COLLECTIONS = {
    "rostering": ("orgs", "academicSessions", "courses", "classes", "users", "demographics", "enrollments"),
    "gradebook": ("categories", "lineItems", "results"),
}
BEGINNING = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
Fault = Callable[[Request], Response | None]

_FILTER = re.compile(r"dateLastModified(>=|>)'([^']+)'")


class Provider:
    """What a school system knows, by collection and sourcedId; every change moves its clock by a second."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, dict[str, Any]]] = {
            name: {} for names in COLLECTIONS.values() for name in names
        }
        self.login = ("us", "the-secret")
        self.faults: list[Fault] = []
        """each meets one request for a page, in their order"""
        self.asked: list[str] = []
        """addresses of the pages asked for"""
        self.before_page: Callable[[str, int], None] = lambda collection, offset: None
        self.largest_page = 3000
        self.tells_total = self.tells_links = True
        self.own_paging = False
        """pages are named by a word of its own, not by offset"""
        self.counts_too_many = 0
        self._times = itertools.count(1)
        self._tokens: set[str] = set()
        self._given = itertools.count(1)
        self.url = ""

    def put(self, collection: str, sourced_id: str, *, at: dt.datetime | None = None, **fields: Any) -> None:
        """Add or change an object."""
        moment = at or BEGINNING + dt.timedelta(seconds=next(self._times))
        known = self.things[collection].get(sourced_id, {"sourcedId": sourced_id, "status": "active"})
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.things[collection][sourced_id] = {**known, **fields, "dateLastModified": stamp}

    def drop(self, collection: str, sourced_id: str) -> None:
        """Let an object vanish without a word."""
        del self.things[collection][sourced_id]

    def revoke_tokens(self) -> None:
        """None of the tokens given so far is taken any more."""
        self._tokens.clear()

    def token(self, authorization: str, form: dict[str, list[str]]) -> Response:
        shown = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":", 1)
        if tuple(map(urllib.parse.unquote_plus, shown)) != self.login or "scope" not in form:
            return JSONResponse({"error": "invalid_client"}, 401)
        token = f"token-{next(self._given)}"
        self._tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 3600})

    def page(self, request: Request, collection: str) -> Response:
        self.asked.append(str(request.url))
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return JSONResponse({"imsx_codeMajor": "failure"}, 401)
        if self.faults and (answer := self.faults.pop(0)(request)):
            return answer
        asked = request.query_params
        limit = min(int(asked.get("limit", "100")), self.largest_page)
        offset = int(asked.get("at", asked.get("offset", "0")))
        self.before_page(collection, offset)
        found = self._found(collection, asked.get("filter"), asked.get("sort", "sourcedId"))
        headers = {"X-Total-Count": str(len(found) + self.counts_too_many)} if self.tells_total else {}
        if self.tells_links:
            address = self.url + request.url.path
            links = [f'<{address}?limit={limit}&offset=0>; rel="first"']
            if offset + limit < len(found):
                more = {**asked, "limit": str(limit), ("at" if self.own_paging else "offset"): str(offset + limit)}
                if self.own_paging:
                    more.pop("offset", None)
                links.append(f'<{address}?{urllib.parse.urlencode(more)}>; rel="next"')
            headers["Link"] = ", ".join(links)
        return JSONResponse({collection: found[offset : offset + limit]}, headers=headers)

    def _found(self, collection: str, condition: str | None, sort: str) -> list[dict[str, Any]]:
        things = list(self.things[collection].values())
        if condition:
            match = _FILTER.fullmatch(condition)
            assert match, condition
            low = dt.datetime.fromisoformat(match[2])
            things = [thing for thing in things if dt.datetime.fromisoformat(thing["dateLastModified"]) > low]
        return sorted(things, key=lambda thing: (thing.get(sort, ""), thing["sourcedId"]))


def refuse_once(status: int, **headers: str) -> Fault:
    return lambda request: JSONResponse({"imsx_codeMajor": "failure"}, status, headers)


def cut_off(request: Request) -> Response:
    """An answer that breaks off in its middle."""

    async def half() -> AsyncIterator[bytes]:
        yield b'{"orgs": [{"sourcedId"'
        raise ConnectionResetError

    return StreamingResponse(half(), headers={"Content-Length": "5000", "Content-Type": "application/json"})


def fine(request: Request) -> None:
    """No fault: lets one request through."""


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Serve a provider while the context lasts; ``provider.url`` says where."""
    app = FastAPI()

    @app.post("/token")
    async def token(request: Request) -> Response:
        form = urllib.parse.parse_qs((await request.body()).decode())
        return provider.token(request.headers.get("authorization", ""), form)

    for service, names in COLLECTIONS.items():
        for name in names:
            app.add_api_route(f"/ims/oneroster/{service}/v1p2/{name}", _endpoint(provider, name))

    listening = socket.create_server(("127.0.0.1", 0))
    provider.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _endpoint(provider: Provider, name: str) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return provider.page(request, name)

    endpoint.__annotations__ = {"request": Request}
    return endpoint


def school(provider: Provider, pupils: int = 5) -> None:
    """One school with a class, pupils in it, and a test they took."""

    def to(kind: str, sourced_id: str) -> dict[str, str]:
        return {"href": f"https://example.test/{kind}s/{sourced_id}", "sourcedId": sourced_id, "type": kind}

    provider.put("orgs", "b1", name="教育局", type="district", metadata={"cn.divisionCode": "339901"})
    provider.put("orgs", "s1", name="甲小学", type="school", parent=to("org", "b1"),
                 metadata={"cn": {"divisionCode": "339901"}})  # fmt: skip
    provider.put("academicSessions", "y1", title="2026-2027学年", type="schoolYear", startDate="2026-09-01",
                 endDate="2027-09-01", schoolYear="2027")  # fmt: skip
    provider.put("courses", "c1", title="语文", org=to("org", "s1"), schoolYear=to("academicSession", "y1"),
                 grades=["01", "02"])  # fmt: skip
    provider.put("classes", "k1", title="一班", classType="homeroom", course=to("course", "c1"),
                 school=to("org", "s1"), terms=[to("academicSession", "y1")])  # fmt: skip
    for number in range(pupils):
        key = f"u{number:04}"
        role = {"roleType": "primary", "role": "student", "org": to("org", "s1"), "beginDate": "2026-09-01"}
        provider.put("users", key, enabledUser=True, username=key, givenName="明", familyName="王", roles=[role],
                     primaryOrg=to("org", "s1"), userMasterIdentifier="", password="never-send-this")  # fmt: skip
        provider.put("enrollments", f"e{number:04}", user=to("user", key), school=to("org", "s1"), role="student",
                     **{"class": to("class", "k1")})  # fmt: skip
    provider.put("demographics", "u0000", birthDate="2019-05-05", sex="female")
    provider.put("categories", "g1", title="测验", weight=40)
    provider.put("lineItems", "l1", title="第一单元", assignDate="2026-09-08", dueDate="2026-09-12",
                 school=to("org", "s1"), category=to("category", "g1"), resultValueMax=100.0,
                 gradingPeriod=to("academicSession", "y1"), **{"class": to("class", "k1")})  # fmt: skip
    provider.put("results", "r1", lineItem=to("lineItem", "l1"), student=to("user", "u0000"), score=87.5,
                 scoreStatus="fully graded", scoreDate="2026-09-15", late=False)  # fmt: skip
