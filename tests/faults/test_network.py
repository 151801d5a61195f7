"""Faults 11 and 12: the network between stages and PostgreSQL is cut, slow or half-open; passwords change under load.

A delivery is pulled, published, landed and judged meanwhile, and ends like one that nobody disturbed.
"""

from __future__ import annotations

import json
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors import producer, pull, registry, sink, vault
from expectations.judging import judge
from keeping import rotation
from pipeline.db import connect
from pipeline.errors import SystemTrouble
from pipeline.settings import Secrets, Settings, parse_secrets
from tests import people
from tests.faults import compared
from tests.faults.conftest import Figures
from tests.faults.proxy import Proxy, Trouble
from tests.fragile import FragileStack

pytestmark = pytest.mark.slow
SCHOOL = "sch-lishui"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return people.school_bundle(tmp_path_factory.mktemp("school") / "bundle", people.make(2_000))


@pytest.fixture(scope="module")
def control(fragile: FragileStack, school: Path) -> compared.Picture:
    settings = fragile.new_database()
    carry(settings, school)
    judge.judge_ready(settings, "oneroster")
    return compared.picture(settings)


def carry(settings: Settings, school: Path, step: Callable[[], object] = lambda: None) -> None:
    """Take the delivery into landing in many short drains."""
    pull.pull(settings, registry.load_all(settings.agencies_dir)[SCHOOL], school)
    step()
    producer.publish(settings)
    step()
    while land_some(settings):
        step()
    vault.drain_vault(settings)


def land_some(settings: Settings) -> int:
    """Two transactions' worth of rows."""
    answers = iter([False, False])
    topics = sink.topics_of(settings, "oneroster")
    return sink.drain(settings, topics, max_rows=400, stop=lambda: next(answers, True)).rows


@pytest.fixture
def a_database(fragile: FragileStack) -> Iterator[Settings]:
    """One whose state directory has the secrets, so that they can be changed; as they were afterwards."""
    settings = fragile.new_database()
    shutil.copy(fragile.state.secrets_file, settings.state_dir / "secrets.json")
    yield settings
    shutil.copy(settings.state_dir / "secrets.json", fragile.state.secrets_file)


@pytest.mark.parametrize("trouble", ["cut", "slow", "half-open"])
def test_a_disturbed_network_delays_and_loses_nothing(
    trouble: Trouble,
    fragile: FragileStack,
    school: Path,
    control: compared.Picture,
    seed: int,
    figures: Callable[[str], Figures],
) -> None:
    seen = figures(f"11 network {trouble}")
    settings = fragile.new_database()
    proxy = Proxy((settings.pg_host, settings.pg_port), trouble, random.Random(seed))
    try:
        carry(replace(settings, pg_port=proxy.port), school)
    finally:
        proxy.close()
    judge.judge_ready(settings, "oneroster")
    assert proxy.met == proxy.troubles, "the network was hardly disturbed: send more"
    seen.rows = compared.assert_same(compared.picture(settings), control)
    seen.events, seen.kills = seen.rows, proxy.met


def test_passwords_change_while_stages_work(
    a_database: Settings, school: Path, control: compared.Picture, figures: Callable[[str], Figures]
) -> None:
    seen, changes = figures("12 passwords rotated under load"), []

    def change() -> None:
        changes.append(rotation.passwords(a_database, ()))

    def step() -> None:
        other = threading.Thread(target=change)  # beside the stage, as a person would
        other.start()
        other.join()

    carry(a_database, school, step)
    judge.judge_ready(replace(a_database, secrets=_now(a_database)), "oneroster")

    assert len(changes) >= 3
    seen.rows = compared.assert_same(compared.picture(a_database), control)
    seen.events, seen.kills = seen.rows, len(changes)
    with pytest.raises(SystemTrouble), connect(_elsewhere(a_database), "flyover_sink"):
        pass  # the password these settings began with opens nothing any more


def _elsewhere(settings: Settings) -> Settings:
    """The same settings for somebody who has no file to read anew."""
    return replace(settings, state_dir=settings.state_dir / "nowhere")


def _now(settings: Settings) -> Secrets:
    return parse_secrets(json.loads((settings.state_dir / "secrets.json").read_text()))
