"""What differs between two pictures: each kind of change by its name, and no noise."""

from __future__ import annotations

import dataclasses
import uuid

import pytest

from release.candidates import Slice
from release.differences import between
from release.picture import Figure, Finding, Picture, Verdict

HERE = Slice("participation", "m", "simulated", "330106", "2025", "total", "total")
THERE = dataclasses.replace(HERE, area_code="330110")
NUMBER = Figure(10.0, 100.0, 1000.0, "published", "pct", 1)
WITHHELD = Figure(None, None, None, "withheld", "pct", 1)
BATCH, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
VERDICT = Verdict("sch-a", "oneroster__orgs", "released", 9, 1, 0, 0)


def picture(numbers=None, verdicts=None, findings=None, relations=None) -> Picture:
    return Picture(verdicts or {}, findings or {}, relations or {}, numbers or {})


def test_equal_pictures_do_not_differ() -> None:
    one = picture({HERE: NUMBER}, {BATCH: VERDICT}, {(BATCH, "r"): Finding("critical", 1)}, {"core.a": 3})
    assert not between(one, one)


@pytest.mark.parametrize(
    ("before", "after", "kind", "by"),
    [
        (None, NUMBER, "added", None),
        (NUMBER, None, "gone", None),
        (NUMBER, WITHHELD, "status", None),
        (WITHHELD, NUMBER, "status", None),
        (NUMBER, dataclasses.replace(NUMBER, value=12.5), "changed", 2.5),
        (NUMBER, dataclasses.replace(NUMBER, denominator=1001.0), "changed", 0.0),
        (NUMBER, dataclasses.replace(NUMBER, definition_version=2), "changed", 0.0),
    ],
)
def test_a_number_that_moved_is_told_by_kind(before, after, kind: str, by: float | None) -> None:
    then, now = ({HERE: f} if f else {} for f in (before, after))
    (change,) = between(picture({**then, THERE: NUMBER}), picture({**now, THERE: NUMBER})).numbers
    assert (change.slice, change.kind, change.by) == (HERE, kind, by)


def test_sums_added_up_in_another_order_are_the_same() -> None:
    after = dataclasses.replace(NUMBER, value=10.000000000000002)
    assert not between(picture({HERE: NUMBER}), picture({HERE: after}))


def test_rows_of_a_rule_are_added_up_over_batches_and_the_batches_counted() -> None:
    before = {(BATCH, "a.r"): Finding("critical", 3), (OTHER, "a.r"): Finding("critical", 4)}
    after = {
        (BATCH, "a.r"): Finding("critical", 3),
        (OTHER, "a.r"): Finding("critical", 1),
        (BATCH, "b.new"): Finding("info", 0),
    }
    old, new = between(picture(findings=before), picture(findings=after)).rules
    assert (old.rule_id, old.failed_before, old.failed_after, old.batches) == ("a.r", 7, 4, 1)
    assert (new.rule_id, new.severity_before, new.severity_after, new.failed_before) == ("b.new", None, "info", None)


def test_a_rule_of_another_severity_differs_though_it_fails_the_same_rows() -> None:
    before, after = ({(BATCH, "a.r"): Finding(severity, 3)} for severity in ("critical", "warning"))
    (change,) = between(picture(findings=before), picture(findings=after)).rules
    assert (change.severity_before, change.severity_after, change.failed_before, change.failed_after) == (
        "critical", "warning", 3, 3,
    )  # fmt: skip


def test_only_batches_and_relations_that_moved_are_told() -> None:
    held = dataclasses.replace(VERDICT, status="held", released=0, held=9)
    found = between(
        picture(verdicts={BATCH: VERDICT, OTHER: VERDICT}, relations={"core.a": 3, "core.old": 1}),
        picture(verdicts={BATCH: held, OTHER: VERDICT}, relations={"core.a": 3, "core.new": 0}),
    )
    assert [(c.batch_id, c.before.status, c.after.status) for c in found.batches] == [(BATCH, "released", "held")]
    assert [(c.relation, c.before, c.after) for c in found.relations] == [("core.new", None, 0), ("core.old", 1, None)]
