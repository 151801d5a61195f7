"""``./flyover bench model``, tiny: all contenders come to the same fact. No time is asserted."""

import pytest

from benchmarks.model import bench


@pytest.mark.slow
def test_upsert_by_hand_increment_and_rebuild_come_to_the_same_fact():
    report = bench.run("bench", lambda line: None, rows=5_000, rounds=1)
    outcomes = [run["outcome"] for runs in report.runs.values() for run in runs]
    assert len(outcomes) == 4
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert outcomes[0]["rows"] == 4_999  # one record is deleted by the change
    assert report.goals[-1].is_met
