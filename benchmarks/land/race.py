"""Gets processes to the start, starts them together, and hears what each of them took."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.meter import Meter
from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT, Settings
from stack.supervisor import clean_environment

_SAID = 12
"""lines of a failed process's own words that are repeated"""


@dataclass(frozen=True)
class Runner:
    """One process: a module of ours or of a peer's environment, and its job."""

    python: Path
    module: str
    job: Mapping[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """Who runs in one contender's turn, and where they land."""

    settings: Settings
    runners: Sequence[Runner]


def run(place: Field, meter: Meter) -> None:
    """Run them side by side; the clock starts when all are ready, and stops when the last has told.

    :raises SystemTrouble: when one of them fails, with the end of what it said
    """
    with ExitStack() as stack:
        lanes = [stack.enter_context(_lane(runner)) for runner in place.runners]
        for lane in lanes:
            lane.hear("ready")
        meter.restart()
        for lane in lanes:
            lane.say("go")
        for lane in lanes:
            told = lane.hear()
            meter.tell(told["cpu_s"], told["peak_mb"])
            for name in told.keys() - {"cpu_s", "peak_mb"}:
                meter.note(name, told[name])


def run_alone(runner: Runner) -> Mapping[str, Any]:
    """Run one process without measuring it; what it told."""
    with _lane(runner) as lane:
        lane.hear("ready")
        lane.say("go")
        told: Mapping[str, Any] = lane.hear()
    return told


class _Lane:
    def __init__(self, runner: Runner, process: subprocess.Popen[str], log: Path) -> None:
        self._name, self._process, self._log = runner.module, process, log

    def say(self, line: str) -> None:
        """One line to its standard input."""
        assert self._process.stdin is not None  # noqa: S101 - opened as a pipe
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self, word: str | None = None) -> Any:
        """Its next line: a word that must come, or a document."""
        assert self._process.stdout is not None  # noqa: S101 - opened as a pipe
        line = self._process.stdout.readline().strip()
        if not line or (word and line != word):
            self._process.wait(10)
            said = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_SAID:]
            raise SystemTrouble(f"benchmark: {self._name} failed: " + "\n".join(said))
        return None if word else json.loads(line)


@contextmanager
def _lane(runner: Runner) -> Iterator[_Lane]:
    env = {**clean_environment(), "PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1", **runner.env}
    with tempfile.TemporaryDirectory(prefix="flyover-bench-") as folder:
        log = Path(folder) / "said"
        with log.open("wb") as said:
            process = subprocess.Popen(
                [str(runner.python), "-m", runner.module],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, env=env, cwd=folder,
            )  # fmt: skip
        try:
            lane = _Lane(runner, process, log)
            lane.say(json.dumps(dict(runner.job), default=os.fspath))
            yield lane
        finally:
            process.kill()
            process.communicate()
