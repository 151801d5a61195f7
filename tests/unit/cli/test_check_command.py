from __future__ import annotations

import json

import pytest
import typer

from cli import check_command
from connectors import registry
from connectors.registry import Problem


def test_whole_checkout_is_called_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(registry, "problems", lambda *_, **__: [])
    check_command.check(agency=None, source=None, as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_problems_are_listed_and_end_with_exit_code_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(registry, "problems", lambda *_, **__: [Problem("oneroster", "x is missing", "Write x.")])
    with pytest.raises(typer.Exit) as left:
        check_command.check(agency=None, source=None, as_json=True)
    assert left.value.exit_code == 2
    assert json.loads(capsys.readouterr().out) == [
        {"subject": "oneroster", "missing": "x is missing", "advice": "Write x."}
    ]
