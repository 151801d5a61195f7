"""./flyover spark: what was built and what differs is shown, and a difference is an exit code."""

from __future__ import annotations

import json

import pytest
import typer

from cli.spark_command import _report
from release.spark.compare import Difference
from release.spark.engine import Outcome, Step
from release.spark.rebuild import Rebuild

EQUAL = Difference("core.fct_enrolment", 10, 10, 0, 0, 1, ())
DIFFERENT = Difference("core.dim_learner", 10, 10, 2, 2, 0, ("sex_code",))


def made(status: str = "success") -> Rebuild:
    step = Step("fct_enrolment", status, 1.0, "[CAST_INVALID_INPUT]" if status == "error" else "OK")
    return Rebuild(Outcome("4.3.0", (step,), 10.0, 20.0), ("core.fct_enrolment",), {"released.x": 10}, 30.0)


def test_equal_tables_end_well(capsys: pytest.CaptureFixture[str]) -> None:
    _report(made(), True, [EQUAL])
    shown = json.loads(capsys.readouterr().out)
    assert shown["build"][0]["rows_exported"] == 10
    assert shown["tables"][0]["within_tolerance"] == 1


@pytest.mark.parametrize(
    ("rebuild", "found"), [(made(), [EQUAL, DIFFERENT]), (made("error"), [EQUAL]), (made("error"), None)]
)
def test_a_difference_or_a_failure_is_an_exit_code(rebuild: Rebuild, found: list[Difference] | None) -> None:
    with pytest.raises(typer.Exit) as ended:
        _report(rebuild, True, found)
    assert ended.value.exit_code == 1


def test_the_tables_title_counts_those_that_are_equal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        _report(made(), False, [EQUAL, DIFFERENT])
    shown = capsys.readouterr().out
    assert "1 of 2 tables equal" in shown
    assert "sex_code" in shown
