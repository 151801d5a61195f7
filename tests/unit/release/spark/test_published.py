"""Two releases are the same when every slice shows the same, figures to the tolerance."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from release.candidates import Slice, Value
from release.spark.published import differ


def value(member: str, number: float | None) -> Value:
    return Value(
        Slice("lifelong_learning_participation", "m", "simulated", "330000", "2025", "sex", member),
        "province", None, number, "percent", "person", 12.0, 40.0, None, None, "published", None, 1,
        dt.date(2025, 11, 1),
    )  # fmt: skip


HERE = [value("male", 30.0), value("female", None)]


def test_equal_to_the_tolerance() -> None:
    assert differ(HERE, [value("female", None), value("male", 30.0)]).is_equal
    found = differ(HERE, [value("female", None), value("male", 30.000000001)])
    assert found.is_equal
    assert found.within_tolerance == 1


def test_another_figure_another_verdict_and_a_missing_slice_are_told() -> None:
    found = differ(HERE, [value("male", 30.01), replace(value("female", None), status="withheld")])
    assert (found.only_here, found.only_there, found.columns) == (2, 2, ("status", "value"))
    found = differ(HERE, HERE[:1])
    assert (found.only_here, found.only_there, found.columns) == (1, 0, ())
