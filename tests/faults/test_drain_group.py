"""Drains as a group: some come, some go, some oversleep their lease; every row lands once, and goes on landing."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.db import connect
from pipeline.settings import Settings
from tests import wire
from tests.faults.grouped import GroupMember, listen
from tests.faults.mortal import Fate

LOT = 3_000
Join = Callable[..., GroupMember]


def ask(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with connect(settings, "engineer") as connection:
        return connection.execute(query).fetchall()


def publish(settings: Settings, lot: int) -> None:
    batch = wire.open_batch(settings, LOT)
    wire.send(settings, batch, [wire.org(lot * LOT + number) for number in range(LOT)])


def landed(settings: Settings, lots: int) -> bool:
    return ask(settings, "select count(*), count(*) filter (where status = 'landed') from quality.batch") == [
        (lots, lots)
    ]


def sleeps(member: GroupMember) -> bool:
    """Whether the kernel says that it is stopped."""
    with open(f"/proc/{member.process.pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "T"


@pytest.fixture
def join(settings: Settings) -> Iterator[Join]:
    """Starts a member; whatever becomes of the test, none is left."""
    started: list[GroupMember] = []

    def start(fate: Fate | None = None) -> GroupMember:
        started.append(GroupMember(settings, "orgs", fate))
        return started[-1]

    yield start
    for member in started:
        member.kill()


def test_members_come_go_and_oversleep_and_every_row_lands_once(settings: Settings, join: Join) -> None:
    """One falls asleep holding locks that the others need, one between two transactions."""
    holding = join(Fate("before commit", 3, signal.SIGSTOP))
    between = join(Fate("after commit", 4, signal.SIGSTOP))
    steady = join()
    everyone = [holding, between, steady]
    listen(everyone, lambda: all(member.said("is one of 3") for member in everyone))

    publish(settings, 0)
    listen(everyone, lambda: sleeps(holding) and sleeps(between))
    listen([steady], lambda: landed(settings, 1))
    assert steady.said("is one of 1:"), "the sleepers' shares were taken before their leases ended"

    holding.send(signal.SIGCONT)
    between.send(signal.SIGCONT)
    listen(everyone, lambda: bool(holding.said("was silent") and between.said("was silent")))
    listen(everyone, lambda: steady.said("is one of 3") >= 2)
    did = [member.said("rows landed") for member in everyone]
    publish(settings, 1)
    listen(everyone, lambda: landed(settings, 2))
    listen(everyone, lambda: all(m.said("rows landed") > before for m, before in zip(everyone, did, strict=True)))

    newcomer = join()
    everyone = [newcomer, between, steady]
    publish(settings, 2)
    assert holding.ended() == 0, "who is asked to leave, leaves"
    listen(everyone, lambda: landed(settings, 3) and bool(newcomer.said("is one of 3")))
    assert [member.ended() for member in everyone] == [0, 0, 0]

    assert ask(settings, "select count(*), count(distinct _event_id) from landing.oneroster__orgs") == [(9_000, 9_000)]
    assert ask(settings, "select sum(landed_rows), sum(redelivered) from quality.batch") == [(9_000, 0)]
    assert ask(settings, "select * from landing.drain_member") == [], "who left is not waited for"
