"""An honest learning record store on this machine, over HTTP, with faults that a test can switch on."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

BEGINNING = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)


class Store:
    """Statements in the order in which they were stored, one a second; pages are remembered by a word."""

    def __init__(self) -> None:
        self.statements: list[dict[str, Any]] = []
        self.login = ("us", "the-secret")
        self.says_consistent = True
        self.holds_back = 0
        """statements at the end that are stored but not yet shown, as in a store of several machines"""
        self.forgets_pages = False
        self.faults: list[int] = []
        """statuses that meet the next requests"""
        self.asked: list[dict[str, str]] = []
        self.url = ""
        self._times, self._words = itertools.count(1), itertools.count(1)
        self._pages: dict[str, tuple[list[dict[str, Any]], int]] = {}

    def keep(self, who: str, verb: str = "experienced", **more: Any) -> str:
        """Store a statement; returns its id."""
        stored = BEGINNING + dt.timedelta(seconds=next(self._times))
        given = str(uuid.UUID(int=len(self.statements) + 1))
        statement = {
            "id": given,
            "actor": {"account": {"homePage": "https://ou.example", "name": who}},
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
            "object": {"id": "https://ou.example/unit/1"},
            "timestamp": stored.isoformat(),
            "stored": stored.isoformat(),
            "version": "1.0.3",
            **more,
        }
        self.statements.append(statement)
        return given

    def answer(self, request: Request) -> Response:
        """One page, or a fault."""
        self.asked.append(dict(request.query_params))
        if self.faults:
            return Response(status_code=self.faults.pop(0), headers={"Retry-After": "0"})
        wanted = "Basic " + base64.b64encode(":".join(self.login).encode()).decode()
        if request.headers.get("authorization") != wanted:
            return Response(status_code=401)
        if "x-experience-api-version" not in request.headers:
            return Response(status_code=400)
        return self._page(request)

    def _page(self, request: Request) -> Response:
        if word := request.query_params.get("page"):
            if self.forgets_pages or word not in self._pages:
                return Response(status_code=404)
            left, limit = self._pages[word]
        else:
            shown = self.statements[: len(self.statements) - self.holds_back]
            since = request.query_params.get("since", "")
            left = [one for one in shown if not since or _at(one["stored"]) > _at(since)]
            limit = int(request.query_params["limit"])
        page, rest = left[:limit], left[limit:]
        more = ""
        if rest or len(page) == limit:
            word = f"p{next(self._words)}"
            self._pages[word] = (rest, limit)
            more = f"/xapi/statements?page={word}"
        headers = {"X-Experience-API-Version": "1.0.3"}
        if self.says_consistent:
            hidden = self.statements[len(self.statements) - self.holds_back :] if self.holds_back else []
            until = (
                _at(hidden[0]["stored"]) - dt.timedelta(milliseconds=1)
                if hidden
                else _at(self.statements[-1]["stored"])
            )
            headers["X-Experience-API-Consistent-Through"] = until.isoformat()
        return JSONResponse({"statements": page, "more": more}, headers=headers)


@contextmanager
def running(store: Store) -> Iterator[Store]:
    """Serve a store while the context lasts."""
    app = FastAPI()

    @app.get("/xapi/statements")
    def statements(request: Request) -> Response:
        return store.answer(request)

    statements.__annotations__["request"] = Request
    listening = socket.create_server(("127.0.0.1", 0))
    store.url = f"http://127.0.0.1:{listening.getsockname()[1]}/xapi"
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace(" ", "+"))
