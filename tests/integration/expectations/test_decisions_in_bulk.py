"""Decisions about many rows at once: by set, once, told whole; and what a row's history says of them."""

import datetime as dt
import threading
import uuid

import pytest

from expectations.decisions import decide, quarantine
from expectations.decisions.days import today
from expectations.decisions.people import Actor, NotAllowed
from expectations.decisions.quarantine import Correction, Selection
from expectations.judging import judge
from pipeline.db import connect
from pipeline.errors import BadInput
from tests.landed import Landing, Line, land_tables

STEWARD = Actor("steward Lin")
OFFICER = Actor("officer Hu", "officer")
WHO = {"reason": "checked with the school", "actor": STEWARD}
TOMORROW = today() + dt.timedelta(days=1)
RULE = "oneroster__orgs.type_code"
OTHER_RULE = "oneroster__orgs.division_known"
MANY = 50_000


def org(number, **other):
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school", "division_code": "330106", **other}


def ask(settings, query, *parameters):
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def wrong(settings, rows, **other):
    """A batch of an agency of its own whose rows all fail ``RULE``: (landing, batch)."""
    landing = Landing(settings, "oneroster")
    batch = landing.deliver({"orgs": [org(n, type="scool", **other) for n in range(rows)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    return landing, batch


def entries(settings, batch, status=None):
    found = quarantine.list_entries(settings, Selection(batch=batch, status=status), actor=STEWARD, limit=1000)
    return [entry.quarantine_id for entry in found]


def states(settings, batch):
    query = "select status, count(*) from quarantine.entry where batch_id = %s group by status"
    return dict(ask(settings, query, batch))


@pytest.fixture(scope="module")
def many(settings):
    """A batch of which every row is wrong."""
    agency = f"test-{uuid.uuid4().hex[:8]}"
    batch = land_tables(settings, "oneroster", agency, {"orgs": (org(n, type="scool") for n in range(MANY))})["orgs"]
    judge.judge_ready(settings, "oneroster")
    return agency, batch


def test_fifty_thousand_rows_are_decided_in_one_go_and_taken_back(settings, many):
    agency, batch = many
    about = Selection(rule=RULE, agency=agency)
    waived = quarantine.waive(settings, about, expires_on=TOMORROW, **WHO)
    assert (waived.decided, waived.batches, waived.left) == (MANY, (batch,), ())
    released = "select count(*), min(_released_seq) = max(_released_seq) from released.oneroster__orgs "
    assert ask(settings, f"{released} where _agency_code = %s", agency) == [(MANY, True)]
    trail = "select detail ->> 'entries', detail -> 'selection' ->> 'rule' from audit.entry where action = %s"
    assert ask(settings, trail, "quarantine waive") == [(str(MANY), RULE)]
    assert quarantine.lapse_waivers(settings, TOMORROW + dt.timedelta(days=1)) == MANY
    assert ask(settings, f"{released} where _agency_code = %s", agency) == [(0, None)]
    assert quarantine.refuse(settings, about, **WHO).decided == MANY
    undone = quarantine.reopen(settings, Selection(rule=RULE, agency=agency, status="refused"), **WHO)
    assert undone.decided == MANY
    assert states(settings, batch) == {"open": MANY}


def test_fifty_thousand_rows_are_mended_by_one_value_and_sent_again(settings, many):
    agency, batch = many
    looked_at = []
    mended = quarantine.mend_all(
        settings, Selection(agency=agency), {"type": "school"}, progress=looked_at.append, **WHO
    )
    assert mended.decided == MANY == looked_at[-1]
    assert looked_at == sorted(set(looked_at)), "someone who waits is told how far it is"
    (sent,) = quarantine.replay_all(settings, Selection(agency=agency), **WHO)
    assert (sent.rows, sent.superseded) == (MANY, 0)
    assert states(settings, batch) == {"closed": MANY}
    kept = "select count(*) filter (where payload ->> 'type' = 'scool' and mended ->> 'type' = 'school'), count(*) "
    assert ask(settings, f"{kept} from quarantine.entry where batch_id = %s", batch) == [(MANY, MANY)]


def test_what_a_second_rule_keeps_back_is_left_by_a_waiver_of_the_first(settings):
    landing = Landing(settings, "oneroster")
    rows = [org(1, type="scool"), org(2, type="scool", division_code="999999")]
    batch = landing.deliver({"orgs": rows})["orgs"]
    judge.judge_ready(settings, "oneroster")
    outcome = quarantine.waive(settings, Selection(rule=RULE, batch=batch), expires_on=TOMORROW, **WHO)
    assert outcome.decided == 1
    ((_, why),) = outcome.left
    assert why == f"is kept back by {OTHER_RULE} too"
    assert states(settings, batch) == {"waived": 1, "open": 1}


def test_rules_that_only_warned_are_kept_beside_those_that_keep_back(settings):
    landing = Landing(settings, "oneroster")
    batch = landing.deliver({"orgs": [org(1, type="scool", uscc="not one")]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    (number,) = entries(settings, batch)
    shown = quarantine.show(settings, number, actor=OFFICER)
    assert shown.entry.rule_ids == [RULE]
    assert "oneroster__orgs.uscc_shape" in shown.entry.warned_ids
    told = {failed.rule_id: (failed.keeps_back, failed.meaning.severity) for failed in shown.failed}
    assert told[RULE] == (True, "critical")
    assert told["oneroster__orgs.uscc_shape"] == (False, "warning")


def test_history_of_a_row_names_every_decision(settings):
    _, batch = wrong(settings, 2)
    number, other = entries(settings, batch)
    one = Selection(entries=(number,))
    quarantine.return_(settings, Selection(batch=batch), reason="ask them", actor=OFFICER)
    quarantine.reopen(settings, one, reason="it was our fault", actor=STEWARD)
    quarantine.waive(settings, one, reason="until they answer", expires_on=TOMORROW, actor=OFFICER)
    quarantine.lapse_waivers(settings, TOMORROW + dt.timedelta(days=1))
    quarantine.mend(settings, number, {"type": "school"}, reason="by phone", actor=OFFICER)
    quarantine.replay(settings, batch, reason="send", actor=STEWARD)
    shown = quarantine.show(settings, number, actor=STEWARD)
    steps = [(s.action, s.actor, s.before, s.after) for s in shown.history]
    assert steps == [
        ("return", OFFICER.name, "open", "returned"),
        ("reopen", STEWARD.name, "returned", "open"),
        ("waive", OFFICER.name, "open", "waived"),
        ("lapse", "flyover", "waived", "open"),
        ("mend", OFFICER.name, "open", "mended"),
        ("replay", STEWARD.name, "mended", "closed"),
    ]
    assert [s.entries for s in shown.history][:2] == [2, 1], "how many rows a decision was about"
    assert [s.reason for s in shown.history][:3] == ["ask them", "it was our fault", "until they answer"]
    assert shown.history[2].expires_on == TOMORROW
    assert all(earlier.at <= later.at for earlier, later in zip(shown.history, shown.history[1:], strict=False))
    assert [s.action for s in quarantine.show(settings, other, actor=STEWARD).history] == ["return"]


def test_two_officers_at_once_one_is_served_and_the_other_told_what_is_left(settings, monkeypatch):
    _, batch = wrong(settings, 40)
    chosen, go_on = threading.Event(), threading.Event()
    lock = decide.lock
    outcomes = {}

    def wait_then_lock(*given):
        if threading.current_thread().name == "second":
            chosen.set()
            assert go_on.wait(30)
        lock(*given)

    monkeypatch.setattr(decide, "lock", wait_then_lock)

    def second():
        outcomes["second"] = quarantine.return_(settings, Selection(batch=batch), reason="mine", actor=OFFICER)

    late = threading.Thread(target=second, name="second")
    late.start()
    assert chosen.wait(30)
    first = quarantine.refuse(settings, Selection(batch=batch, limit=30), **WHO)
    go_on.set()
    late.join(30)
    assert (first.decided, first.left) == (30, ())
    assert outcomes["second"].decided == 10
    assert {why for _, why in outcomes["second"].left} == {f"is refused by {STEWARD.name}, not open"}
    assert len(outcomes["second"].left) == 30
    assert states(settings, batch) == {"refused": 30, "returned": 10}


@pytest.mark.parametrize("first_gives_up", [True, False])
def test_who_waits_for_the_rows_decides_about_them_as_they_are_then(settings, first_gives_up):
    """Two real connections: the second has chosen the rows and waits for the first, which has decided about them."""
    _, batch = wrong(settings, 5)
    outcomes = {}
    with connect(settings, "flyover_judge") as first:
        held = decide.decide(first, decide.REFUSE, Selection(batch=batch), actor=STEWARD, reason="first")
        assert held.decided == 5
        late = threading.Thread(
            target=lambda: outcomes.update(second=quarantine.return_(settings, Selection(batch=batch), **WHO))
        )
        late.start()
        ungranted = "select count(*) from pg_locks where not granted and locktype = 'transactionid'"
        while ask(settings, ungranted) == [(0,)]:
            assert late.is_alive()
        if first_gives_up:
            first.rollback()
        else:
            first.commit()
    late.join(30)
    assert outcomes["second"].decided == (5 if first_gives_up else 0)
    left = {why for _, why in outcomes["second"].left}
    assert left == (set() if first_gives_up else {f"is refused by {STEWARD.name}, not open"})
    assert states(settings, batch) == {"returned" if first_gives_up else "refused": 5}


def test_decision_and_its_trail_are_one_transaction(settings):
    _, batch = wrong(settings, 3)
    before = ask(settings, "select (select count(*) from audit.entry), (select count(*) from quarantine.decision)")
    with connect(settings, "flyover_judge") as connection:
        decide.decide(connection, decide.REFUSE, Selection(batch=batch), actor=STEWARD, reason="never mind")
        connection.rollback()
    assert states(settings, batch) == {"open": 3}
    after = ask(settings, "select (select count(*) from audit.entry), (select count(*) from quarantine.decision)")
    assert after == before


def test_each_row_may_be_mended_in_its_own_way_and_what_cannot_is_left(settings):
    _, batch = wrong(settings, 4)
    a, b, c, d = entries(settings, batch)
    quarantine.refuse(settings, Selection(entries=(d,)), **WHO)
    outcome = quarantine.mend_rows(
        settings,
        [
            Correction(a, {"type": "school"}),
            Correction(b, {"type": "district", "name": "局"}),
            Correction(c, {"sourcedId": None}),
            Correction(d, {"type": "school"}),
            Correction(999_999_999, {"type": "school"}),
        ],
        **WHO,
    )
    assert outcome.decided == 2
    left = dict(outcome.left)
    assert "lacks its key" in left[c]
    assert left[d].startswith("is refused")
    assert left[999_999_999] == "is not in quarantine"
    corrected = "select mended ->> 'type', mended ->> 'name', mended ->> 'sourcedId' from quarantine.entry "
    assert ask(settings, f"{corrected} where quarantine_id = any(%s) order by quarantine_id", [a, b]) == [
        ("school", "学校", "o0"),
        ("district", "局", "o1"),
    ]
    with pytest.raises(BadInput, match="corrected twice"):
        quarantine.mend_rows(settings, [Correction(a, {}), Correction(a, {})], **WHO)


def test_replay_by_selection_goes_batch_by_batch_and_is_safe_to_repeat(settings):
    landing, first = wrong(settings, 3)
    second = landing.deliver({"orgs": [org(n, type="scool") for n in range(10, 12)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    about = Selection(agency=landing.agency)
    assert quarantine.mend_all(settings, about, {"type": "school"}, **WHO).decided == 5
    sent = quarantine.replay_all(settings, about, **WHO)
    assert sorted(replayed.rows for replayed in sent) == [2, 3]
    assert quarantine.replay_all(settings, about, **WHO) == []
    staged = "select replay_of, expected_rows from connect.batch where replay_of = any(%s)"
    assert sorted(ask(settings, staged, [first, second])) == sorted([(first, 3), (second, 2)])


def test_replay_killed_between_staging_and_closing_sends_nothing_twice(settings, monkeypatch):
    _, batch = wrong(settings, 3)
    quarantine.mend_all(settings, Selection(batch=batch), {"type": "school"}, **WHO)

    def killed(*given, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(decide, "carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            quarantine.replay(settings, batch, **WHO)
    assert states(settings, batch) == {"mended": 3}
    left = quarantine.reopen(settings, Selection(batch=batch, status="mended"), **WHO).left
    assert {why for _, why in left} == {"is on its way in a replay"}, "what is staged cannot be taken back"
    again = quarantine.replay(settings, batch, **WHO)
    assert states(settings, batch) == {"closed": 3}
    assert ask(settings, "select batch_id from connect.batch where replay_of = %s", batch) == [(again.batch_id,)]


def test_replayed_row_cannot_be_taken_back(settings):
    _, batch = wrong(settings, 1)
    (number,) = entries(settings, batch)
    quarantine.mend(settings, number, {"type": "school"}, **WHO)
    quarantine.replay(settings, batch, **WHO)
    outcome = quarantine.reopen(settings, Selection(entries=(number,)), **WHO)
    assert outcome.decided == 0
    assert outcome.left[0][1].startswith("is closed")


def test_reopened_waiver_leaves_the_warehouse(settings):
    landing, batch = wrong(settings, 1)
    quarantine.waive(settings, Selection(batch=batch), expires_on=TOMORROW, **WHO)
    released = "select _released_seq from released.oneroster__orgs where _agency_code = %s"
    ((during,),) = ask(settings, released, landing.agency)
    quarantine.reopen(settings, Selection(batch=batch, status="waived"), **WHO)
    assert ask(settings, released, landing.agency) == []
    departed = "select _released_seq > %s from released.oneroster__orgs__departed where _agency_code = %s"
    assert ask(settings, departed, during, landing.agency) == [(True,)]


def test_reopened_correction_is_not_sent(settings):
    _, batch = wrong(settings, 1)
    (number,) = entries(settings, batch)
    quarantine.mend(settings, number, {"type": "district"}, **WHO)
    quarantine.reopen(settings, Selection(entries=(number,)), **WHO)
    with pytest.raises(BadInput, match="is mended"):
        quarantine.replay(settings, batch, **WHO)
    sent = quarantine.replay(settings, batch, rule=RULE, **WHO)
    outbox = "select convert_from(data, 'utf8')::json ->> 'type' from connect.outbox where batch_id = %s"
    assert ask(settings, outbox, sent.batch_id) == [("scool",)], "as it came, not as someone once had it"


class TestWhoMay:
    """What each role may do, and about whose rows."""

    def decisions(self, settings, about, actor):
        who = {"reason": "x", "actor": actor}
        return (
            lambda: quarantine.waive(settings, about, expires_on=TOMORROW, **who),
            lambda: quarantine.return_(settings, about, **who),
            lambda: quarantine.refuse(settings, about, **who),
            lambda: quarantine.reopen(settings, about, **who),
            lambda: quarantine.mend_all(settings, about, {"type": "school"}, **who),
            lambda: quarantine.replay_all(settings, about, **who),
        )

    def test_a_viewer_decides_nothing_and_sees_no_key(self, settings):
        _, batch = wrong(settings, 2)
        viewer = Actor("viewer", "viewer")
        about = Selection(batch=batch)
        for decision in self.decisions(settings, about, viewer):
            with pytest.raises(NotAllowed, match="this takes an officer"):
                decision()
        with pytest.raises(NotAllowed):
            quarantine.replay(settings, batch, reason="x", actor=viewer)
        assert quarantine.count(settings, about, actor=viewer) == 2
        assert {e.record_id for e in quarantine.list_entries(settings, about, actor=viewer)} == {None}

    def test_rows_of_another_agency_are_out_of_reach(self, settings):
        landing, batch = wrong(settings, 2)
        stranger = Actor("Chen", "officer", frozenset({"sch-elsewhere"}))
        (number, _) = entries(settings, batch)
        delivery = ask(settings, "select delivery_id from quality.batch where batch_id = %s", batch)[0][0]
        for about in (
            Selection(batch=batch), Selection(delivery=delivery), Selection(agency=landing.agency),
            Selection(entries=(number,)),
        ):  # fmt: skip
            for decision in (
                *self.decisions(settings, about, stranger),
                lambda about=about: quarantine.list_entries(settings, about, actor=stranger),
                lambda about=about: quarantine.count(settings, about, actor=stranger),
            ):
                with pytest.raises(NotAllowed, match=f"no say about {landing.agency}"):
                    decision()
        with pytest.raises(NotAllowed):
            quarantine.show(settings, number, actor=stranger)
        assert states(settings, batch) == {"open": 2}

    def test_a_rule_alone_means_the_rows_of_ones_own_agencies(self, settings):
        (mine, mine_batch), (_, other_batch) = wrong(settings, 2), wrong(settings, 3)
        officer = Actor("Chen", "officer", frozenset({mine.agency}))
        about = Selection(rule=RULE)
        assert quarantine.count(settings, about, actor=officer) == 2
        assert quarantine.refuse(settings, about, reason="x", actor=officer).decided == 2
        assert states(settings, mine_batch) == {"refused": 2}
        assert states(settings, other_batch) == {"open": 3}


class TestMasks:
    """A canary stands where the contract says `personal`: officers and viewers never meet it, stewards do."""

    CANARY = "CANARY-SEX"
    MENDED = "CANARY-MENDED"
    NAME = "CANARY-NAME-王小明"

    @pytest.fixture(scope="class")
    def number(self, settings):
        landing = Landing(settings, "oneroster")
        row = {"sourced_id": "u1", "sex": self.CANARY, "birth_date": dt.date(1871, 2, 3)}
        batch = landing.deliver({"demographics": [row]})["demographics"]
        judge.judge_ready(settings, "oneroster")
        (found,) = entries(settings, batch)
        return found

    def test_steward_sees_it(self, settings, number):
        shown = quarantine.show(settings, number, actor=STEWARD)
        assert shown.payload["sex"] == self.CANARY
        assert shown.masked == ()

    @pytest.mark.parametrize("role", ["officer", "viewer"])
    def test_nobody_else_does(self, settings, number, role):
        who = Actor("someone", role)
        quarantine.mend(settings, number, {"sex": self.MENDED}, reason="by phone", actor=STEWARD)
        shown = quarantine.show(settings, number, actor=who)
        quarantine.reopen(settings, Selection(entries=(number,)), reason="again", actor=STEWARD)
        for canary in (self.CANARY, "1871", self.MENDED):
            assert canary not in repr(shown)
        if role == "viewer":
            assert (shown.payload, shown.mended, shown.raw, shown.entry.record_id) == (None, None, None, None)
        else:
            assert shown.payload["sourcedId"] == shown.mended["sourcedId"] == "u1"
            assert {"sex", "birthDate"} <= set(shown.masked)
            assert shown.payload["sex"] == shown.mended["sex"] == "●●●"

    def test_a_mask_is_never_taken_for_a_value(self, settings, number):
        shown = quarantine.show(settings, number, actor=OFFICER)
        with pytest.raises(BadInput, match="birthDate, sex is a mask"):
            quarantine.mend(settings, number, shown.payload, reason="sent back as it was shown", actor=OFFICER)
        assert quarantine.show(settings, number, actor=STEWARD).payload["sex"] == self.CANARY

    @pytest.mark.parametrize("role", ["officer", "viewer"])
    def test_text_of_an_unreadable_row_is_for_stewards(self, settings, role):
        from pipeline.sealing import seal

        batch = Landing(settings, "oneroster").deliver({"orgs": [Line(unread="parse", record_id="o1")]})["orgs"]
        sealed = seal(settings.secrets.quarantine_key, f"o1,{self.NAME},x".encode(), b"quarantine:oneroster__orgs")
        with connect(settings, "flyover_owner") as connection:
            connection.execute("update quarantine.entry set sealed = %s where batch_id = %s", (sealed, batch))
        (number,) = entries(settings, batch)
        assert self.NAME not in repr(quarantine.show(settings, number, actor=Actor("someone", role)))
        assert self.NAME in (quarantine.show(settings, number, actor=STEWARD).raw or "")

    def test_who_looked_is_kept_with_the_role(self, settings, number):
        quarantine.show(settings, number, actor=OFFICER)
        trail = "select actor, detail ->> 'role' from audit.entry where object = %s and action = 'quarantine show'"
        assert (OFFICER.name, "officer") in ask(settings, trail, str(number))
        assert self.CANARY not in repr(ask(settings, "select actor, action, object, detail from audit.entry"))
