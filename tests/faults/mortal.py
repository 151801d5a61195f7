"""Drains in processes of their own, killed or stopped at a chosen point of a chosen transaction.

They are forked from a server that has imported everything once, so a process costs milliseconds and not a second.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from typing import Any, Literal

from connectors import drain, sink, vault
from pipeline import contracts, names
from pipeline.db import Connection
from pipeline.errors import StaleDrain
from pipeline.settings import CHECKOUT, Settings
from tests.faults import mutants

Point = Literal["rows not yet written", "before commit", "commit under way", "after commit"]
POINTS: tuple[Point, ...] = ("rows not yet written", "before commit", "commit under way", "after commit")
Work = Literal["landing", "vault"]
TOPIC = names.topic("oneroster", "orgs")
ROWS_A_TRANSACTION = 50
STALE = 3
"""Exit code of a drain that found another had taken over."""

contracts.load_all(CHECKOUT / "contracts")  # remembered by every process forked from here


@dataclass(frozen=True)
class Fate:
    """Where a drain meets its signal. Without a point it is let run; whoever started it may kill it from outside."""

    point: Point | None = None
    transaction: int = 0
    by: signal.Signals = signal.SIGKILL


class Mortal:
    """One drain in a process of its own."""

    def __init__(self, settings: Settings, work: Work, fate: Fate, engine: str) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._told, telling = context.Pipe(duplex=False)
        self.process: ForkServerProcess = context.Process(target=_live, args=(settings, work, fate, engine, telling))
        self.process.start()
        telling.close()

    def transactions(self) -> Iterator[int]:
        """Numbers of its transactions as they begin, until it has ended."""
        while True:
            try:
                yield self._told.recv()
            except EOFError:
                return

    def send(self, which: signal.Signals) -> None:
        """Signal it."""
        assert self.process.pid is not None
        os.kill(self.process.pid, which)

    def ended(self) -> int | None:
        """Wait for its end; its exit code, negative for a signal."""
        self.process.join()
        self._told.close()
        return self.process.exitcode


def _live(settings: Settings, work: Work, fate: Fate, engine: str, telling: Pipe) -> None:
    _meet_fate(fate, telling)
    chosen: Any = getattr(mutants, engine, drain.Engine)
    sink.Engine = vault.Engine = chosen  # type: ignore[attr-defined]
    try:
        if work == "landing":
            sink.drain(settings, [TOPIC], max_rows=ROWS_A_TRANSACTION)
        else:
            vault.drain_vault(settings, max_rows=ROWS_A_TRANSACTION)
    except StaleDrain:
        sys.exit(STALE)


def _meet_fate(fate: Fate, telling: Pipe) -> None:
    """Watch this process's transactions, and signal ourselves where the fate says."""
    begin, numbers = Connection.transaction, itertools.count(1)

    @contextmanager
    def transaction(self: Any, *args: Any, **options: Any) -> Iterator[Any]:
        number = next(numbers)
        telling.send(number)

        def reach(point: Point) -> None:
            if (point, number) == (fate.point, fate.transaction):
                if point == "commit under way":
                    self.pgconn.send_query(b"commit")
                os.kill(os.getpid(), fate.by)

        with begin(self, *args, **options) as opened:
            reach("rows not yet written")
            yield opened
            reach("before commit")
            reach("commit under way")
        reach("after commit")

    Connection.transaction = transaction  # type: ignore[method-assign]
