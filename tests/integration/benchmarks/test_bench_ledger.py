"""The ledger's benchmark, tiny: both ledgers hold what they should, and nothing of a day but what is new is posted."""

from benchmarks.ledger import bench, events


def test_a_tiny_ledger_balances_and_a_day_adds_its_deposits() -> None:
    report = bench.run("test", lambda said: None, rows=160 * events.ENTRIES_A_HOLDER, rounds=1)
    for name, holders in ((bench.QUARTER, 40), (bench.WHOLE, 160)):
        (run,) = report.runs[name]
        tenth, hundredth = holders // 10, max(1, holders // 100)
        # seven postings a holder, of each tenth one outcome expires and one is revoked, of each hundredth one is new
        assert run["outcome"]["postings"] == 7 * holders + 2 * tenth + hundredth
        assert run["outcome"]["sum of all entries"] == "0.0000"
    assert [goal.what for goal in report.goals][-1] == "a holder's statement as of a day"
