"""Whatever source a fact is from, it follows its person: built step by step or at once, over merges and back again."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest

from expectations.decisions.people import Actor
from linkage import decisions
from linkage.keys import SourcePerson
from pipeline.errors import BadInput
from pipeline.settings import Settings
from release.build import build_part
from tests.core_tables import everything
from tests.life import Life
from tests.released import Released, a_world

ROUNDS, OF_EACH_SOURCE = 2, 4
OFFICER = Actor("lin", "officer")


@pytest.fixture(scope="module")
def warehouse(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Released:
    return a_world(settings, tmp_path_factory.mktemp("agencies"))


def decide(warehouse: Released, draw: random.Random) -> None:
    """Of each source some records are said to be others' or not theirs; learners are merged and parted again."""
    known: list[Any] = warehouse.rows(
        "select agency_code, source_name, person_id_agency, learner_key, base_learner_key "
        "from intermediate.int_persons__resolved order by 1, 2, 3"
    )
    learners = sorted({row[4] for row in known})
    for source in sorted({row[1] for row in known}):
        theirs = [row for row in known if row[1] == source]
        for row in draw.sample(theirs, min(OF_EACH_SOURCE, len(theirs))):
            person, said = SourcePerson(*row[:3]), draw.choice((decisions.same, decisions.different))
            learner = row[4] if said is decisions.different else draw.choice(learners)
            said(warehouse.settings, person, learner, actor=OFFICER, reason="drawn")
    for (merged,) in warehouse.rows("select learner_key from persons.alias where superseded_at is null order by 1"):
        if draw.random() < 0.5:
            decisions.unmerge(warehouse.settings, merged, actor=OFFICER, reason="drawn")
    for _ in range(OF_EACH_SOURCE):
        one, other = draw.sample(learners, 2)
        with suppress(BadInput):  # one of the two is merged already
            decisions.merge(warehouse.settings, one, other, actor=OFFICER, reason="drawn")


def test_a_rebuild_gives_the_same_rows_whatever_was_decided(warehouse: Released) -> None:
    life, draw = Life(warehouse, 5), random.Random(5)
    for _ in range(ROUNDS):
        life.live_a_while()
        build_part(warehouse.settings, "core")
        decide(warehouse, draw)
        build_part(warehouse.settings, "core")
    step_by_step = everything(warehouse)
    sources = warehouse.rows("select count(distinct source_name) from persons.link")[0][0]
    assert sources >= 6, "the world was too small to show anything"
    build_part(warehouse.settings, "core", full_refresh=True)
    for table, rows in everything(warehouse).items():
        assert step_by_step[table] == rows, table
