"""./flyover tasks: what people do with Flyover, and how each of it went when the tests last did it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, NamedTuple

import typer

from cli.output import emit_table, say
from pipeline.settings import CHECKOUT

PAGE = CHECKOUT / "docs" / "tasks.md"
KEPT = "flyover/tasks"
"""where pytest's cache keeps how the tasks went"""
PERSONS: Mapping[str, str] = {"E": "engineer", "O": "officer", "P": "policymaker"}
_ROW = re.compile(r"(?m)^\| (?P<id>[EOP]\d+) \| (?P<title>[^|]+) \| (?P<with>[^|]+) \| `(?P<test>[^`|]+)` \|$")


class Listed(NamedTuple):
    """A line of the page's table."""

    id: str
    title: str
    by: str
    """the command typed or the page opened"""
    test: str
    """file::function that does it"""


def listed() -> list[Listed]:
    """The table of docs/tasks.md."""
    text = PAGE.read_text(encoding="utf-8")
    return [
        Listed(row["id"], re.sub(r"\[(.+)\]\(.+\)", r"\1", row["title"]), row["with"].replace("`", ""), row["test"])
        for row in _ROW.finditer(text)
    ]


def tasks(
    person: Annotated[str | None, typer.Option("--person", help="engineer, officer or policymaker.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """List thirty things people do with Flyover, with what, and how each went when a test last did it here."""
    went = _went()
    rows = [
        (task.id, PERSONS[task.id[0]], task.title, task.by, *went.get(task.id, ("not run here", None)))
        for task in listed()
        if person in (None, PERSONS[task.id[0]])
    ]
    emit_table("Thirty tasks", ("task", "who", "what", "with", "last run", "at"), rows, as_json)
    say("How each is done: docs/tasks.md. To run them: ./flyover test")


def _went() -> Mapping[str, tuple[str, str]]:
    kept = CHECKOUT / ".pytest_cache" / "v" / KEPT
    if not kept.is_file():
        return {}
    return {task: (outcome, at) for task, (outcome, at) in json.loads(kept.read_text(encoding="utf-8")).items()}
