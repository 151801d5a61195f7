"""Fault 6: one event in a hundred is poison; the good ones land, the bad ones are aside, the books balance."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from connectors import sink
from expectations.judging import judge
from pipeline.db import connect
from pipeline.settings import Settings
from tests import wire
from tests.faults import compared
from tests.faults.conftest import Figures
from tests.faults.mortal import TOPIC

pytestmark = pytest.mark.slow
_KINDS = ("bytes", "half an event", "a value of another type", "no payload", "a NUL", "nested without end")


def poisoned(number: int, hand: random.Random) -> wire.Line:
    """A line that must land in no table of rows."""
    kind, name = hand.choice(_KINDS), f"org-{number}"
    if kind == "bytes":
        return wire.Line(name, raw=hand.randbytes(40) + str(number).encode())
    if kind == "half an event":
        return wire.Line(name, raw=b'{"id":"' + str(number).encode())
    if kind == "nested without end":
        return wire.Line(name, raw=b"[" * 3_000 + str(number).encode())
    if kind == "a NUL":
        return wire.org(number, name=f"a\x00{number}")
    if kind == "no payload":
        return wire.Line(name, None)
    return wire.Line(name, {"sourcedId": {"no": "text"}, "name": "x", "type": "school"})


def test_poison_is_put_aside_and_the_rest_lands(
    new_database: Callable[[], Settings], settings: Settings, events: int, seed: int, figures: Callable[[str], Figures]
) -> None:
    seen, hand = figures("6 poison, 1 %"), random.Random(seed)
    bad = set(hand.sample(range(events), events // 100))
    good = [wire.org(number) for number in range(events)]
    disturbed = new_database()
    wire.copy_manifests(settings, disturbed)
    batch = wire.open_batch(disturbed, events)
    wire.send(disturbed, batch, [poisoned(n, hand) if n in bad else line for n, line in enumerate(good)])

    sink.drain(disturbed, [TOPIC])
    judge.judge_ready(disturbed, "oneroster")

    with connect(disturbed, "flyover_owner") as connection:
        landed = {record for (record,) in connection.execute("select _record_id from landing.oneroster__orgs")}
        aside = connection.execute(
            "select (select count(*) from quarantine.entry where stage <> 'rule') "
            "+ (select count(*) from quarantine.undecodable)"
        ).fetchone()
        books = connection.execute(
            "select status, received, released + duplicate + refused + held + quarantined, quarantined "
            "from quality.batch"
        ).fetchall()
    assert landed == {line.record_id for number, line in enumerate(good) if number not in bad}
    assert aside == (len(bad),)
    ((status, received, accounted, quarantined),) = books
    assert status in ("released", "held")
    assert received == accounted == events
    assert quarantined >= len(bad)
    seen.events, seen.kills = events, 0
    seen.rows = sum(one.rows for one in compared.picture(disturbed).values())
    seen.notes.append(f"{len(bad):,} poisoned, {quarantined:,} in quarantine, books balance")
