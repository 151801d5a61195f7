"""Options of the fault suite, and the line of figures each fault leaves at the end of a run."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests import evidence

MANY, FEW = 100_000, 4_000


@dataclass
class Figures:
    """What a fault's run came to; told once its test has passed."""

    seed: int
    events: int = 0
    kills: int = 0
    rows: int = 0
    notes: list[str] = field(default_factory=list)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--events", type=int, help=f"events of a fault's run; {MANY:,}, or {FEW:,} among all tests")
    group.addoption("--fault-seed", type=int, help="where a failed run was disturbed, to meet the same points again")


@pytest.fixture(scope="session")
def events(pytestconfig: pytest.Config) -> int:
    """How many events a run has where the mechanism does not show as well with fewer."""
    asked = pytestconfig.getoption("--events")
    short = "not slow" in (pytestconfig.option.markexpr or "")
    return int(asked or (FEW if short else MANY))


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Seed of every random point of this run."""
    asked = pytestconfig.getoption("--fault-seed")
    if asked is None:
        asked = os.environ.get("FLYOVER_FAULT_SEED")
    return random.SystemRandom().randrange(10_000) if asked is None else int(asked)


@pytest.fixture
def figures(seed: int, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Figures]]:
    """Opens the figures of a fault by its number and name; the line is told where the test passed."""
    opened: dict[str, tuple[Figures, float]] = {}

    def open_(name: str) -> Figures:
        opened[name] = (Figures(seed), time.monotonic())
        return opened[name][0]

    failed = request.session.testsfailed
    yield open_
    for name, (seen, began) in opened.items():
        seconds = time.monotonic() - began
        verdict = "passed" if request.session.testsfailed == failed else "FAILED"
        evidence.tell(
            f"fault {name}: {seen.events:,} events, {seen.kills:,} kills, {seen.rows:,} rows compared, "
            f"{seconds:.0f} s, seed {seen.seed}{''.join(f', {note}' for note in seen.notes)}, {verdict}"
        )
