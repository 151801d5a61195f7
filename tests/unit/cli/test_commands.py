import pytest

from cli import sql_command, stack_commands
from cli.test_command import pytest_arguments
from pipeline.errors import BadInput, ConfigurationError


@pytest.mark.parametrize("extra", [[], ["-x"], ["-k", "kafka"]])
def test_the_default_run_is_everything_that_is_not_slow(extra: list[str]) -> None:
    arguments = pytest_arguments(extra)
    assert arguments[:2] == ["-m", "not slow"]
    assert arguments[len(arguments) - len(extra) :] == extra
    assert {"tests/unit", "tests/integration"} <= set(arguments)


def test_a_suite_by_name_runs_whole() -> None:
    assert pytest_arguments(["faults", "-x"]) == ["tests/faults", "-x"]


def test_a_test_file_is_handed_on() -> None:
    asked = ["tests/unit/cli/test_commands.py::test_x", "-q"]
    assert pytest_arguments(asked) == asked


def test_an_unknown_suite_is_bad_input() -> None:
    with pytest.raises(BadInput, match="faults, mutation, browser, security"):
        pytest_arguments(["fautls"])


def test_logs_of_an_unknown_service_name_the_known(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(tmp_path))
    with pytest.raises(BadInput, match=r"\./flyover up"):
        stack_commands.logs("kafka")


def test_sql_refuses_a_role_that_is_not_for_people() -> None:
    with pytest.raises(BadInput, match="no role postgres"):
        sql_command.sql("select 1", role="postgres")


def test_sql_before_the_first_start_says_what_to_do(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"\./flyover up"):
        sql_command.sql("select 1")
