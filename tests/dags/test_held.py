"""Held batches in Airflow: each is shown once, waits without a worker, and ends when someone has decided elsewhere."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from dags.wiring import held
from dags.wiring.held import DecisionTrigger, HeldBatches
from expectations.decisions.held import Held, Outcome
from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT

BATCH = uuid.UUID("6f1d6a0e-8c1c-5f0e-9d0a-0d7b6a1f2c3d")
OTHER = uuid.UUID("0b8f6a0e-8c1c-5f0e-9d0a-0d7b6a1f2c3d")


def of(batch_id: uuid.UUID) -> Held:
    rules = ("oneroster__orgs.mass_deletion",)
    return Held(batch_id, "sch-hangzhou", "oneroster__orgs", 60, rules, dt.datetime.now(dt.UTC))


class Database:
    """What is held, and a switch."""

    def __init__(self, *batch_ids: uuid.UUID) -> None:
        self.held = {str(batch_id) for batch_id in batch_ids}
        self.is_away = False
        self.asked = 0

    def look(self) -> frozenset[str]:
        self.asked += 1
        if self.is_away:
            raise SystemTrouble("PostgreSQL is away")
        return frozenset(self.held)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    made = Database(BATCH, OTHER)
    monkeypatch.setattr(held, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(held, "HELD", HeldBatches(made.look))
    return made


async def fired(trigger: DecisionTrigger) -> Any:
    async for event in trigger.run():
        return event.payload
    return None


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.005)


def play(scene: Any) -> None:
    asyncio.run(asyncio.wait_for(scene, 20))


def test_the_wait_ends_when_its_batch_is_decided_and_no_other(database: Database) -> None:
    async def scene() -> None:
        mine = asyncio.create_task(fired(DecisionTrigger(str(BATCH))))
        other = asyncio.create_task(fired(DecisionTrigger(str(OTHER))))
        await until(lambda: database.asked > 2)
        assert not mine.done()
        database.held.discard(str(BATCH))
        assert await mine == str(BATCH)
        asked = database.asked
        await until(lambda: database.asked > asked + 2)
        assert not other.done()
        other.cancel()

    play(scene())


def test_a_triggerer_that_takes_over_goes_on_waiting(database: Database) -> None:
    async def dies() -> None:
        wait = asyncio.create_task(fired(DecisionTrigger(str(BATCH))))
        await until(lambda: database.asked > 1)
        wait.cancel()

    async def takes_over() -> None:
        path, arguments = DecisionTrigger(str(BATCH)).serialize()
        assert path == "dags.wiring.held.DecisionTrigger"
        assert await fired(DecisionTrigger(**arguments)) == str(BATCH)

    play(dies())
    database.held.discard(str(BATCH))
    held.HELD._asking = None
    play(takes_over())


def test_a_database_that_is_away_ends_no_wait(database: Database) -> None:
    async def scene() -> None:
        database.is_away = True
        wait = asyncio.create_task(fired(DecisionTrigger(str(BATCH))))
        await until(lambda: database.asked > 2)
        assert not wait.done()
        database.is_away = False
        database.held.clear()
        assert await wait == str(BATCH)

    play(scene())


def test_a_thousand_waits_ask_as_often_as_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        monkeypatch.setattr(held, "LOOK_EVERY_S", 60)
        waits = [asyncio.create_task(fired(DecisionTrigger(str(BATCH)))) for _ in range(1000)]
        await until(lambda: held.HELD._known is not None)
        await asyncio.sleep(0.05)
        assert database.asked == 1
        for wait in waits:
            wait.cancel()

    play(scene())


@pytest.mark.usefixtures("metadata")
class TestRuns:
    """The DAGs, with the database behind them replaced."""

    @pytest.fixture(autouse=True)
    def _checkout(self, monkeypatch: pytest.MonkeyPatch) -> None:
        agencies = CHECKOUT / "connectors" / "agencies"
        monkeypatch.setattr(
            "pipeline.settings.load",
            lambda: SimpleNamespace(agencies_dir=agencies, contracts_dir=CHECKOUT / "contracts"),
        )

    def run(self, dag_id: str, **conf: Any) -> Any:
        from airflow.dag_processing.dagbag import DagBag

        return DagBag(str(CHECKOUT / "dags")).dags[dag_id].test(run_conf=conf)

    def states(self, run: Any) -> dict[str, str]:
        return {f"{ti.task_id} {ti.map_index}": str(ti.state) for ti in run.get_task_instances()}

    def test_nothing_held_is_nothing_to_show(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("expectations.decisions.held.waiting", lambda settings: [])
        assert self.states(self.run("watch__held"))["find_held -1"] == "skipped"

    def test_wait_ends_with_what_was_decided(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looks = iter([frozenset({str(BATCH)}), frozenset({str(BATCH)}), frozenset()])
        monkeypatch.setattr(held, "look", lambda: next(looks))
        monkeypatch.setattr(held, "LOOK_EVERY_S", 0.01)
        monkeypatch.setattr(held, "HELD", HeldBatches(lambda: held.look()))
        decided = Outcome("refused", "officer Hu", "a broken export")
        monkeypatch.setattr("expectations.decisions.held.outcome", lambda settings, batch_id: decided)
        run = self.run("hold__batch", batch_id=str(BATCH), told=of(BATCH).told)
        assert self.states(run) == {"await_decision -1": "success"}
        assert next(looks, None) is None, "it waited as long as the batch was held"
