"""Members of a group of drains in processes of their own; what they tell is heard by whoever started them."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait

from connectors import group
from pipeline.settings import Settings
from tests.faults.mortal import TOPIC, Fate, _meet_fate

LEASE_S = 2.0
ROWS_A_TRANSACTION = 50


class GroupMember:
    """One member; ``told`` is what it has said, without the numbers of its transactions."""

    def __init__(self, settings: Settings, name: str, fate: Fate | None = None) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self.pipe, telling = context.Pipe(duplex=False)
        self.process = context.Process(target=_live, args=(settings, name, fate or Fate(), telling))
        self.process.start()
        telling.close()
        self.told: list[str] = []
        self.transactions = 0

    def send(self, which: signal.Signals) -> None:
        """Signal it."""
        assert self.process.pid is not None
        os.kill(self.process.pid, which)

    def said(self, words: str) -> int:
        """How often it has said this."""
        return sum(words in message for message in self.told)

    def hear(self) -> None:
        """Take in one thing it has told."""
        message = self.pipe.recv()
        if isinstance(message, str):
            self.told.append(message)
        else:
            self.transactions = message

    def kill(self) -> None:
        """End it, asleep or not; one that has ended already is no error."""
        self.process.kill()
        self.process.join()

    def ended(self) -> int | None:
        """Ask it to leave and wait until it has; its exit code."""
        self.send(signal.SIGTERM)
        self.process.join(30)
        return self.process.exitcode


def listen(members: Sequence[GroupMember], until: Callable[[], bool], seconds: float = 60.0) -> None:
    """Hear the members until what is waited for is so; it is asked anew whenever one says something."""
    deadline = time.monotonic() + seconds
    while not until():
        open_pipes = {member.pipe: member for member in members}
        for pipe in wait(list(open_pipes), timeout=0.5):
            open_pipes[pipe].hear()  # type: ignore[index]
        assert time.monotonic() < deadline, "\n".join(itertools.chain(*(m.told for m in members)))


def _live(settings: Settings, name: str, fate: Fate, telling: Pipe) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    _meet_fate(fate, telling)
    group.serve(
        settings,
        name,
        lambda: [TOPIC],
        stop=stop.is_set,
        every_s=0.2,
        lease_s=LEASE_S,
        max_rows=ROWS_A_TRANSACTION,
        told=telling.send,
    )
