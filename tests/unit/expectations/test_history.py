"""Each rule about history passes a batch like those before it and fails one that is not; too little history passes."""

import random
import uuid

import pytest

from expectations.judging import comparison, history, profile
from expectations.judging.profile import Profile
from expectations.rules import suites

SUITES = suites.load()
RULES = [(suite, rule) for suite in SUITES.values() for rule in history.history_rules(suite)]
IDS = [rule.id for _, rule in RULES]


def a_batch(check, figure, rows=5_000):
    """A profile in which what the rule measures is ``figure``: a size, a share, a mean, or the share of one code."""
    batch = Profile(uuid.uuid4())
    batch.values["volume", ""] = (figure if check.measure == "volume" else rows, {"mode": "bulk"})
    batch.values["rows", ""] = (rows, {})
    column = check.column or ""
    if check.measure == "deleted_share":
        batch.values["deleted_share", ""] = (figure, {"of": rows})
    elif check.measure == "null_share":
        batch.values["null_share", column] = (figure, {})
    elif check.measure == "mean":
        batch.values["number", column] = (figure, {"n": rows, "mean": figure, "deviation": figure / 10})
    elif check.measure == "distribution":
        batch.values["codes", column] = (2, {"a": int(rows * figure), "b": int(rows * (1 - figure))})
    elif check.measure == "last_term":
        detail = {"before": 4_000, "term": "2026-09-01", "term_before": "2026-02-20"}
        batch.values["last_term", ""] = (figure, detail)
    return batch


USUAL = {"volume": 4_000, "deleted_share": 0.02, "null_share": 0.3, "mean": 50, "distribution": 0.6, "last_term": 4_000}
FELL = {"volume": 1_500, "null_share": 0.0, "mean": 4, "last_term": 1_500}
ROSE = {
    "volume": 9_000,
    "deleted_share": 0.5,
    "null_share": 0.95,
    "mean": 900,
    "distribution": 0.05,
    "last_term": 9_000,
}


def usual(check, number):
    """A little more and a little less than usual, in turn."""
    return USUAL[check.measure] * (1 + (number % 5 - 2) / 100)


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=IDS)
def test_rule_about_history_passes_the_like_and_fails_the_unlike(suite, rule):
    check = rule.check
    before = [a_batch(check, usual(check, number)) for number in range(10)]
    assert not comparison.compare(check, a_batch(check, usual(check, 4)), before).fails
    for side, figures in (("low", FELL), ("high", ROSE)):
        if check.measure in figures and check.sides in (side, "both"):
            found = comparison.compare(check, a_batch(check, figures[check.measure]), before)
            assert found.fails
            assert len(found.batches) == (0 if check.measure == "last_term" else 10)
            assert all(text[-1] for text in (found.because_zh, found.because_en))
    if check.sides == "low":
        assert not comparison.compare(check, a_batch(check, ROSE[check.measure]), before).fails


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=IDS)
def test_what_a_rule_measures_is_profiled(suite, rule):
    if rule.check.measure == "distribution":
        assert rule.check.column in profile.coded(suite)
    if rule.check.measure == "mean":
        assert rule.check.column in {field.column for field in profile.numbers(suite)}


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=IDS)
def test_too_little_history_passes_and_says_so(suite, rule):
    check = rule.check
    if check.measure == "last_term":
        found = comparison.compare(check, Profile(uuid.uuid4()), [])
    else:
        few = [a_batch(check, USUAL[check.measure])] * (int(check.thresholds["batches"]) - 1)
        found = comparison.compare(check, a_batch(check, ROSE[check.measure]), few)
        assert "not enough history yet" in found.because_en
    assert not found.fails
    assert found.observed is None


def test_only_a_whole_register_has_a_volume():
    check = next(rule.check for _, rule in RULES if rule.check.measure == "volume")
    changes = a_batch(check, 3)
    changes.values["volume", ""] = (3, {"mode": "delta"})
    found = comparison.compare(check, changes, [a_batch(check, 4_000)] * 10)
    assert not found.fails
    assert "no volume of its own" in found.because_en


@pytest.mark.parametrize("measure", ["null_share", "distribution", "mean", "deleted_share"])
def test_few_rows_are_not_compared(measure):
    check = next(rule.check for _, rule in RULES if rule.check.measure == measure)
    found = comparison.compare(check, a_batch(check, ROSE[measure], rows=19), [a_batch(check, USUAL[measure])] * 10)
    assert not found.fails
    assert "too few rows" in found.because_en


def test_evidence_explains_itself_in_both_languages():
    check = next(rule.check for _, rule in RULES if rule.id == "hr__employments.volume_halved")
    told = comparison.compare(check, a_batch(check, 1_500), [a_batch(check, 4_000)] * 10).evidence()
    assert (told["observed"], told["low"], told["high"], told["baseline"], told["batches"]) == (
        1_500, 2_000, None, 4_000, 10,
    )  # fmt: skip
    assert told["because"]["en"].startswith("1,500 rows; the median of the 10 batches before is 4,000")
    assert told["because"]["zh"].startswith("本次报送共 1,500 行，此前 10 批的中位数为 4,000")


@pytest.mark.parametrize("measure", ["volume", "null_share", "distribution", "mean"])
def test_exchangeable_batches_seldom_alarm(measure):
    """Feeds that only vary by chance, more widely than real ones do: under one alarm in two hundred batches."""
    check = next(rule.check for _, rule in RULES if rule.check.measure == measure and rule.severity == "warning")
    chance, alarms, rounds = random.Random(11), 0, 2_000
    for _ in range(rounds):
        rows = chance.randint(200, 2_000)
        figures = {
            "volume": lambda: chance.gauss(1_000, 120),
            "null_share": lambda rows=rows: sum(chance.random() < 0.08 for _ in range(200)) / 200,
            "distribution": lambda: min(0.95, max(0.05, chance.gauss(0.6, 0.06))),
            "mean": lambda: chance.lognormvariate(4, 0.12),
        }
        past = [a_batch(check, figures[measure](), rows) for _ in range(8)]
        alarms += comparison.compare(check, a_batch(check, figures[measure](), rows), past).fails
    assert alarms < rounds / 200
