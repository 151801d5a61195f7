"""docs/tasks.md keeps what it promises: thirty tasks, each with steps, each taken by the test it names."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from cli import main
from cli.tasks_command import PERSONS, listed
from pipeline.settings import CHECKOUT
from tests import taskpage

TASKS = taskpage.tasks()


def marked() -> dict[str, set[str]]:
    """Tests by the task they are marked with."""
    found: dict[str, set[str]] = {}
    for path in (CHECKOUT / "tests").rglob("test_*.py"):
        if "mark.task(" not in (text := path.read_text(encoding="utf-8")):
            continue
        for node in ast.walk(ast.parse(text)):
            for mark in (
                re.findall(r"mark\.task\('(\w+)'\)", ast.unparse(node)) if isinstance(node, ast.FunctionDef) else ()
            ):
                found.setdefault(mark, set()).add(f"{path.relative_to(CHECKOUT)}::{node.name}")
    return found


def test_there_are_ten_tasks_for_each_person() -> None:
    assert Counter(PERSONS[task[0]] for task in TASKS) == dict.fromkeys(PERSONS.values(), 10)
    assert list(TASKS) == [f"{letter}{number}" for letter in PERSONS for number in range(1, 11)]


def test_the_table_lists_each_task_and_a_test_that_is_there() -> None:
    tests = marked()
    assert [(row.id, row.title) for row in listed()] == [(task.id, task.title) for task in TASKS.values()]
    assert {row.id: row.test for row in listed() if row.test not in tests.get(row.id, ())} == {}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_each_task_has_steps_and_says_what_is_then_seen(task: taskpage.Task) -> None:
    assert task.blocks
    assert any(block.seen for block in task.blocks)
    known = {command.name for command in main.COMMANDS}
    typed = [line for block in task.typed() for line in block.lines]
    assert {name for line in typed for name in re.findall(r"\./flyover (\S+)", line)} <= known


def test_a_word_nobody_filled_in_is_noticed() -> None:
    with pytest.raises(AssertionError, match="BATCH"):
        taskpage.fill(("./flyover impact BATCH",), {})
    assert taskpage.fill(("./flyover impact BATCH  # NOTHING",), {"BATCH": 7}) == ["./flyover impact 7  # NOTHING"]


def test_what_is_not_seen_fails_the_task(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    block = taskpage.Block("typed", ("echo one", "false  # exit code 1"), ("one",))
    wrong = taskpage.Block("typed", ("echo one",), ("two",))
    failing = taskpage.Block("typed", ("false",))
    monkeypatch.setattr(taskpage, "tasks", lambda: {"E1": taskpage.Task("E1", "…", (block, wrong, failing))})
    terminal = taskpage.Terminal(CHECKOUT)
    assert terminal.do("E1").split() == ["one"]
    for broken in (1, 2):
        with pytest.raises(AssertionError):
            terminal.do("E1", broken)
