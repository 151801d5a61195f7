"""The warehouse built by Spark is PostgreSQL's, row by row, over a whole simulated province."""

from __future__ import annotations

import shutil

import pytest

import simulator
from cli import inline
from pipeline.settings import Settings
from release.spark.rebuild import Rebuild, hold_against, rebuild
from tests import evidence
from tests.deliveries import hand_in_province

pytestmark = pytest.mark.slow
LEARNERS, SEED = 1_000, 7


@pytest.fixture(scope="module")
def made(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Rebuild:
    if shutil.which("java") is None:
        pytest.fail("Spark needs Java 17: sudo apt-get install -y openjdk-17-jre-headless")
    root = tmp_path_factory.mktemp("province")
    simulator.write_province(root, learners=LEARNERS, seed=SEED)
    for source in hand_in_province(settings, root):
        inline.forward(settings, source, print)
    inline.close(settings, print, release=False)
    return rebuild(settings, print)


def test_every_model_is_built(made: Rebuild) -> None:
    assert [(step.name, step.message) for step in made.outcome.steps if not step.is_built] == []
    assert "core.indicator_candidate" in made.relations


def test_every_row_has_its_counterpart(settings: Settings, made: Rebuild) -> None:
    found = hold_against(settings, made)
    assert [difference for difference in found if not difference.is_equal] == []
    filled = {difference.relation for difference in found if difference.here}
    assert {"core.fct_enrolment", "core.person_link", "core.indicator_candidate"} <= filled, (
        "an empty world shows nothing"
    )
    evidence.tell(
        f"Spark: {len(found)} tables and {sum(one.here for one in found):,} rows equal to PostgreSQL's "
        f"({LEARNERS:,} learners, seed {SEED})"
    )
