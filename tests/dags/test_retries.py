from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from airflow.sdk import RetryAction

from dags.wiring.retries import LONGEST_WAIT, RETRIES, RetryTrouble, wait_before
from pipeline.db import OperationalError, QueryCanceled
from pipeline.errors import BadInput, ConfigurationError, StaleDrain, SystemTrouble


@pytest.mark.parametrize("error", [SystemTrouble("Kafka is away"), OperationalError("server closed the connection")])
def test_trouble_of_ours_is_tried_again(error: Exception) -> None:
    decision = RetryTrouble().evaluate(error, 1, RETRIES)
    assert decision.action is RetryAction.RETRY
    assert decision.retry_delay == dt.timedelta(seconds=5)


@pytest.mark.parametrize(
    "error",
    [
        BadInput("is empty"),
        ConfigurationError("no such rule"),
        StaleDrain("taken over"),
        QueryCanceled("timeout"),
        ValueError("x"),
    ],
)
def test_what_would_fail_again_is_not_tried_again(error: Exception) -> None:
    assert RetryTrouble().evaluate(error, 1, RETRIES).action is RetryAction.FAIL


def test_waits_double_up_to_a_limit() -> None:
    waits = [wait_before(number) for number in range(1, 12)]
    assert [later / earlier for earlier, later in pairwise(waits[:6])] == [2] * 5
    assert waits[-1] == LONGEST_WAIT
