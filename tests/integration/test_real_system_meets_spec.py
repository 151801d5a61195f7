"""The real outbox, broker, sink and judge, held against the meanings as the model is."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from connectors import landing, sink
from connectors.drain import Place
from pipeline import migrations
from pipeline.db import Connection, connect
from pipeline.settings import Settings
from tests.spec import real_source
from tests.spec.driver import Driver
from tests.spec.machine import BAD, ENTITIES, GOOD, make_machine
from tests.spec.real_system import Message, RealSystem
from tests.spec.scenarios import each_story, tell
from tests.spec.system import Said


@pytest.fixture(scope="module")
def new_system(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], RealSystem]:
    """Makes systems beside each other in one database, with agencies of their own."""
    contracts, suites = real_source.write(tmp_path_factory.mktemp("spec"), ENTITIES)
    with_source = replace(settings, contracts_dir=contracts)
    migrations.apply(with_source)
    return partial(RealSystem, with_source, suites, ENTITIES)


@each_story()
def test_story(story, new_system: Callable[[], RealSystem]) -> None:
    tell(story, new_system())


def test_a_copy_stays_out_of_sight_that_was_landing_while_its_batch_was_judged(
    new_system: Callable[[], RealSystem], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = new_system()
    driver = Driver(system)
    driver.pull("north", "bulk", {"learners": [Said("r1", GOOD), Said("r1", GOOD), Said("r2", BAD)]})
    first, *others = driver.lines()
    driver.land([first])
    written, judged, count = threading.Event(), threading.Event(), landing.count_landed

    def wait_for_the_judge(connection: Connection, landed: Mapping[uuid.UUID, int]) -> list[uuid.UUID]:
        if threading.current_thread() is slower:
            written.set()
            assert judged.wait(60)
        return count(connection, landed)

    monkeypatch.setattr(landing, "count_landed", wait_for_the_judge)
    slower = threading.Thread(target=_land_once_more, args=(system, system.messages[first[0]][first[1]]))
    slower.start()
    assert written.wait(60)  # its row has a lower id than those that follow, and no one sees it yet
    driver.land(others)
    driver.judge()
    judged.set()
    slower.join(60)
    driver.check()


def _land_once_more(system: RealSystem, message: Message) -> None:
    topic, key, value, headers = message
    fetched = {Place(topic, uuid.uuid4(), 0): [SimpleNamespace(key=key, value=value, headers=headers, offset=0)]}
    with connect(system.settings, "flyover_sink") as connection:
        lander = sink.LandingLander(system.settings)
        lander.meet(connection, fetched)
        lander.land(connection, fetched)


def test_the_real_pipeline_keeps_the_meanings(new_system: Callable[[], RealSystem]) -> None:
    make_machine(new_system, max_examples=4, steps=20, on_servers=True)("runTest").runTest()
