"""Each kind has its question, its texts and its runbook; what it tells people to type can be typed."""

import re
import string

import click
import pytest
import typer

from alerting.kinds import ENGINEERS, OFFICERS, OWNER, Finding, known
from alerting.questions import QUESTIONS
from cli import main
from pipeline.settings import CHECKOUT

RUNBOOKS = CHECKOUT / "docs" / "runbooks"
HEADINGS = ("## What it means", "## How to look", "## What to do", "## How to know it is over")
COMMAND = re.compile(
    r"\./flyover ((?:[a-z][a-z-]*|--?[a-z-]+|[A-Z…]+|\{\w+\}|\"[^\"]*\")(?: (?:[\w.{}-]+|\"[^\"]*\"|…))*)"
)


def test_every_kind_has_a_question_and_every_question_a_kind():
    assert set(QUESTIONS) == set(known())


def test_every_kind_has_its_page_and_every_page_its_kind():
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == set(known())
    listed = set(re.findall(r"\[(\w+)\]\(\1\.md\)", (RUNBOOKS / "README.md").read_text()))
    assert listed == set(known())


@pytest.mark.parametrize("kind", known().values(), ids=lambda kind: kind.name)
def test_page_says_what_it_means_how_to_look_what_to_do_and_when_it_is_over(kind):
    text = (CHECKOUT / kind.runbook).read_text(encoding="utf-8")
    places = [text.index(heading) for heading in HEADINGS]
    assert places == sorted(places)


@pytest.mark.parametrize("kind", known().values(), ids=lambda kind: kind.name)
def test_texts_are_in_both_languages_and_ask_for_the_same_facts(kind):
    def fields(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert re.search(r"[一-鿿]", kind.title_zh + kind.cause_zh)
    assert not re.search(r"[一-鿿]", kind.title_en + kind.cause_en)
    spoken = {"name_zh", "name_en", "cause_zh", "cause_en", "what_zh", "what_en"}
    assert fields(kind.cause_zh) - spoken == fields(kind.cause_en) - spoken
    assert set(kind.told) <= {OWNER, ENGINEERS, OFFICERS}


def test_a_finding_without_a_fact_it_needs_is_a_fault_of_ours():
    with pytest.raises(KeyError):
        Finding("core_behind", "core", {}).texts()


def commands():
    """(where it stands, words after ./flyover) of every command that a kind or a runbook names."""
    texts = {f"kinds.yaml {kind.name}": kind.command for kind in known().values()}
    texts |= {path.name: path.read_text(encoding="utf-8") for path in sorted(RUNBOOKS.glob("*.md"))}
    texts["alerts.md"] = (CHECKOUT / "docs" / "how-to" / "alerts.md").read_text(encoding="utf-8")
    found = {(place, words) for place, text in texts.items() for words in COMMAND.findall(text)}
    return sorted(found)


@pytest.mark.parametrize(("place", "words"), commands())
def test_command_that_is_named_exists_with_its_options(place, words):
    first, *rest = re.findall(r"\"[^\"]*\"|\S+", words)
    command = typer.main.get_command(main.build([first])).get_command(click.Context(click.Group()), first)
    assert command is not None, f"{place}: there is no ./flyover {first}"
    if hasattr(command, "commands") and rest and not rest[0].startswith("-") and rest[0].islower():
        name = rest.pop(0)
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"{place}: there is no ./flyover {first} {name}"
    options = {option for parameter in command.params for option in parameter.opts}
    for word in rest:
        if word.startswith("-"):
            assert word in options, f"{place}: ./flyover {first} has no {word}"
