"""``./flyover status`` names the pages' address, or says why there is none."""

from pathlib import Path

import pytest

from cli import stack_commands
from stack.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.open(tmp_path / "state")
    state.update_stack(portal_url="http://127.0.0.1:4567", pages_trouble=None)
    return state


def test_there_is_no_address_before_a_release_wrote_pages(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack_commands.numbers_url(state) is None
    stack_commands._say_numbers(state)
    assert "none yet" in "".join(capsys.readouterr())


def test_the_address_is_named_once_they_are_there(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    release = state.root / "site" / "releases" / "1-abc"
    release.mkdir(parents=True)
    (state.root / "site" / "current").symlink_to(release)
    assert stack_commands.numbers_url(state) == "http://127.0.0.1:4567/numbers/"
    stack_commands._say_numbers(state)
    said = "".join(capsys.readouterr())
    assert "http://127.0.0.1:4567/numbers/" in said
    assert "could not be built" not in said


def test_why_pages_are_missing_is_said(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    state.update_stack(pages_trouble="npm ci: no answer")
    stack_commands._say_numbers(state)
    assert "npm ci: no answer" in "".join(capsys.readouterr())
