"""A held batch: why it is held, what may be decided about it and by whom, and how long a waiver of a rule lasts."""

import datetime as dt
import threading
import uuid

import pytest

from expectations.decisions import batches, held, waivers
from expectations.decisions.days import today
from expectations.decisions.people import Actor, NotAllowed
from expectations.judging import judge
from pipeline.db import connect
from pipeline.errors import BadInput
from tests.landed import Landing, Line

STEWARD = Actor("steward Lin")
WHO = {"reason": "school closed, confirmed by phone", "actor": STEWARD}
TOMORROW = today() + dt.timedelta(days=1)
RULE = "oneroster__orgs.mass_deletion"
GONE = 60


def ask(settings, query, *parameters):
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def org(number):
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school", "division_code": "330106"}


def most_gone(settings, landing):
    """A batch by which most records of the agency would disappear: (batch, status)."""
    lines = [Line(deleted=True, record_id=f"{uuid.uuid4()}", version=2) for _ in range(GONE)]
    batch = landing.deliver({"orgs": lines})["orgs"]
    judge.judge_ready(settings, "oneroster")
    return batch, status(settings, batch)


def status(settings, batch):
    return ask(settings, "select status from quality.batch where batch_id = %s", batch)[0][0]


def waived(settings, batch):
    query = "select passed, waived from quality.rule_result where batch_id = %s and rule_id = %s"
    return ask(settings, query, batch, RULE)[0]


@pytest.fixture
def landing(settings):
    return Landing(settings, "oneroster")


@pytest.fixture
def batch(settings, landing):
    found, state = most_gone(settings, landing)
    assert state == "held"
    return found


