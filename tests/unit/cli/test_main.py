import importlib.util
import json
import subprocess
import sys

import pytest

from cli import main
from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import CHECKOUT

HEAVY = ("airflow", "dbt", "great_expectations", "kafka", "psycopg", "pandas", "sqlalchemy")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of a command line in this process."""
    monkeypatch.setattr(sys, "argv", ["flyover", *arguments])
    with pytest.raises(SystemExit) as ended:
        main.main()
    return int(ended.value.code or 0)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, json; sys.argv = ['flyover', '--help']\n"
        "from cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not loaded & set(HEAVY)
    assert "demo" in done.stdout


@pytest.mark.parametrize("command", main.COMMANDS, ids=lambda command: command.name)
def test_every_command_is_there(command: main.Command) -> None:
    assert importlib.util.find_spec(command.target.partition(":")[0]) is not None


@pytest.mark.parametrize(
    ("error", "code"), [(BadInput("no such file", agency="sch-x"), 2), (SystemTrouble("Kafka is away"), 3)]
)
def test_errors_are_one_sentence_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr("cli.stack_commands.status", fail)
    assert run(monkeypatch, "status") == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert str(error) in shown.err
    assert "Traceback" not in shown.err


def test_an_unexpected_error_never_shows_its_text_but_debug_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError("3399xx-personal")

    monkeypatch.setattr("cli.stack_commands.status", fail)
    assert run(monkeypatch, "status") == 3
    shown = capsys.readouterr().err
    assert "Unexpected ValueError" in shown
    assert "3399xx-personal" not in shown
    assert run(monkeypatch, "--debug", "status") == 3
    assert "Traceback" in capsys.readouterr().err


def test_an_unknown_command_is_bad_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "statsu") == 2
    assert "No such command" in capsys.readouterr().err
