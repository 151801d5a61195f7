"""Pairs counted by hand: four records of two persons, one taken for the wrong one."""

from benchmarks.linkage.known import Truth
from benchmarks.linkage.quality import measure

TRUTH = [
    Truth(1, ("schools", "male")),
    Truth(1, ("schools", "male")),
    Truth(1, ("human_resources", "male")),
    Truth(2, ("schools", "female")),
]


def test_pairs_are_those_one_counts_by_hand():
    found = {one.group: one for one in measure(TRUTH, ["a", "a", "b", "b"])}
    everyone = found["all records"]
    assert (everyone.true_pairs, everyone.found_pairs, everyone.right_pairs) == (3, 2, 1)
    assert (everyone.recall, everyone.precision) == (1 / 3, 1 / 2)


def test_a_pair_counts_for_every_group_that_has_a_part_in_it():
    found = {one.group: one for one in measure(TRUTH, ["a", "a", "b", "b"])}
    assert (found["human_resources"].true_pairs, found["human_resources"].found_pairs) == (2, 1)
    assert (found["female"].true_pairs, found["female"].found_pairs, found["female"].precision) == (0, 1, 0.0)
    assert found["senior_universities"].recall == 1.0
