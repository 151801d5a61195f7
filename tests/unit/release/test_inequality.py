"""Measures of inequality by the worked values, and at their edges."""

import json
from pathlib import Path

import pytest

from release import inequality

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "values.json").read_text())


def test_gini_education():
    expected = GOLDEN["gini_education"]["toy"]
    assert inequality.gini(expected["y"], expected["p"]) == pytest.approx(expected["gini"], abs=1e-12)
    assert inequality.theil(expected["y"], expected["p"]) == pytest.approx(expected["theilT"], abs=1e-12)
    simple = GOLDEN["gini_education"]["simple"]
    assert inequality.gini(simple["values"], [1] * 4) == pytest.approx(simple["gini"])


def test_parity_index():
    expected = GOLDEN["parity_index"]["adj_example"]
    assert inequality.adjusted_parity(expected["PI"], 1.0) == pytest.approx(expected["adjusted"])
    assert inequality.adjusted_parity(0.8, 1.0) == inequality.parity(0.8, 1.0) == 0.8


def test_dissimilarity():
    expected = GOLDEN["dissimilarity"]
    assert inequality.dissimilarity(expected["groupA"], expected["groupB"]) == pytest.approx(expected["D"])


def test_nothing_to_divide_by_is_no_number():
    assert inequality.parity(1.0, 0.0) is None
    assert inequality.adjusted_parity(1.0, 0.0) is None
    assert inequality.gini([0, 0], [1, 1]) is None
    assert inequality.gini([1, 2], [0, 0]) is None
    assert inequality.theil([0, 0], [1, 1]) is None
    assert inequality.dissimilarity([0, 0], [1, 1]) is None
    assert inequality.pearson([1, 1, 1], [1, 2, 3]) is None
    assert inequality.spearman([1, 2, 3], [2, 2, 2]) is None


def test_all_alike_is_no_inequality():
    assert inequality.gini([7, 7, 7], [1, 2, 3]) == pytest.approx(0.0, abs=1e-12)
    assert inequality.theil([7, 7, 7], [1, 2, 3]) == pytest.approx(0.0, abs=1e-12)


def test_theil_between_and_within_make_the_whole():
    values, weights, groups = [2.0, 4.0, 6.0, 9.0], [10, 20, 30, 5], ["a", "a", "b", "b"]
    within = 0.0
    for group in ("a", "b"):
        inside = [at for at, each in enumerate(groups) if each == group]
        part = [values[at] for at in inside], [weights[at] for at in inside]
        held = sum(v * w for v, w in zip(*part, strict=True)) / sum(v * w for v, w in zip(values, weights, strict=True))
        within += held * (inequality.theil(*part) or 0.0)
    assert inequality.theil_between(values, weights, groups) + within == pytest.approx(
        inequality.theil(values, weights)
    )


def test_who_has_nothing_weighs_in_the_lorenz_curve():
    people, held = inequality.lorenz([3, 0], [1, 1])
    assert (people.tolist(), held.tolist()) == ([0.0, 0.5, 1.0], [0.0, 0.0, 1.0])


def test_ranks_go_together_where_values_do_not():
    assert inequality.spearman([1, 2, 3, 4], [1, 10, 100, 10_000]) == pytest.approx(1.0)
    assert inequality.pearson([1, 2, 3, 4], [1, 10, 100, 10_000]) < 0.9
