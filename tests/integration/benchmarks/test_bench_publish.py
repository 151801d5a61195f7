"""``./flyover bench publish``, tiny: every message of the outbox arrives once. No time is asserted."""

from benchmarks.land import ours
from benchmarks.publish import bench

ROWS = 2_000


def test_every_message_arrives_once():
    report = bench.run("bench", lambda line: None, rows=ROWS, rounds=1)
    assert set(report.runs) == {bench.name(client, plain) for client in ours.clients() for plain in (True, False)}
    for (run,) in report.runs.values():
        assert (run["outcome"]["sent"], run["outcome"]["arrived"]) == (ROWS, ROWS)
    assert report.goals[-1].is_met
