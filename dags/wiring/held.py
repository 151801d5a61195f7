"""A task that waits until someone has decided about a held batch, wherever they decide, and costs no worker meanwhile.

Airflow's own operators for a person's decision are left aside on purpose: they take the answer in Airflow, from whoever
may use Airflow, and end only by it. Decisions about batches are taken in one place, which asks for a role and a reason
and keeps both (:mod:`expectations.decisions.batches`); Airflow shows the wait and looks when it is over. What waits is
kept in the database, so a triggerer that is killed takes nothing with it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.definitions.context import Context
from airflow.sdk.exceptions import AirflowSkipException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from pipeline.errors import FlyoverError

log = logging.getLogger(__name__)
LOOK_EVERY_S = 5.0


class HeldBatches:
    """What is held, asked once for all waits of one triggerer."""

    def __init__(self, look: Callable[[], frozenset[str]]) -> None:
        self._look = look
        self._known: frozenset[str] | None = None
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    async def holds(self, batch_id: str) -> bool:
        """Whether the batch still waits; True as long as no one can tell."""
        if time.monotonic() - self._asked_at >= LOOK_EVERY_S:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            await asyncio.shield(self._asking)  # a wait that is given up takes the question from no other
        return self._known is None or batch_id in self._known

    async def _ask(self) -> None:
        try:
            self._known = await asyncio.to_thread(self._look)
        except FlyoverError as error:
            self._known = None
            log.warning("held batches: %s - asking again", error)
        self._asked_at = time.monotonic()


def look() -> frozenset[str]:
    """What is held, by this checkout's settings."""
    from expectations.decisions.held import waiting_ids
    from pipeline.settings import load

    return waiting_ids(load())


HELD = HeldBatches(look)


class DecisionTrigger(BaseTrigger):
    """Fires when a batch is held no more."""

    def __init__(self, batch_id: str) -> None:
        super().__init__()
        self.batch_id = batch_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments, from which another triggerer makes it again."""
        return f"{__name__}.{type(self).__name__}", {"batch_id": self.batch_id}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look again and again; a database that is away is waited for."""
        while await HELD.holds(self.batch_id):
            await asyncio.sleep(LOOK_EVERY_S)
        yield TriggerEvent(self.batch_id)


class AwaitDecision(BaseOperator):
    """Waits for the decision about ``batch_id``; ``told`` says in Airflow whose it is and what to type."""

    template_fields: Sequence[str] = ("batch_id", "told")

    def __init__(self, *, batch_id: str, told: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batch_id, self.told = batch_id, told

    def execute(self, context: Context) -> dict[str, str | None]:
        """Wait, unless it was decided meanwhile."""
        if self.batch_id in look():
            self.log.info("waits for a decision: %s", self.told)
            self.defer(trigger=DecisionTrigger(self.batch_id), method_name="decided")
        return self.decided(context, self.batch_id)

    def decided(self, context: Context, event: str) -> dict[str, str | None]:
        """Say what was decided, by whom and why."""
        import dataclasses
        import uuid

        from expectations.decisions.held import outcome
        from pipeline.settings import load

        found = outcome(load(), uuid.UUID(event))
        if found is None:
            raise AirflowSkipException(f"there is no batch {event}")
        self.log.info("%s by %s: %s", found.status, found.decided_by, found.reason)
        return dataclasses.asdict(found)
