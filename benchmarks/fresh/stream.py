"""A stream of learning events as a sensor delivers it: every few seconds a file of Caliper envelopes is dropped whole.

The agency is the simulated one whose Caliper feed the registry holds; its people and everything they do are invented.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

AGENCY, SOURCE, ENTITY = "ou-jiaxing", "caliper", "events"
LEARNERS, COURSES = 5_000, 40
AN_ENVELOPE = 50
"""events, as sensors bundle them"""
_SITE = "https://learn.ou-jiaxing.example"
_CONTEXT = "http://purl.imsglobal.org/ctx/caliper/v1p2"
_KINDS = (("NavigationEvent", "NavigatedTo"), ("ViewEvent", "Viewed"), ("AssignableEvent", "Submitted"))


@dataclass(frozen=True)
class Dropped:
    """One file: which of its events comes last, and when the file was there under its own name."""

    name: str
    rows: int
    last_record: str
    at: dt.datetime


def drop(folder: Path, number: int, rows: int) -> Dropped:
    """Write the ``number``-th file; it appears whole."""
    name = f"events-{number:05}.jsonl"
    ids = [str(uuid.uuid4()) for _ in range(rows)]
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    draft = folder / f"{name}.part"
    with draft.open("w", encoding="utf-8") as out:
        for first in range(0, rows, AN_ENVELOPE):
            bundle = ids[first : first + AN_ENVELOPE]
            events = [_event(one, number * rows + first + place, now) for place, one in enumerate(bundle)]
            envelope = {"sensor": f"{_SITE}/sensor", "sendTime": now, "dataVersion": _CONTEXT, "data": events}
            out.write(json.dumps(envelope, separators=(",", ":")) + "\n")
    os.replace(draft, folder / name)
    return Dropped(name, rows, f"urn:uuid:{ids[-1]}", dt.datetime.now(dt.UTC))


class Stream(threading.Thread):
    """Drops ``files`` files of ``rows`` events, one every ``seconds``; ``told`` hears of each."""

    def __init__(
        self, folder: Path, files: int, rows: int, seconds: float, told: Callable[[Dropped], None], first: int
    ) -> None:
        super().__init__(name="stream", daemon=True)
        self._plan = (folder, files, rows, seconds, first)
        self._told = told
        self.latest_s = 0.0
        """how far behind its time the latest file came: the machine was too busy to make it"""

    def run(self) -> None:
        """Keep to the clock: a file that is late does not put off the next."""
        folder, files, rows, seconds, first = self._plan
        began = time.monotonic()
        for number in range(files):
            due = began + number * seconds
            time.sleep(max(0.0, due - time.monotonic()))
            self._told(drop(folder, first + number, rows))
            self.latest_s = max(self.latest_s, time.monotonic() - due)


def _event(event_id: str, number: int, now: str) -> dict[str, object]:
    learner = (number * 7919) % LEARNERS
    course = f"{_SITE}/courses/{learner % COURSES}"
    kind, action = _KINDS[number % len(_KINDS)]
    return {
        "@context": _CONTEXT,
        "id": f"urn:uuid:{event_id}",
        "type": kind,
        "action": action,
        "actor": {"id": f"{_SITE}/users/{learner}", "type": "Person"},
        "object": {"id": f"{course}/pages/{number % 97}", "type": "AssignableDigitalResource"},
        "group": {"id": course, "type": "CourseSection"},
        "membership": {"id": f"{course}/roster/{learner}", "type": "Membership", "roles": ["Learner"]},
        "session": {"id": f"{_SITE}/sessions/{number // 40}", "type": "Session"},
        "eventTime": now,
    }
