"""The judge on a real database: books to the row, copies and duplicates, one verdict a batch whoever is killed."""

import multiprocessing
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from expectations.judging import gx, judge, settle
from pipeline.db import OperationalError, connect
from tests.landed import Landing, Line, judge_and_die

SCHOOL = {"type": "school", "name": "学校", "division_code": "330106"}


def org(number, **other):
    return {**SCHOOL, "sourced_id": f"o{number}", **other}


@pytest.fixture
def landing(settings):
    return Landing(settings, "oneroster")


def ask(settings, query, *parameters):
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def released(settings, landing):
    rows = ask(settings, "select _record_id from released.oneroster__orgs where _agency_code = %s", landing.agency)
    return sorted(row[0] for row in rows)


def test_books_balance_with_every_kind_of_line(settings, landing):
    first = landing.deliver({"orgs": [org(1)]})
    lines = [
        Line(org(2)),
        Line(org(3, type="scool")),
        Line(org(1)),  # the event of the first delivery
        Line(org(4), copies=3),
        Line(org(5)),
        Line(org(5)),  # the same event on another line
        Line(deleted=True, record_id="o9", version=2),
        Line(unread="parse", record_id="o6"),
        Line(unread="decode", record_id="o7"),
        Line(undecodable=True),
    ]
    second = landing.deliver({"orgs": lines})
    verdicts = {v.batch_id: v for v in judge.judge_ready(settings, "oneroster")}
    assert verdicts[first["orgs"]].released == 1
    verdict = verdicts[second["orgs"]]
    assert (verdict.received, verdict.released, verdict.quarantined, verdict.duplicate) == (10, 4, 4, 2)
    assert verdict.failed_rules == ("oneroster__orgs.type_code",)
    assert released(settings, landing) == ["o1", "o2", "o4", "o5", "o9"]
    (kept,) = ask(
        settings,
        "select redelivered, released_seq is not null, max_row_id is not null, judged_at is not null "
        "from quality.batch where batch_id = %s",
        second["orgs"],
    )
    assert kept == (2, True, True, True)


def test_judging_says_nothing_on_standard_output(settings, landing, capfd):
    """Commands write one JSON document there."""
    landing.deliver({"orgs": [org(1), org(2, type="scool")]})
    judge.judge_ready(settings, "oneroster")
    assert capfd.readouterr().out == ""


