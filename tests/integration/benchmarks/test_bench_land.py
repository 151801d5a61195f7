"""``./flyover bench land``, tiny and without peers: every contender lands every record once. No time is asserted."""

from benchmarks.land import bench, ours

ROWS = 6_000


def test_every_contender_lands_every_record_once():
    report = bench.run("bench", lambda line: None, rows=ROWS, rounds=1, others=())
    assert set(report.runs) == {ours.LIMIT} | {ours.name(client, n) for client in ours.clients() for n in (1, 2)}
    for (run,) in report.runs.values():
        assert (run["outcome"]["landed"], run["outcome"]["distinct"]) == (ROWS, ROWS)
        assert run["server_cpu_s"] > 0
    of_two = report.runs[ours.name("kafka-python", 2)][0]["outcome"]
    assert (of_two["open_batches"], of_two["aside"]) == (0, 0)
    assert report.goals[-1].is_met
    assert 450 < report.machine["bytes_a_message"] < 550
