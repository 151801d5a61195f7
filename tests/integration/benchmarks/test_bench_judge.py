"""``./flyover bench judge``, tiny: the judge and the SQL by hand come to the same verdict. No time is asserted."""

from benchmarks.judge import bench


def test_judge_and_sql_by_hand_come_to_the_same_verdict():
    report = bench.run("bench", lambda line: None, rows=5_000, small_rows=500, rounds=1)
    (by_hand,), (judged,) = report.runs[bench.BY_HAND], report.runs[bench.JUDGE]
    assert judged["outcome"] == by_hand["outcome"]
    status, released, quarantined, duplicate = judged["outcome"]["books"]
    assert status == "released"
    assert quarantined > 0
    assert duplicate == 25
    assert released + quarantined + duplicate == 5_000
    assert len(judged["outcome"]["failed"]) == 12
    assert report.goals[-1].is_met
    assert set(judged["parts"]) >= {"duplicates", "Great Expectations", "rules, quarantine, books"}
    assert judged["server_cpu_s"] > 0
