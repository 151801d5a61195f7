"""Reads docs/tasks.md, so that a test types what the page tells a person to type, and sees what it says they see.

A task is a heading ``### E4 Change a schedule``. Below it, what is typed is a fenced block ``sh``; what is clicked is a
numbered list; a paragraph that begins with *You see* names, in code spans, what must then be there. Words in capitals
are what a person fills in (``BATCH``); ``# exit code 2`` behind a command says how it ends.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from cli.tasks_command import KEPT, PAGE, PERSONS, listed
from pipeline.settings import CHECKOUT

_HEADING = re.compile(r"### (?P<id>[EOP]\d+) (?P<title>.+)")
_SPAN = re.compile(r"`([^`]+)`")
_FILLED_IN = re.compile(r"(?<![\w$/.-])[A-Z][A-Z_]{2,}(?![\w/.-])")
_BOLD = re.compile(r"\*\*[^*]+\*\*")
_ENDS = re.compile(r"#.*exit code (\d+)")
_MARK = "@@ ended"
PROPERTY = "task"
"""of a test's report: which task it ran"""


@dataclass(frozen=True)
class Block:
    """Steps taken one after the other, and what is then to be seen."""

    kind: Literal["typed", "clicked"]
    lines: tuple[str, ...]
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """One task of the page."""

    id: str
    title: str
    blocks: tuple[Block, ...]

    def typed(self) -> list[Block]:
        """What is typed in a terminal."""
        return [block for block in self.blocks if block.kind == "typed"]

    def clicked(self) -> list[Block]:
        """What is clicked in a browser."""
        return [block for block in self.blocks if block.kind == "clicked"]


def tasks() -> Mapping[str, Task]:
    """The page's tasks by id, in its order."""
    parts = re.split(r"(?m)^(?=### )", PAGE.read_text(encoding="utf-8"))
    found = [_task(part) for part in parts if _HEADING.match(part)]
    assert len({task.id for task in found}) == len(found), "an id is there twice"
    return {task.id: task for task in found}


def _task(part: str) -> Task:
    heading = _HEADING.match(part)
    assert heading is not None
    body = re.split(r"(?m)^## ", part)[0]
    return Task(heading["id"], heading["title"], tuple(_blocks(body)))


def _blocks(body: str) -> Iterator[Block]:
    last: Block | None = None
    for piece in re.findall(r"(?ms)^```sh\n.*?^```$|^1\. .*?(?=\n\n|\Z)|^You see .*?(?=\n\n|\Z)", body):
        if piece.startswith("You see"):
            assert last is not None, piece
            last = Block(last.kind, last.lines, (*last.seen, *_SPAN.findall(piece)))
            continue
        if last is not None:
            yield last
        if piece.startswith("```"):
            joined = re.sub(r"\\\n *", "", piece)
            lines = [line for line in joined.splitlines()[1:-1] if line.strip() and not line.startswith("#")]
            last = Block("typed", tuple(lines))
        else:
            steps = re.split(r"(?m)^\d+\. ", piece)
            last = Block("clicked", tuple(" ".join(step.split()) for step in steps if step.strip()))
    if last is not None:
        yield last


@dataclass(frozen=True)
class Terminal:
    """A shell in a checkout, where ./flyover is this run's Python: it installs nothing."""

    state_dir: Path
    checkout: Path = CHECKOUT
    env: Mapping[str, str] = field(default_factory=dict)
    patience_s: int = 300

    def do(self, task: str, block: int = 0, *, given: str = "", **filled: object) -> str:
        """Type one block of a task; what came of it, which is what the page says. ``given`` is typed when asked.

        :raises AssertionError: a command ended otherwise than the page says, or something it shows was not seen
        """
        wanted = tasks()[task].typed()[block]
        output = ""
        for line, (said, code) in zip(wanted.lines, self.run(fill(wanted.lines, filled), given), strict=True):
            ends = _ENDS.search(line)
            assert code == int(ends[1] if ends else 0), (line, code, said[-3000:])
            output += said
        for seen in fill(wanted.seen, filled):
            assert " ".join(seen.split()) in " ".join(output.split()), (task, seen, output[-6000:])
        return output

    def run(self, lines: list[str], given: str = "") -> list[tuple[str, int]]:
        """Type lines one after the other: what each said, and its exit code."""
        python = f"{shlex.quote(sys.executable)} -m cli.main"
        script = f'function ./flyover {{ {python} "$@"; }}\n'
        script += "".join(f'{line}\nended=$?; echo; echo "{_MARK} $ended"\n' for line in lines)
        env = {name: value for name, value in os.environ.items() if not name.startswith(("FLYOVER_", "COLUMNS"))}
        env |= {"PYTHONPATH": str(self.checkout), "FLYOVER_STATE": str(self.state_dir), "USER": "wang.min", **self.env}
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.checkout, env=env, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=self.patience_s, check=False,
        )  # fmt: skip
        ended = re.findall(rf"(?ms)(.*?)^{_MARK} (\d+)$\n?", done.stdout)
        assert len(ended) == len(lines), done.stdout[-3000:]
        return [(said, int(code)) for said, code in ended]


def fill(lines: tuple[str, ...], filled: Mapping[str, object]) -> list[str]:
    """The lines, with the words in capitals filled in.

    :raises AssertionError: when one is not known
    """
    made = []
    for line in lines:
        for word, value in filled.items():
            line = re.sub(rf"(?<![\w$]){word}(?!\w)", lambda _, said=str(value): said, line)
        made.append(line)
    templates = (_BOLD.sub("", line.split("  #")[0]) for line in lines)
    left = {word for line in templates for word in _FILLED_IN.findall(line)} - set(filled)
    assert not left, f"nobody filled in {left}"
    return made


def conclude(reporter: pytest.TerminalReporter) -> None:
    """Write how each of the thirty tasks went, where any was run; and keep it."""
    went = _went(reporter)
    if not went:
        return
    reporter.section("thirty tasks (docs/tasks.md)")
    for task in listed():
        how = "" if task.id in went else f"  (./flyover test {task.test})"
        reporter.line(f"{task.id:<4} {PERSONS[task.id[0]]:<12} {went.get(task.id, 'not run'):<8} {task.title}{how}")
    if (cache := getattr(reporter.config, "cache", None)) is not None:
        kept = cache.get(KEPT, {})
        now = dt.datetime.now(dt.UTC).isoformat(timespec="minutes")
        cache.set(KEPT, {**kept, **{task: [outcome, now] for task, outcome in went.items()}})


def _went(reporter: pytest.TerminalReporter) -> dict[str, str]:
    """passed, failed or skipped, by task; a task of several tests is as well as the worst of them."""
    went: dict[str, str] = {}
    for outcome in ("passed", "skipped", "failed", "error"):
        for report in reporter.stats.get(outcome, ()):
            for name, task in getattr(report, "user_properties", ()):
                if name == PROPERTY:
                    went[task] = "FAILED" if outcome in ("failed", "error") else outcome
    return went
