"""When a task is tried again: only for trouble with our own servers, never for what someone sent or wrote."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk import RetryDecision, RetryPolicy

from pipeline.errors import FlyoverError

FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=5), dt.timedelta(minutes=5)
RETRIES = 6
"""Five minutes of waiting, beside the ten minutes of patience that a stage has within each try."""


class RetryTrouble(RetryPolicy):
    """Retry with doubling waits when a server of ours was away; fail at once for anything else.

    A task that was killed raises nothing: Airflow itself tries it again, as stages may be repeated.
    """

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """Decide about one failure."""
        if not is_trouble(exception):
            return RetryDecision.fail(reason="trying again would not help")
        return RetryDecision.retry(delay=wait_before(try_number), reason="a server of ours was away")


def is_trouble(error: BaseException) -> bool:
    """Whether the work may succeed unchanged once our servers are back."""
    if isinstance(error, FlyoverError):
        return error.retriable
    from pipeline.db import OperationalError, QueryCanceled

    return isinstance(error, OperationalError) and not isinstance(error, QueryCanceled)


def wait_before(try_number: int) -> dt.timedelta:
    """Wait after the given try (1 is the first)."""
    return min(FIRST_WAIT * float(2 ** (try_number - 1)), LONGEST_WAIT)
