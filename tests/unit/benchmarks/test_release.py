"""The benchmark of releases, tiny: every province is protected, and its headlines stand."""

from benchmarks.release import bench


def test_one_indicator_of_every_province_is_protected_and_its_headline_stands():
    report = bench.run("./flyover bench release", lambda line: None, rows=bench.CELLS_AN_INDICATOR, rounds=1)
    (times, shown) = report.tables
    assert [row[0] for row in times.rows] == list(bench.SCALES)
    assert [(published + withheld, headlines) for _, published, withheld, headlines, _ in shown.rows] == [
        (bench.CELLS_AN_INDICATOR, 1)
    ] * len(bench.SCALES)
