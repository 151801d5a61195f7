"""What a record costs is everything that was spent on it; a size that is asked for is about the size that comes."""

import pytest

from benchmarks.frame import Contest
from benchmarks.meter import Measure
from benchmarks.province import bench
from benchmarks.province.bench import Day
from benchmarks.province.stages import BUILD, READ, STAGES


def day(records, own_s):
    runs = {stage: [Measure(9.0, own_s, 2.0, 100.0)] for stage in STAGES}
    return Day(1_000, records, Contest(runs, READ), dict.fromkeys(STAGES, 1.0), dict.fromkeys(STAGES, 0.5))


def test_a_records_cost_is_the_stages_the_databases_and_the_brokers_time():
    assert day(1_000, 1.0).cost_us([READ]) == pytest.approx(3_500)
    assert day(1_000, 1.0).cost_us([READ, BUILD]) == pytest.approx(7_000)
    assert day(0, 1.0).cost_us([READ]) == pytest.approx(3_500_000)


def test_growth_is_told_against_the_smallest_province():
    report = bench._report("x", {}, [day(1_000, 1.0), day(10_000, 49.0)], [day(10, 1.0), day(100, 32.5)])
    growth, later = report.goals
    assert (growth.found, growth.is_met) == ("1.47 ×", False)
    assert (later.found, later.is_met) == ("1.00 ×", True)
    costs = next(table for table in report.tables if table.name == "costs")
    assert costs.columns == ("stage", "1,000", "10,000", "× largest to smallest")
    assert costs.rows[-1] == ("all", 31_500, 46_350, 1.47)


def test_sizes_stay_within_what_the_simulator_writes():
    assert bench.learners_for(10) == bench.FEWEST_LEARNERS
    assert bench.learners_for(1e12) == bench.MOST_LEARNERS
    assert bench.FEWEST_LEARNERS < bench.learners_for(1_000_000) < bench.learners_for(10_000_000) < bench.MOST_LEARNERS
