"""First copies and duplicates by set: also when two judges note the same events at once, and over a long history."""

import threading
import uuid

import pytest

from expectations.judging import duplicates
from pipeline.db import SQL, Identifier, connect
from tests.landed import Landing, Line, bulk_orgs

TABLE = "oneroster__orgs"


def org(number):
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school"}


def marked(connection, batch):
    found = connection.execute("select count(*) from landing.duplicate where batch_id = %s", (batch,)).fetchone()
    return found[0]


def test_of_two_judges_that_note_the_same_events_one_waits_and_marks_its_rows(settings):
    landing = Landing(settings, "oneroster")
    lines = [Line(org(n)) for n in range(20)]
    first, second = landing.deliver({"orgs": lines})["orgs"], landing.deliver({"orgs": lines})["orgs"]
    done = threading.Event()

    def judge_second():
        with connect(settings, "flyover_judge") as other:
            duplicates.mark(other, TABLE, second)
        done.set()

    with connect(settings, "flyover_judge") as connection:
        duplicates.mark(connection, TABLE, first)
        thread = threading.Thread(target=judge_second)
        thread.start()
        waits_for_us(settings)
        assert not done.is_set()
        connection.commit()
        thread.join(30)
        assert done.is_set()
        assert (marked(connection, first), marked(connection, second)) == (0, 20)


def waits_for_us(settings):
    with connect(settings, "flyover_owner", autocommit=True) as watcher:
        for _ in range(2_000):
            found = watcher.execute("select count(*) from pg_locks where not granted").fetchone()
            if found[0]:
                return
            watcher.execute("select pg_sleep(0.01)")
    pytest.fail("the second judge never met the first")


def test_marking_again_changes_nothing(settings):
    landing = Landing(settings, "oneroster")
    batch = landing.deliver({"orgs": [Line(org(1)), Line(org(2), copies=3), Line(org(1)), Line(org(3))]})["orgs"]
    kept = []
    for _ in range(2):
        with connect(settings, "flyover_judge") as connection:
            duplicates.mark(connection, TABLE, batch)
            kept.append(
                (
                    connection.execute("select * from landing.duplicate order by row_id").fetchall(),
                    connection.execute("select * from landing.event_seen order by event_id").fetchall(),
                )
            )
    assert kept[0] == kept[1]
    assert len(kept[0][0]) >= 3


def test_a_small_batch_looks_its_events_up_instead_of_reading_all_that_were_ever_seen(settings):
    batch = bulk_orgs(settings, "sch-small", 200, 0)
    explained = SQL("explain ") + duplicates._COPIES.format(table=Identifier(TABLE))
    with connect(settings, "flyover_owner", autocommit=True) as owner:
        owner.execute(
            "insert into landing.event_seen select gen_random_uuid(), -n, %s from generate_series(1, 200000) as n",
            (uuid.uuid4(),),
        )
        owner.execute("vacuum (analyze) landing.event_seen")
        owner.execute("analyze landing.oneroster__orgs")
        plan = "\n".join(line for (line,) in owner.execute(explained, {"batch": batch}))
    assert "Seq Scan on event_seen" not in plan
