"""./flyover test soak: load without end, one random fault after another, and the books looked at after each.

    ./flyover test soak [--minutes 30] [--seed N] [--rows 2000]

Servers of its own. Each turn sends a batch (one line in a hundred is poison, some of it is sent twice), lands it while
a fault of the list happens, and holds what landed against what was sent. Memory of this process is flat when the
second half of the run needs no more than a tenth above the first.
"""

from __future__ import annotations

import argparse
import collections
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from connectors import sink
from expectations.judging import judge
from pipeline.db import connect
from pipeline.settings import Settings
from stack import control
from stack.state import State
from tests import wire
from tests.faults.mortal import POINTS, TOPIC, Fate, Mortal
from tests.faults.proxy import Proxy
from tests.faults.test_poison import poisoned
from tests.fragile import FragileStack, outage

MOST_GROWTH = 1.10
_WARM_TURNS = 5


@dataclass
class Soak:
    """One run over one database."""

    fragile: FragileStack
    settings: Settings
    hand: random.Random
    rows: int
    sent: int = 0
    aside: int = 0

    def turn(self, fault: str) -> None:
        """Send a batch, land it in trouble, judge it, and look at the books.

        :raises AssertionError: when a row is missing or double, or the books do not balance
        """
        batch = wire.open_batch(self.settings, self.rows)
        first = self.sent
        bad = set(self.hand.sample(range(self.rows), self.rows // 100))
        lines = [poisoned(first + n, self.hand) if n in bad else wire.org(first + n) for n in range(self.rows)]
        wire.send(self.settings, batch, lines)
        again = self.hand.randrange(self.rows // 2)
        wire.send(self.settings, batch, lines[again : again + self.rows // 10], first_seq=again)
        self.sent, self.aside = self.sent + self.rows, self.aside + len(bad)
        FAULTS[fault](self)
        sink.drain(self.settings, [TOPIC])
        judge.judge_ready(self.settings, "oneroster")
        self._look()

    def _look(self) -> None:
        with connect(self.settings, "flyover_owner") as connection:
            landed, unbalanced, decided, open_batches = connection.execute(_LOOK).fetchone() or (0, 0, 0, 0)
        assert landed == self.sent - self.aside, f"{landed:,} rows of {self.sent - self.aside:,} good ones"
        assert (unbalanced, open_batches) == (0, 0), "books do not balance"
        assert decided >= self.aside

    def killed_inside(self) -> None:
        """A drain is killed at a point of a transaction."""
        Mortal(self.settings, "landing", Fate(self.hand.choice(POINTS), self.hand.randint(1, 9)), "Engine").ended()

    def server_goes(self, take: Callable[[], None]) -> None:
        """A server goes while a drain is at work, and comes back once it has said that it waits."""
        with outage(take, self.fragile.start) as planned:
            calls = iter(range(self.rows))
            at = self.hand.randint(1, 5)

            def stop() -> bool:
                if next(calls) == at:
                    planned.strike()
                return False

            sink.drain(self.settings, [TOPIC], max_rows=200, stop=stop)

    def cut(self) -> None:
        """The network to the database is cut, again and again."""
        proxy = Proxy((self.settings.pg_host, self.settings.pg_port), "cut", self.hand, troubles=2)
        try:
            sink.drain(replace(self.settings, pg_port=proxy.port), [TOPIC], max_rows=200)
        finally:
            proxy.close()


FAULTS: dict[str, Callable[[Soak], None]] = {
    "none": lambda soak: None,
    "drain killed": Soak.killed_inside,
    "PostgreSQL stopped at once": lambda soak: soak.server_goes(soak.fragile.stop_postgres),
    "broker killed": lambda soak: soak.server_goes(soak.fragile.kill_kafka),
    "network cut": Soak.cut,
}


def memory_mib() -> float:
    """Resident memory of this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def run(minutes: float, seed: int, rows: int) -> int:
    """Soak for so long; exit code 0 where all held."""
    hand, done, used = random.Random(seed), collections.Counter[str](), list[float]()
    _say(f"soak: {minutes:g} minutes, seed {seed}, {rows:,} rows a turn")
    with tempfile.TemporaryDirectory(prefix="flyover-soak-") as root:
        state = State.open(Path(root) / "state")
        try:
            fragile = FragileStack(state)
            soak = Soak(fragile, fragile.new_database(), hand, rows)
            ends = time.monotonic() + minutes * 60
            while time.monotonic() < ends or sum(done.values()) < 2 * _WARM_TURNS:
                fault, began = hand.choice(list(FAULTS)), time.monotonic()
                soak.turn(fault)
                done[fault] += 1
                used.append(memory_mib())
                _say(
                    f"turn {sum(done.values())}: {fault}, {soak.sent:,} events, {soak.aside:,} aside, "
                    f"{used[-1]:.0f} MiB, {time.monotonic() - began:.1f} s"
                )
        finally:
            control.erase(lambda _: None, state=state)
    return _verdict(soak, done, used, seed)


def _verdict(soak: Soak, done: collections.Counter[str], used: list[float], seed: int) -> int:
    settled = used[_WARM_TURNS:]
    half = len(settled) // 2
    early, late = max(settled[: max(half, 1)]), max(settled[half:])
    is_flat = late <= early * MOST_GROWTH
    faults = ", ".join(f"{count} × {fault}" for fault, count in done.most_common())
    _say(
        f"soak: {soak.sent:,} events, {faults}, nothing lost or double, memory {early:.0f} → {late:.0f} MiB "
        f"({'flat' if is_flat else 'NOT flat'}), seed {seed}"
    )
    return 0 if is_flat else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


_LOOK = """
select
    (select count(*) from landing.oneroster__orgs as l
        where not exists (select from landing.duplicate as d where d.row_id = l._row_id)),
    (select count(*) from quality.batch
        where received <> released + quarantined + duplicate + refused + held and status not in ('landing', 'landed')),
    (select sum(quarantined) from quality.batch),
    (select count(*) from quality.batch where status in ('landing', 'landed'))
"""


if __name__ == "__main__":
    logging.getLogger().addHandler(logging.NullHandler())  # what stages say of their waits is heard by the outage
    parser = argparse.ArgumentParser(prog="./flyover test soak")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--rows", type=int, default=2_000)
    chosen = parser.parse_args()
    raise SystemExit(run(chosen.minutes, chosen.seed, chosen.rows))
