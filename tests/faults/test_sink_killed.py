"""Fault 1: SIGKILL the sink at random points; the tables end as if nothing had happened.

Besides the drains that die, two fall asleep in the middle of a transaction and wake up when others have long done
their work. The comparison is shown to notice: the same disturbance of drains that lack one part of the mechanism
(:mod:`tests.faults.mutants`) ends in other tables.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from connectors import sink, vault
from pipeline.db import connect
from pipeline.settings import Settings
from tests import wire
from tests.faults.mortal import POINTS, STALE, TOPIC, Fate, Mortal, Work

ROWS = 4_000
LANDED = """
select _event_id, _batch_id, _batch_seq, _agency_code, _record_id, _version, _is_deleted, sourced_id, name, type
from landing.oneroster__orgs order by _batch_id, _batch_seq, _event_id
"""
ASIDE = "select batch_id, batch_seq, stage, rule_ids, detail from quarantine.entry order by 1, 2"
BYTES = "select topic, batch_id, fingerprint from quarantine.undecodable order by fingerprint"
BATCHES = "select batch_id, status, received, landed_rows from quality.batch order by 1"
VAULT = "select agency_code, entity, record_id, version, subject, sealed from vault.identity order by 1, 2, 3, 4"

Tables = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Story:
    """What lies in the topics, how it ends undisturbed, and how to get another database that expects it."""

    control: Tables
    another_database: Callable[[], Settings]


@pytest.fixture(scope="module")
def story(new_database: Callable[[], Settings], settings: Settings) -> Story:
    batch = wire.open_batch(settings, ROWS)
    wire.send(settings, batch, lines())
    wire.send_identities(settings, ROWS // 2)

    def another_database() -> Settings:
        made = new_database()
        wire.copy_manifests(settings, made)
        return made

    undisturbed = another_database()
    sink.drain(undisturbed, [TOPIC])
    vault.drain_vault(undisturbed)
    return Story(tables(undisturbed), another_database)


def lines() -> list[wire.Line]:
    """A batch with every kind of line: good ones, rejected ones, mistyped ones, bytes."""
    made = [wire.org(n) for n in range(ROWS)]
    made[::50] = [wire.Line(f"r{n}", op="rejected", reason="reader.ragged_row") for n in range(len(made[::50]))]
    made[1::50] = [wire.Line(f"t{n}", {"sourcedId": f"t{n}"}) for n in range(len(made[1::50]))]
    made[2::100] = [wire.Line(f"b{n}", raw=b"\xff" + str(n).encode()) for n in range(len(made[2::100]))]
    return made


def tables(settings: Settings) -> Tables:
    """Everything that landed, without arrival times, offsets and row ids."""
    found = {}
    with connect(settings, "engineer") as engineer, connect(settings, "flyover_vault") as keeper:
        for query in (LANDED, ASIDE, BYTES, BATCHES):
            found[query] = engineer.execute(query).fetchall()
        found[VAULT] = keeper.execute(VAULT).fetchall()
    return found


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


def test_sink_killed_at_random_points_ends_like_an_undisturbed_run(story: Story) -> None:
    seed = int(os.environ.get("FLYOVER_FAULT_SEED", random.SystemRandom().randrange(10_000)))
    sys.stdout.write(f"FLYOVER_FAULT_SEED={seed}\n")
    disturbed = story.another_database()

    kills, sleepers = disturb(disturbed, random.Random(seed), rounds=2)

    sys.stdout.write(f"{kills} kills\n")
    assert kills >= 20, "the drains ended before they could be killed: send more rows"
    assert sleepers == [STALE, STALE]
    found = tables(disturbed)
    for query, wanted in story.control.items():
        assert wanted, f"nothing to compare in {query}"
        assert found[query] == wanted


@pytest.mark.parametrize("mutant", ["OffsetFirst", "NoComparison"])
def test_the_comparison_notices_a_drain_that_lacks(mutant: str, story: Story) -> None:
    disturbed = story.another_database()
    disturb(disturbed, random.Random(1), rounds=1, engine=mutant)
    assert tables(disturbed) != story.control
