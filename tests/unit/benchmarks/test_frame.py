"""Contenders run in turns, each in a process of its own; ratios are taken round by round."""

import os
from contextlib import contextmanager

import pytest

from benchmarks import frame
from benchmarks.frame import Contender, Contest, compete
from benchmarks.meter import Measure, cpu, wall
from pipeline.errors import SystemTrouble
from tests import contenders


def run(seconds, rss=10.0, **parts):
    return Measure(seconds, seconds, 0.0, rss, parts=parts)


def test_a_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians():
    contest = Contest({"base": [run(1), run(10), run(2)], "ours": [run(2), run(30), run(2)]}, "base")
    assert contest.ratio("ours", wall) == 2
    assert contest.median("ours", wall) == 2
    assert contest.median("base", wall) == 2
    assert contest.ratio("base", wall, to="ours") == 0.5


def test_memory_is_the_most_any_round_held():
    assert Contest({"a": [run(1, 100), run(1, 300), run(1, 200)]}, "a").peak_rss_mb("a") == 300


def test_parts_keep_their_order_and_one_that_a_round_lacks_counts_as_none():
    contest = Contest({"a": [run(3, first=1, last=2), run(3, first=3, last=4), run(3, first=5)]}, "a")
    assert list(contest.parts("a").items()) == [("first", 3), ("last", 2)]


def test_contenders_take_turns_and_each_gets_a_fresh_place():
    order = []

    def place(name):
        @contextmanager
        def made():
            order.append(name)
            yield 0.05
            order.append(f"{name} gone")

        return made

    contest = compete(
        [
            Contender("a", contenders.spend, place("a"), contenders.nothing, lambda seconds: {"seconds": seconds}),
            Contender("b", contenders.spend, place("b"), None),
        ],
        rounds=2,
        postmaster=os.getpid(),
        progress=lambda line: None,
    )
    assert order == ["a", "a gone", "b", "b gone"] * 2
    first = contest.runs["a"][0]
    assert first.own_cpu_s >= 0.05
    assert list(first.parts) == ["burning"]
    assert first.outcome == {"seconds": 0.05}
    assert first.peak_rss_mb > 1


def test_without_a_warm_up_the_start_of_the_process_counts():
    cold = Contender("cold", contenders.spend)
    warm = Contender("warm", contenders.spend, warm_up=contenders.nothing)
    contest = compete([warm, cold], rounds=1, postmaster=os.getpid(), progress=lambda line: None)
    assert contest.ratio("cold", cpu) > 1


def test_a_contender_that_dies_or_hangs_is_an_error_and_leaves_no_process(monkeypatch):
    with pytest.raises(SystemTrouble, match="dies failed"):
        compete([Contender("dies", contenders.give_up)], rounds=1, postmaster=os.getpid(), progress=lambda line: None)
    monkeypatch.setattr(frame, "LONGEST_RUN_S", 3.0)
    with pytest.raises(SystemTrouble, match="hangs took longer"):
        compete([Contender("hangs", contenders.hang)], rounds=1, postmaster=os.getpid(), progress=lambda line: None)
