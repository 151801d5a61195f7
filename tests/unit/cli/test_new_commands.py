from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
import typer

from cli import main, new_agency_command, new_source_command
from connectors import registry
from pipeline.settings import CHECKOUT

NAMED = ("--name-zh", "宁波人社", "--name-en", "Ningbo labour", "--area", "province")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for place in ("contracts", "connectors/agencies"):
        shutil.copytree(CHECKOUT / place, tmp_path / place)
    monkeypatch.setattr(new_agency_command, "CHECKOUT", tmp_path)
    monkeypatch.setattr(new_source_command, "CHECKOUT", tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, is_terminal: bool = False) -> int:
    monkeypatch.setattr(sys, "argv", ["flyover", *arguments])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: is_terminal, raising=False)
    with pytest.raises(SystemExit) as ended:
        main.main()
    return int(ended.value.code or 0)


def test_a_new_agency_says_what_to_do_next_and_how_to_undo_it(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ("--source", "hr", "--transport", "sql", "--param", "host=127.0.0.1", "--param", "password_file=a=b", *NAMED)
    assert run(monkeypatch, "new-agency", "hr-ningbo", *told) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "./flyover secret set hr-ningbo password" in shown.err
    assert "./flyover check --agency hr-ningbo" in shown.err
    assert "delete connectors/agencies/hr-ningbo.yml" in shown.err
    made = registry.read(checkout / "connectors" / "agencies" / "hr-ningbo.yml")
    assert made.params == {"host": "127.0.0.1", "password_file": "a=b"}


def test_a_file_agency_is_told_its_drop_folder(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(tmp_path / "state"))
    assert run(monkeypatch, "new-agency", "hr-ningbo", "--source", "hr", *NAMED) == 0
    assert str(tmp_path / "state" / "agencies" / "hr-ningbo") in capsys.readouterr().err


def test_what_is_missing_is_asked_for_on_a_terminal_alone(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def prompt(question: str, **_: object) -> str:
        asked.append(question)
        return "province" if "Area" in question else "名称"

    monkeypatch.setattr(typer, "prompt", prompt)
    assert run(monkeypatch, "new-agency", "hr-ningbo", "--source", "hr") == 2
    assert "--name-zh, --name-en, --area" in capsys.readouterr().err
    assert asked == []
    assert run(monkeypatch, "new-agency", "hr-ningbo", "--source", "hr", is_terminal=True) == 0
    assert len(asked) == 3


def test_a_param_without_a_value_is_bad_input(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "new-agency", "hr-ningbo", "--source", "hr", *NAMED, "--param", "host") == 2
    assert "write NAME=VALUE" in capsys.readouterr().err
    assert not (checkout / "connectors" / "agencies" / "hr-ningbo.yml").exists()


def test_a_new_source_shows_its_guesses_and_no_value(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = checkout / "sample.csv"
    sample.write_text("card_no,resident_id,reader\nQ-7711,110101199003077774,欧阳娜娜\n", encoding="utf-8")
    told = ("--entity", "readers", "--key", "card_no", "--sample", str(sample))
    assert run(monkeypatch, "new-source", "library", *told) == 0
    shown = capsys.readouterr()
    assert "resident_id: values like resident ids" in shown.out
    assert "./flyover contract publish" in shown.err
    assert "int_persons__library" in shown.err
    assert not any(value in shown.out + shown.err for value in ("Q-7711", "110101199003077774", "欧阳娜娜"))
    assert run(monkeypatch, "new-source", "library", *told) == 2
