"""Fault 1: SIGKILL the sink at random points; the tables end as if nothing had happened.

Besides the drains that die, two fall asleep in the middle of a transaction and wake up when others have long done
their work. The comparison is shown to notice: the same disturbance of drains that lack one part of the mechanism
(:mod:`tests.faults.mutants`) ends in other tables.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from connectors import sink, vault
from pipeline.db import connect
from pipeline.settings import Settings
from tests import wire
from tests.faults import compared
from tests.faults.conftest import MANY, Figures
from tests.faults.mortal import POINTS, STALE, TOPIC, Fate, Mortal, Work

VAULT = "select agency_code, entity, record_id, version, subject, sealed from vault.identity order by 1, 2, 3, 4"
BATCHES = "select batch_id, status, received, landed_rows from quality.batch order by 1"


@dataclass(frozen=True)
class Tables:
    """How a database has ended: every table of the frame, the vault, and the counts of the batches."""

    picture: compared.Picture
    vault: list[tuple[Any, ...]]
    batches: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Story:
    """What lies in the topics, how it ends undisturbed, and how to get another database that expects it."""

    events: int
    control: Tables
    another_database: Callable[[], Settings]


@pytest.fixture(scope="module")
def story(new_database: Callable[[], Settings], settings: Settings, events: int) -> Story:
    batch = wire.open_batch(settings, events)
    wire.send(settings, batch, lines(events))
    wire.send_identities(settings, identities := min(events // 2, 10_000))

    def another_database() -> Settings:
        made = new_database()
        wire.copy_manifests(settings, made)
        return made

    undisturbed = another_database()
    sink.drain(undisturbed, [TOPIC])
    vault.drain_vault(undisturbed)
    return Story(events + identities, tables(undisturbed), another_database)


def lines(count: int) -> list[wire.Line]:
    """A batch with every kind of line: good ones, rejected ones, mistyped ones, bytes."""
    made = [wire.org(n) for n in range(count)]
    made[::50] = [wire.Line(f"r{n}", op="rejected", reason="reader.ragged_row") for n in range(len(made[::50]))]
    made[1::50] = [wire.Line(f"t{n}", {"sourcedId": f"t{n}"}) for n in range(len(made[1::50]))]
    made[2::100] = [wire.Line(f"b{n}", raw=b"\xff" + str(n).encode()) for n in range(len(made[2::100]))]
    return made


def tables(settings: Settings) -> Tables:
    """Everything that landed, without arrival times, offsets and row ids."""
    with connect(settings, "engineer") as engineer, connect(settings, "flyover_vault") as keeper:
        kept, batches = keeper.execute(VAULT).fetchall(), engineer.execute(BATCHES).fetchall()
    return Tables(compared.picture(settings), kept, batches)


def disturb(
    settings: Settings, hand: random.Random, *, rounds: int, engine: str = "Engine"
) -> tuple[int, list[int | None]]:
    """Drain with one death after another, then in peace, then wake the sleepers; (kills, how the sleepers ended).

    A round kills each kind of drain at each point once, and as often from outside, at any time.
    """
    works: tuple[Work, ...] = ("landing", "vault")
    sleepers = [_fall_asleep(settings, work, hand, engine) for work in works]
    fates = [(work, Fate(point, hand.randint(1, 3))) for work in works for point in POINTS for _ in range(rounds)]
    fates += [(work, Fate()) for work in works for _ in POINTS for _ in range(rounds)]
    hand.shuffle(fates)
    try:
        kills = sum(_killed(Mortal(settings, work, fate, engine), fate, hand) for work, fate in fates)
        sink.drain(settings, [TOPIC])
        vault.drain_vault(settings)
    finally:
        for sleeper in sleepers:
            sleeper.send(signal.SIGCONT)
    return kills, [sleeper.ended() for sleeper in sleepers]


def _fall_asleep(settings: Settings, work: Work, hand: random.Random, engine: str) -> Mortal:
    at = hand.randint(1, 3)
    sleeper = Mortal(settings, work, Fate("rows not yet written", at, signal.SIGSTOP), engine)
    assert at in sleeper.transactions()
    return sleeper


def _killed(drain: Mortal, fate: Fate, hand: random.Random) -> bool:
    """See a drain to its end, helping if its fate names no point; whether it was killed."""
    if fate.point is None:
        last = hand.randint(1, 3)
        if last in drain.transactions():
            time.sleep(hand.uniform(0.0, 0.02))  # anywhere in what it does then
            drain.send(signal.SIGKILL)
    return drain.ended() == -signal.SIGKILL


def test_sink_killed_at_random_points_ends_like_an_undisturbed_run(
    story: Story, seed: int, events: int, figures: Callable[[str], Figures]
) -> None:
    seen = figures("1 sink killed")
    disturbed = story.another_database()

    rounds = 2 if events < MANY else 4
    kills, sleepers = disturb(disturbed, random.Random(seed), rounds=rounds)

    assert kills >= 10 * rounds, "the drains ended before they could be killed: send more rows"
    assert sleepers == [STALE, STALE]
    found = tables(disturbed)
    seen.events, seen.kills, seen.rows = story.events, kills, compared.assert_same(found.picture, story.control.picture)
    assert found.vault == story.control.vault
    assert found.batches == story.control.batches


@pytest.mark.parametrize("mutant", ["OffsetFirst", "NoComparison"])
def test_the_comparison_notices_a_drain_that_lacks(mutant: str, story: Story) -> None:
    disturbed = story.another_database()
    disturb(disturbed, random.Random(1), rounds=1, engine=mutant)
    assert tables(disturbed) != story.control