def test_quarantined_row_keeps_its_payload_by_the_sources_words(settings, landing):
    batch = landing.deliver({"orgs": [org(1, type="scool", parent_sourced_id=None)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    ((payload, rules, stage),) = ask(
        settings, "select payload, rule_ids, stage from quarantine.entry where batch_id = %s", batch
    )
    assert payload["sourcedId"] == "o1"
    assert payload["metadata.cn.divisionCode"] == "330106"
    assert payload["parentSourcedId"] is None
    assert (rules, stage) == (["oneroster__orgs.type_code"], "rule")


def test_delivery_waits_until_all_its_batches_have_landed(settings, landing):
    delivery = uuid.uuid4()
    landing.deliver({"orgs": [org(1)], "users": [{"sourced_id": "u1", "enabled_user": True}]}, deliver_as=delivery)
    with connect(settings, "flyover_owner") as connection:
        connection.execute(
            "update quality.batch set status = 'landing' where delivery_id = %s and entity = 'users'", (delivery,)
        )
    assert judge.judge_ready(settings, "oneroster") == []
    with connect(settings, "flyover_owner") as connection:
        connection.execute("update quality.batch set status = 'landed' where delivery_id = %s", (delivery,))
    assert {verdict.entity for verdict in judge.judge_ready(settings, "oneroster")} == {"orgs", "users"}


def test_judging_again_changes_nothing(settings, landing):
    landing.deliver({"orgs": [org(1), org(2, type="scool")]})
    assert len(judge.judge_ready(settings, "oneroster")) == 1
    before = (
        ask(settings, "select * from quality.batch order by batch_id"),
        ask(settings, "select * from quarantine.entry"),
    )
    assert judge.judge_ready(settings, "oneroster") == []
    after = (
        ask(settings, "select * from quality.batch order by batch_id"),
        ask(settings, "select * from quarantine.entry"),
    )
    assert after == before


def test_two_judges_at_once_give_one_verdict(settings, landing):
    batches = [landing.deliver({"orgs": [org(n), org(n + 100, type="scool")]})["orgs"] for n in range(4)]
    with ThreadPoolExecutor(2) as pool:
        found = [v for both in pool.map(lambda _: judge.judge_ready(settings, "oneroster"), range(2)) for v in both]
    assert sorted(v.batch_id for v in found) == sorted(batches)
    assert ask(settings, "select count(*) from quarantine.entry where batch_id = any(%s)", batches) == [(4,)]


@pytest.mark.parametrize("step", ["evaluate", "settle", "commit"])
def test_killed_judge_leaves_a_batch_that_the_next_one_judges(settings, landing, step):
    batch = landing.deliver({"orgs": [Line(org(1), copies=2), Line(org(2, type="scool"))]})["orgs"]
    process = multiprocessing.get_context("spawn").Process(target=judge_and_die, args=(settings, "oneroster", step))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    assert ask(settings, "select status from quality.batch where batch_id = %s", batch) == [("landed",)]
    assert ask(settings, "select count(*) from quarantine.entry where batch_id = %s", batch) == [(0,)]
    (verdict,) = judge.judge_ready(settings, "oneroster")
    assert (verdict.batch_id, verdict.released, verdict.quarantined) == (batch, 1, 1)


def test_copy_that_lands_while_judging_is_redelivered_and_never_shows(settings, landing):
    batch = landing.deliver({"orgs": [org(1), org(2)]})["orgs"]
    late = iter([True])

    def copy_once(step):
        if step == "settle" and next(late, False):
            landing.land_copy(batch, "orgs", 0, Line(org(1)))

    (verdict,) = judge.judge_ready(settings, "oneroster", reached=copy_once)
    assert (verdict.received, verdict.released, verdict.duplicate) == (2, 2, 0)
    assert released(settings, landing) == ["o1", "o2"]
    assert ask(settings, "select redelivered from quality.batch where batch_id = %s", batch) == [(1,)]


def test_row_once_shown_stays_the_first_copy_whatever_row_id_a_later_one_has(settings, landing):
    """Row ids come from blocks that sessions take, so a copy that lands later may have a lower one."""
    batch = landing.deliver({"orgs": [org(1), Line(org(2, type="scool"))]})["orgs"]
    late = iter([True])

    def copy_before(step):
        if step == "settle" and next(late, False):
            landing.land_copy(batch, "orgs", 0, Line(org(1)))
            with connect(settings, "flyover_owner") as connection:
                connection.execute(
                    "update landing.oneroster__orgs set _row_id = -_row_id where _row_id = "
                    "(select max(_row_id) from landing.oneroster__orgs where _batch_id = %s)",
                    (batch,),
                )

    first = ask(settings, "select min(_row_id) from landing.oneroster__orgs where _batch_id = %s", batch)
    (verdict,) = judge.judge_ready(settings, "oneroster", reached=copy_before)
    assert (verdict.released, verdict.quarantined, verdict.duplicate) == (1, 1, 0)
    shown = ask(settings, "select _row_id from released.oneroster__orgs where _batch_id = %s", batch)
    assert shown == first


def test_released_numbers_commit_in_their_order(settings):
    """Who takes a number holds the lock to the commit: no reader sees a number before a lower one."""
    with connect(settings, "flyover_judge") as first, connect(settings, "flyover_judge") as second:
        taken = settle.next_released_seq(first)
        second.execute("set local lock_timeout = '300ms'")
        with pytest.raises(OperationalError):
            settle.next_released_seq(second)
        second.rollback()
        first.commit()
        assert settle.next_released_seq(second) == taken + 1


@pytest.mark.parametrize("step", ["evaluate", "settle"])
def test_server_that_drops_the_connection_is_waited_out_and_nothing_is_quarantined_for_it(settings, landing, step):
    batch = landing.deliver({"orgs": [org(1), org(2, type="scool")]})["orgs"]
    once = iter([True])

    def drop(reached):
        if reached == step and next(once, False):
            with connect(settings, "flyover_judge") as connection:
                connection.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where usename = current_user and datname = current_database() and pid <> pg_backend_pid()"
                )

    (verdict,) = judge.judge_ready(settings, "oneroster", reached=drop)
    assert (verdict.released, verdict.quarantined) == (1, 1)
    assert ask(settings, "select count(*) from quarantine.entry where batch_id = %s", batch) == [(1,)]


def test_rule_that_counts_otherwise_than_its_sql_writes_nothing(settings, landing, monkeypatch):
    batch = landing.deliver({"orgs": [org(1, type="scool")]})["orgs"]
    honest = gx.evaluate

    def miscounting(*arguments):
        wrong = gx.Finding(passed=True, failed=0, observed=None)
        return {**honest(*arguments), "oneroster__orgs.type_code": wrong}

    with monkeypatch.context() as patch:
        patch.setattr(gx, "evaluate", miscounting)
        with pytest.raises(
            judge.Unbalanced, match=r"oneroster__orgs\.type_code counts 0 failing rows, its SQL 1"
        ) as told:
            judge.judge_ready(settings, "oneroster")
    assert str(batch) in str(told.value)
    assert not told.value.retriable
    assert ask(settings, "select status from quality.batch where batch_id = %s", batch) == [("landed",)]
    assert ask(settings, "select count(*) from quarantine.entry where batch_id = %s", batch) == [(0,)]
    assert len(judge.judge_ready(settings, "oneroster")) == 1


def test_batch_with_a_line_too_few_fails_loudly_and_the_others_are_judged(settings, landing):
    batch = landing.deliver({"orgs": [org(1), org(2)]})["orgs"]
    with connect(settings, "flyover_owner") as connection:
        connection.execute("delete from landing.oneroster__orgs where _batch_id = %s and _batch_seq = 1", (batch,))
    later = landing.deliver({"orgs": [org(3)]})["orgs"]
    with pytest.raises(judge.Unbalanced, match="does not balance: 2 lines in its manifest, 1 rows"):
        judge.judge_ready(settings, "oneroster")
    assert ask(settings, "select status from quality.batch where batch_id = %s", batch) == [("landed",)]
    assert ask(settings, "select status from quality.batch where batch_id = %s", later) == [("released",)]
    with connect(settings, "flyover_owner") as connection:
        connection.execute("delete from quality.batch where batch_id = %s", (batch,))


def test_parent_in_quarantine_does_not_drag_its_children_along(settings, landing):
    users = [
        {"sourced_id": "u1", "enabled_user": True},
        Line(unread="parse", record_id="u2"),
        Line({"sourced_id": "u3", "enabled_user": True}),
        Line(deleted=True, record_id="u3", version=2),
    ]
    ages = [{"sourced_id": f"u{n}", "birth_date": "2010-01-01"} for n in range(1, 5)]
    landing.deliver({"users": users, "demographics": ages})
    verdicts = {v.entity: v for v in judge.judge_ready(settings, "oneroster")}
    assert verdicts["demographics"].quarantined == 2  # u3 is deleted, u4 was never sent
    assert ask(
        settings,
        "select record_id from quarantine.entry where batch_id = %s order by 1",
        verdicts["demographics"].batch_id,
    ) == [("u3",), ("u4",)]


def test_record_of_another_agency_or_of_a_refused_batch_is_not_known(settings, landing):
    stranger = Landing(settings, "oneroster")
    stranger.deliver({"users": [{"sourced_id": "u1", "enabled_user": True}]})
    refused = landing.deliver({"users": [{"sourced_id": "u1", "enabled_user": True}]})
    judge.judge_ready(settings, "oneroster")
    with connect(settings, "flyover_owner") as connection:
        connection.execute(
            "update quality.batch set status = 'refused', refused = released, released = 0 where batch_id = %s",
            (refused["users"],),
        )
    landing.deliver({"demographics": [{"sourced_id": "u1", "birth_date": "2010-01-01"}]})
    (verdict,) = judge.judge_ready(settings, "oneroster")
    assert verdict.failed_rules == ("oneroster__demographics.user_known",)


LINES = st.builds(
    Line,
    values=st.builds(org, st.integers(1, 6), type=st.sampled_from(["school", "scool"])),
    version=st.integers(1, 2),
    copies=st.integers(1, 2),
    deleted=st.booleans(),
    unread=st.sampled_from([None, None, None, "parse", "decode"]),
    undecodable=st.sampled_from([False, False, False, True]),
)


@given(deliveries=st.lists(st.lists(LINES, min_size=1, max_size=8), min_size=1, max_size=3))
@budget(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_books_balance_whatever_lands(settings, deliveries):
    landing = Landing(settings, "oneroster")
    sent = {landing.deliver({"orgs": lines})["orgs"]: lines for lines in deliveries}
    for verdict in judge.judge_ready(settings, "oneroster"):
        lines = sent.pop(verdict.batch_id)
        parts = verdict.released + verdict.quarantined + verdict.duplicate + verdict.refused + verdict.held
        assert verdict.received == len(lines) == parts
        assert verdict.quarantined >= sum(bool(n.unread) or n.undecodable for n in lines)
        shown = ask(
            settings,
            "select count(*), count(distinct _event_id) from released.oneroster__orgs where _batch_id = %s",
            verdict.batch_id,
        )
        assert shown == [(verdict.released, verdict.released)]
    assert not sent
