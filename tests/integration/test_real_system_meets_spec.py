"""The real outbox, broker, sink and judge, held against the meanings as the model is."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest

from connectors import sink
from connectors.drain import Place
from pipeline import migrations
from pipeline.db import connect
from pipeline.settings import Settings
from tests.spec import real_source
from tests.spec.driver import Driver
from tests.spec.machine import BAD, ENTITIES, GOOD, make_machine
from tests.spec.real_system import RealSystem
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


def test_a_copy_that_a_slower_sink_lands_after_the_judgement_stays_out_of_sight(new_system: Callable[[], RealSystem]):
    system = new_system()
    driver = Driver(system)
    with connect(system.settings, "flyover_sink") as slower:
        slower.execute("select nextval('landing.row_id')")  # a session keeps row ids in store, lower than others' later
        driver.pull("north", "bulk", {"learners": [Said("r1", GOOD), Said("r1", GOOD), Said("r2", BAD)]})
        driver.settle()
        copies = [system.messages[batch][seq] for batch, seq in driver.lines()]
        place = Place(copies[0][0], uuid.uuid4(), 0)
        fetched = {place: [SimpleNamespace(key=k, value=v, headers=h, offset=0) for _, k, v, h in copies]}
        sink.LandingLander(system.settings).land(slower, fetched)
    driver.check()


def test_the_real_pipeline_keeps_the_meanings(new_system: Callable[[], RealSystem]) -> None:
    make_machine(new_system, max_examples=4, steps=20, on_servers=True)("runTest").runTest()