def test_evidence_names_the_rule_the_books_and_earlier_batches(settings, landing):
    before = landing.deliver({"orgs": [org(1), org(2)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    batch, _ = most_gone(settings, landing)
    shown = batches.evidence(settings, batch, actor=Actor("viewer", "viewer"))
    assert RULE in shown.holding
    rule = next(failed for failed in shown.failed if failed.rule_id == RULE)
    assert (rule.holds, rule.waived, rule.scope) == (True, False, "table")
    assert rule.meaning.title.zh
    assert rule.meaning.mend.en
    assert (shown.books.received, shown.books.held, shown.books.deleted_rows) == (GONE, GONE, GONE)
    assert [(b.batch_id, b.status, b.released) for b in shown.earlier] == [(before, "released", 2)]
    assert (shown.agency_code, shown.table) == (landing.agency, "oneroster__orgs")
    assert batches.evidence(settings, before, actor=STEWARD).earlier == ()


def test_who_waits_is_told_with_rule_and_command(settings, landing, batch):
    (found,) = [wait for wait in held.waiting(settings) if wait.batch_id == batch]
    for word in (landing.agency, "oneroster__orgs", RULE, f"./flyover batches show {batch}"):
        assert word in found.told
    assert str(batch) in held.waiting_ids(settings)
    batches.refuse(settings, batch, **WHO)
    assert str(batch) not in held.waiting_ids(settings)
    assert held.outcome(settings, batch) == held.Outcome("refused", STEWARD.name, WHO["reason"])


def test_waiver_lets_the_next_batch_of_that_table_pass_and_no_other(settings, landing, batch):
    assert RULE in batches.release_with_waiver(settings, batch, expires_on=TOMORROW, **WHO)
    assert status(settings, batch) == "released"
    assert waived(settings, batch) == (False, True)
    following, state = most_gone(settings, landing)
    assert state == "released"
    assert waived(settings, following) == (False, True), "the failure is still recorded"
    _, elsewhere = most_gone(settings, Landing(settings, "oneroster"))
    assert elsewhere == "held"


def test_waiver_ends_with_its_day(settings, landing, batch):
    batches.release_with_waiver(settings, batch, expires_on=today(), **WHO)
    assert most_gone(settings, landing)[1] == "released", "its last day is one of its days"
    ask_to = "update quality.waiver set expires_on = expires_on - 1 where agency_code = %s returning waiver_id"
    assert ask(settings, ask_to, landing.agency)
    assert most_gone(settings, landing)[1] == "held", "the day decides, whether or not anyone has swept up"
    assert waivers.lapse(settings, today()) == len(waivers_of(settings, landing, ended=True))
    assert waivers_of(settings, landing) == []
    assert waivers.lapse(settings, today()) == 0


def waivers_of(settings, landing, **more):
    return waivers.list_waivers(settings, actor=STEWARD, agency=landing.agency, **more)


def test_waiver_is_ended_before_its_day(settings, landing, batch):
    batches.release_with_waiver(settings, batch, expires_on=TOMORROW, **WHO)
    for waiver in waivers_of(settings, landing):
        ended = waivers.end(settings, waiver.waiver_id, reason="all is well again", actor=STEWARD)
        assert (ended.ended_by, ended.end_reason) == (STEWARD.name, "all is well again")
        with pytest.raises(BadInput, match="was ended by"):
            waivers.end(settings, waiver.waiver_id, reason="again", actor=STEWARD)
    assert most_gone(settings, landing)[1] == "held"
    assert status(settings, batch) == "released", "what it let through stays"


def test_waiver_granted_anew_replaces_the_old(settings, landing, batch):
    batches.release_with_waiver(settings, batch, expires_on=today(), **WHO)
    ask(
        settings,
        "update quality.waiver set expires_on = expires_on - 1 where agency_code = %s returning 1",
        landing.agency,
    )
    again, state = most_gone(settings, landing)
    assert state == "held"
    batches.release_with_waiver(settings, again, expires_on=TOMORROW, **WHO)
    (one,) = [waiver for waiver in waivers_of(settings, landing) if waiver.rule_id == RULE]
    assert (one.expires_on, one.batch_id, one.granted_by) == (TOMORROW, again, STEWARD.name)


def test_waiver_to_a_day_gone_is_none(settings, batch):
    with pytest.raises(BadInput, match="ended already"):
        batches.release_with_waiver(settings, batch, expires_on=today() - dt.timedelta(days=1), **WHO)
    assert status(settings, batch) == "held"


def test_of_two_who_decide_at_once_the_second_is_told_who_was_first(settings, batch):
    outcomes = []

    def decide(what, name):
        try:
            what(settings, batch, reason="x", actor=Actor(name))
        except BadInput as told:
            outcomes.append(str(told))

    both = [
        threading.Thread(target=decide, args=(what, name))
        for what, name in ((batches.release, "Wu"), (batches.refuse, "Zheng"))
    ]
    for one in both:
        one.start()
    for one in both:
        one.join(30)
    (told,) = outcomes
    winner = ask(settings, "select decided_by from quality.batch where batch_id = %s", batch)[0][0]
    assert f"by {winner}, not held" in told


def test_only_an_officer_of_the_agency_decides(settings, landing, batch):
    decisions = (
        lambda actor: batches.release(settings, batch, reason="x", actor=actor),
        lambda actor: batches.release_with_waiver(settings, batch, reason="x", expires_on=TOMORROW, actor=actor),
        lambda actor: batches.refuse(settings, batch, reason="x", actor=actor),
        lambda actor: batches.withdraw(settings, batch, reason="x", actor=actor),
    )
    stranger = Actor("Chen", "officer", frozenset({"sch-elsewhere"}))
    for decide in decisions:
        for actor in (Actor("someone", "viewer"), stranger):
            with pytest.raises(NotAllowed):
                decide(actor)
    with pytest.raises(NotAllowed):
        batches.evidence(settings, batch, actor=stranger)
    assert status(settings, batch) == "held"
    batches.release_with_waiver(settings, batch, reason="x", expires_on=TOMORROW, actor=STEWARD)
    (waiver, *_) = waivers_of(settings, landing)
    with pytest.raises(NotAllowed):
        waivers.end(settings, waiver.waiver_id, reason="x", actor=stranger)
    with pytest.raises(NotAllowed):
        waivers.list_waivers(settings, actor=stranger, agency=landing.agency)
    assert waivers.list_waivers(settings, actor=stranger) == []
