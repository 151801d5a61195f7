"""The real outbox, broker, sink and judge, held against the meanings as the model is."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from pipeline import migrations
from pipeline.settings import Settings
from tests.spec import real_source
from tests.spec.machine import ENTITIES, make_machine
from tests.spec.real_system import RealSystem
from tests.spec.scenarios import each_story, tell


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


def test_the_real_pipeline_keeps_the_meanings(new_system: Callable[[], RealSystem]) -> None:
    make_machine(new_system, max_examples=6, steps=20, shrink=False)("runTest").runTest()
