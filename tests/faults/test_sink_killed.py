"""Fault 1: SIGKILL the sink at random points; the tables end as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from connectors import sink, vault
from pipeline import names
from pipeline.db import connect
from pipeline.settings import CHECKOUT, Settings
from tests import wire

KILLS = 20
ROWS = 3_000
TOPIC = names.topic("oneroster", "orgs")
DRAIN = """
import sys
from connectors import sink, vault
from pipeline import names, settings
found = settings.load()
print("ready", flush=True)
sink.drain(found, [names.topic("oneroster", "orgs")], max_rows=100)
vault.drain_vault(found, max_rows=100)
print("done", flush=True)
"""
LANDED = """
select _event_id, _batch_id, _batch_seq, _agency_code, _record_id, _version, _is_deleted, sourced_id, name, type
from landing.oneroster__orgs order by _batch_id, _batch_seq, _event_id
"""
ASIDE = "select batch_id, batch_seq, stage, rule_ids, detail from quarantine.entry order by 1, 2"
BYTES = "select topic, batch_id, fingerprint from quarantine.undecodable order by fingerprint"
BATCHES = "select batch_id, status, received, landed_rows from quality.batch order by 1"
VAULT = "select agency_code, entity, record_id, version, subject, sealed from vault.identity order by 1, 2, 3, 4"


@pytest.fixture
def hand() -> random.Random:
    """Random points that a failed run can be repeated with."""
    seed = int(os.environ.get("FLYOVER_FAULT_SEED", random.SystemRandom().randrange(10_000)))
    sys.stdout.write(f"FLYOVER_FAULT_SEED={seed}\n")
    return random.Random(seed)


def tables(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that landed, without arrival times, offsets and row ids."""
    found = {}
    with connect(settings, "engineer") as engineer, connect(settings, "flyover_vault") as keeper:
        for query in (LANDED, ASIDE, BYTES, BATCHES):
            found[query] = engineer.execute(query).fetchall()
        found[VAULT] = keeper.execute(VAULT).fetchall()
    return found


def lines() -> list[wire.Line]:
    """A batch with every kind of line: good ones, rejected ones, mistyped ones, bytes."""
    made = [wire.org(n) for n in range(ROWS)]
    made[::50] = [wire.Line(f"r{n}", op="rejected", reason="reader.ragged_row") for n in range(len(made[::50]))]
    made[1::50] = [wire.Line(f"t{n}", {"sourcedId": f"t{n}"}) for n in range(len(made[1::50]))]
    made[2::100] = [wire.Line(f"b{n}", raw=b"\xff" + str(n).encode()) for n in range(len(made[2::100]))]
    return made


def run_until_killed(settings: Settings, after_s: float) -> bool:
    """Start a drain of its own process and kill it after a while; returns whether it had ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", DRAIN],
        env={**os.environ, "FLYOVER_STATE": str(settings.state_dir), "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return False
    return process.returncode == 0


def test_sink_killed_at_random_points_ends_like_an_undisturbed_run(
    new_database: Callable[[], Settings], settings: Settings, hand: random.Random
) -> None:
    disturbed = settings
    undisturbed = new_database()
    batch = wire.open_batch(disturbed, ROWS)
    wire.copy_manifests(disturbed, undisturbed)
    wire.send(disturbed, batch, lines())
    wire.send_identities(disturbed, ROWS // 2)

    sink.drain(undisturbed, [TOPIC])
    vault.drain_vault(undisturbed)

    kills = 0
    for _ in range(KILLS):
        kills += not run_until_killed(disturbed, hand.uniform(0.05, 0.9))
    sink.drain(disturbed, [TOPIC])
    vault.drain_vault(disturbed)

    assert kills >= KILLS // 4, "the drain ended by itself before it could be killed: send more rows"
    expected, found = tables(undisturbed), tables(disturbed)
    for query, wanted in expected.items():
        assert wanted, f"nothing to compare in {query}"
        assert found[query] == wanted
