"""What a failed build says: the model or test by name, and never a value of a row."""

import pytest

from pipeline.errors import SystemTrouble
from release.build import BuildFailed, Step, _raise_failures, _safe

DUPLICATE = (
    "Database Error in model dim_learner (models/marts/core/dim_learner.sql)\n"
    '  duplicate key value violates unique constraint "x"\n  DETAIL:  Key (birth_date)=(1893-01-01) already exists.'
)
BAD_INPUT = 'Database Error in model m\n  invalid input syntax for type date: "1893-13-45"\n  LINE 3: select 1893'
NOT_NULL = (
    'null value in column "persons" of relation "population" violates not-null constraint\n'
    "DETAIL:  Failing row contains (ou-zhejiang, 张三, null)."
)


@pytest.mark.parametrize("message", [DUPLICATE, BAD_INPUT, NOT_NULL])
def test_a_message_holds_no_value(message):
    said = _safe(message)
    assert not any(value in said for value in ("1893", "张三"))
    assert "\n" not in said


def test_a_message_keeps_what_went_wrong():
    assert _safe(DUPLICATE).startswith("Database Error in model dim_learner")
    assert "type date" in _safe(BAD_INPUT)


def step(name="m", kind="model", status="success", message=None):
    return Step(name, kind, status, 0.1, message)


def test_every_failure_is_named_up_to_five():
    failed = [step(f"bad_state_{n}", "test", "fail", "Got 3 results") for n in range(7)]
    with pytest.raises(BuildFailed, match=r"test bad_state_0: Got 3 results.*bad_state_4.*2 more") as raised:
        _raise_failures([step(), *failed])
    assert not raised.value.retriable


def test_warnings_and_skips_stop_nothing():
    _raise_failures([step(), step(status="warn", message="Got 1 result"), step(status="skipped")])


def test_a_server_that_went_away_is_no_fault_of_a_model():
    with pytest.raises(SystemTrouble) as raised:
        _raise_failures([step(status="error", message="server closed the connection unexpectedly")])
    assert raised.value.retriable
