"""Core is the same in whatever order deliveries come: late, twice, corrected, deleted, withdrawn, with builds between.

One life is written down as a script; what is left of it in the end is delivered in good order to one warehouse, and the
script itself, shuffled, to another. Only what counts arrivals (_released_seq) may differ.
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pipeline.db import SQL, Identifier, connect
from pipeline.settings import Settings
from release.build import build_warehouse
from tests.core_tables import everything
from tests.life import Life
from tests.released import Released, Row

ROUNDS, BUILDS_BETWEEN = 3, 2
REDELIVERED = 0.15
COUNTS_ARRIVALS = ("_released_seq",)


@dataclass
class Told:
    """One batch, and what was decided about it afterwards, in order."""

    table: str
    agency: str
    rows: list[Row]
    quarantined: list[Row]
    decisions: list[str] = field(default_factory=list)

    @property
    def left(self) -> list[Row]:
        """Rows that stand in the end."""
        if "withdraw" in self.decisions:
            return []
        waived = [decision for decision in self.decisions if decision in ("waive", "lapse")][-1:] == ["waive"]
        return [*self.rows, *(self.quarantined if waived else [])]


class Script:
    """Takes what a life tells, and lands nothing."""

    def __init__(self) -> None:
        self.told: dict[uuid.UUID, Told] = {}

    def release(self, table: str, agency: str, rows: Any, *, quarantined: Any = ()) -> uuid.UUID:
        batch = uuid.uuid4()
        self.told[batch] = Told(table, agency, list(rows), list(quarantined))
        return batch

    def withdraw(self, batch_id: uuid.UUID) -> None:
        self.told[batch_id].decisions.append("withdraw")

    def waive(self, batch_id: uuid.UUID) -> None:
        self.told[batch_id].decisions.append("waive")

    def lapse(self, batch_id: uuid.UUID) -> None:
        self.told[batch_id].decisions.append("lapse")


@pytest.fixture
def another(warehouse: Released, new_database: Callable[[], Settings]) -> Released:
    """A second warehouse with the same agencies."""
    return Released(replace(new_database(), agencies_dir=warehouse.settings.agencies_dir))


@pytest.mark.parametrize("seed", [5])
def test_any_order_of_delivery_gives_the_same_core(warehouse, another, seed):
    script = Script()
    life = Life(script, seed)
    for _ in range(ROUNDS):
        life.live_a_while()
    in_good_order(script, warehouse)
    shuffled(script, another, random.Random(seed))
    orderly, disorderly = (everything(each, ("core",), COUNTS_ARRIVALS) for each in (warehouse, another))
    for table, rows in orderly.items():
        assert disorderly[table] == rows, table
    for table in ("core.dim_learner_history", "core.learner_file", "core.person_link"):
        assert len(orderly[table]) > 50, "the world was too small to show anything"


def in_good_order(script: Script, warehouse: Released) -> None:
    """What is left in the end, a batch a table, versions in their order; then one build."""
    left: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for told in script.told.values():
        left[told.table, told.agency] += told.left
    for (table, agency), rows in left.items():
        warehouse.release(table, agency, sorted(rows, key=lambda row: row["_version"]))
    build_warehouse(warehouse.settings)


def shuffled(script: Script, warehouse: Released, rng: random.Random) -> None:
    """Everything in an order of chance, decisions after their batch, some twice; builds in between."""
    steps = list(_in_any_order(script, rng))
    build_after = {len(steps) * number // (BUILDS_BETWEEN + 1) for number in range(1, BUILDS_BETWEEN + 1)}
    landed: dict[int, uuid.UUID] = {}
    for number, (told, step) in enumerate(steps):
        if step == "release":
            rows = rng.sample(told.rows, len(told.rows))
            landed[id(told)] = warehouse.release(told.table, told.agency, rows, quarantined=told.quarantined)
            if rng.random() < REDELIVERED:
                _redeliver(warehouse, told)
        else:
            getattr(warehouse, step)(landed[id(told)])
        if number in build_after:
            build_warehouse(warehouse.settings)
    build_warehouse(warehouse.settings)


def _in_any_order(script: Script, rng: random.Random) -> Iterator[tuple[Told, str]]:
    waiting = [(told, ["release", *told.decisions]) for told in script.told.values()]
    while waiting:
        at = rng.randrange(len(waiting))
        told, steps = waiting[at]
        yield told, steps.pop(0)
        if not steps:
            waiting[at] = waiting[-1]
            waiting.pop()


def _redeliver(warehouse: Released, told: Told) -> None:
    """The same rows once more, as the judge would mark them: another copy came first."""
    batch = warehouse.release(told.table, told.agency, told.rows)
    with connect(warehouse.settings, "flyover_owner") as connection:
        connection.execute(
            SQL(
                "insert into landing.duplicate (row_id, batch_id, kind) "
                "select _row_id, _batch_id, 'duplicate' from landing.{} where _batch_id = %s"
            ).format(Identifier(told.table)),
            (batch,),
        )
