"""The seconds of a batch are told apart by part, all of them and none twice."""

import datetime as dt
import json

import pytest

from benchmarks.fresh import stream, way
from benchmarks.fresh.way import BEHIND, QUEUED, STARTED, WOKEN, WORKED, Run, Span
from connectors import registry, sources
from pipeline.settings import CHECKOUT


def at(second):
    return dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC) + dt.timedelta(seconds=second)


def run(queued, started, ended, run_ended=None):
    return Run(at(queued), at(started), at(ended), at(run_ended or ended))


def span(began, ended):
    return Span(at(began), at(ended))


def split(ready, done, runs, spans):
    found = way.parts(at(ready), at(done), runs, spans)
    assert found is None or sum(found.values()) == pytest.approx(done - ready)
    return found and {part: seconds for part, seconds in found.items() if seconds}


def test_a_batch_that_wakes_a_run_of_its_own_waits_for_airflow_and_for_the_start():
    assert split(0, 10, [run(2, 3, 11)], [span(5, 10)]) == {WOKEN: 2, QUEUED: 1, STARTED: 2, WORKED: 5}


def test_a_batch_that_comes_during_a_run_waits_until_that_run_is_over_its_last_task_too():
    runs = [run(-9, -8, 1, run_ended=4), run(5, 6, 12)]
    assert split(0, 10, runs, [span(-7, 1), span(8, 10)]) == {BEHIND: 4, WOKEN: 1, QUEUED: 1, STARTED: 2, WORKED: 2}


def test_a_batch_that_the_running_task_takes_waits_behind_the_work_before():
    assert split(0, 10, [run(-9, -8, 11)], [span(-7, 3), span(4, 10)]) == {BEHIND: 3, STARTED: 1, WORKED: 6}


def test_a_batch_that_the_running_work_takes_has_waited_for_nothing():
    assert split(0, 2, [run(-9, -8, 11)], [span(-7, 3)]) == {WORKED: 2}


def test_what_no_run_has_done_is_not_split():
    assert split(0, 10, [run(11, 12, 20)], []) is None


def test_percentiles_count_records_and_not_batches():
    delays = [(1.0, 98), (5.0, 1), (9.0, 1)]
    assert way.percentile(delays, 0.5) == 1.0
    assert way.percentile(delays, 0.99) == 5.0
    assert way.percentile(delays, 1.0) == 9.0
    assert way.percentile([(7.0, 1)], 0.95) == 7.0
    with pytest.raises(ValueError, match="nothing"):
        way.percentile([], 0.5)


def test_what_the_stream_drops_is_read_whole_by_the_source_it_claims_to_be_of(tmp_path):
    dropped = stream.drop(tmp_path, 3, 120)
    agency = registry.read(CHECKOUT / "connectors" / "agencies" / f"{stream.AGENCY}.yml")
    with sources.load(stream.SOURCE).open(tmp_path / dropped.name, agency) as (table,):
        rows = list(table.rows())
    assert (agency.source, table.entity) == (stream.SOURCE, stream.ENTITY)
    assert (len(rows), rows[-1].values["id"]) == (120, dropped.last_record)
    assert len({row.values["id"] for row in rows}) == 120
    assert all(row.values["roles"] == "Learner" for row in rows)
    assert [path.name for path in tmp_path.iterdir()] == [dropped.name]
    assert len(json.loads((tmp_path / dropped.name).read_text().splitlines()[0])["data"]) == stream.AN_ENVELOPE
