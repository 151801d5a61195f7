"""Decisions about rows and batches: what each does to what is released, and that nothing is decided twice."""

import datetime as dt
import functools
import json
import uuid

import msgspec
import pytest

from expectations.decisions import batches, quarantine
from expectations.decisions.days import today
from expectations.decisions.people import Actor
from expectations.decisions.quarantine import Selection
from expectations.judging import judge
from pipeline import envelope
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.sealing import seal
from tests.landed import Landing, Line

STEWARD = Actor("steward Lin")
WHO = {"reason": "checked with the school", "actor": STEWARD}
TOMORROW = today() + dt.timedelta(days=1)


def org(number, **other):
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school", "division_code": "330106", **other}


@pytest.fixture
def landing(settings):
    return Landing(settings, "oneroster")


@pytest.fixture
def entry(settings, landing):
    """A row in quarantine beside a good one."""
    batch = landing.deliver({"orgs": [org(1), org(2, type="scool")]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    (found,) = listed(settings, batch=batch)
    return found


def ask(settings, query, *parameters):
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def listed(settings, **wanted):
    return quarantine.list_entries(settings, Selection(**wanted), actor=STEWARD)


def one(entry):
    return Selection(entries=(entry.quarantine_id,))


def released(settings, landing):
    query = "select _record_id, _released_seq from released.oneroster__orgs where _agency_code = %s"
    return dict(ask(settings, query, landing.agency))


def books(settings, batch):
    query = "select status, received, released, quarantined, refused, held from quality.batch where batch_id = %s"
    return ask(settings, query, batch)[0]


def test_entries_are_found_by_agency_table_rule_and_state(settings, landing, entry):
    rule = "oneroster__orgs.type_code"
    assert entry.rule_ids == [rule]
    for wanted in ({"agency": landing.agency}, {"rule": rule, "batch": entry.batch_id}, {"table": "oneroster__orgs"}):
        assert entry in listed(settings, **wanted)
    assert listed(settings, agency=landing.agency, status="waived") == []
    with pytest.raises(BadInput, match="no status"):
        listed(settings, status="gone")


def test_showing_a_row_is_kept_in_the_audit_trail(settings, entry):
    shown = quarantine.show(settings, entry.quarantine_id, actor=STEWARD)
    assert shown.payload["type"] == "scool"
    trail = "select actor, action from audit.entry where object = %s"
    assert ask(settings, trail, str(entry.quarantine_id)) == [(STEWARD.name, "quarantine show")]


def test_raw_text_of_an_unreadable_row_can_be_shown(settings, landing):
    batch = landing.deliver({"orgs": [Line(unread="parse", record_id="o1")]})["orgs"]
    sealed = seal(settings.secrets.quarantine_key, "o1,学校,x,y".encode(), b"quarantine:oneroster__orgs")
    with connect(settings, "flyover_owner") as connection:
        connection.execute("update quarantine.entry set sealed = %s where batch_id = %s", (sealed, batch))
    (entry,) = listed(settings, batch=batch)
    assert quarantine.show(settings, entry.quarantine_id, actor=STEWARD).raw == "o1,学校,x,y"


def test_waiver_releases_the_row_until_its_day_has_passed(settings, landing, entry):
    before = released(settings, landing)
    assert set(before) == {"o1"}
    assert quarantine.waive(settings, one(entry), expires_on=TOMORROW, **WHO).decided == 1
    waived = quarantine.show(settings, entry.quarantine_id, actor=STEWARD).entry
    assert (waived.status, waived.waiver_expires_on, waived.decided_by) == ("waived", TOMORROW, STEWARD.name)
    during = released(settings, landing)
    assert during["o2"] > before["o1"], "an incremental model that has seen o1 must see o2"
    assert quarantine.lapse_waivers(settings, TOMORROW) == 0
    assert quarantine.lapse_waivers(settings, TOMORROW + dt.timedelta(days=1)) == 1
    assert quarantine.lapse_waivers(settings, TOMORROW + dt.timedelta(days=1)) == 0
    assert set(released(settings, landing)) == {"o1"}
    departed = "select _record_id, _released_seq from released.oneroster__orgs__departed where _agency_code = %s"
    ((gone, at),) = ask(settings, departed, landing.agency)
    assert gone == "o2"
    assert at > during["o2"], "an incremental model must see that o2 has left"
    assert books(settings, entry.batch_id) == ("released", 2, 1, 1, 0, 0)


@pytest.mark.parametrize("decide", [quarantine.return_, quarantine.refuse])
def test_returned_and_refused_rows_stay_out_of_sight(settings, landing, entry, decide):
    assert decide(settings, one(entry), **WHO).decided == 1
    assert listed(settings, batch=entry.batch_id, status=None)[0].status in ("returned", "refused")
    assert set(released(settings, landing)) == {"o1"}
    trail = "select detail ->> 'reason' from audit.entry where object = %s"
    assert ask(settings, trail, str(entry.quarantine_id)) == [("checked with the school",)]


def test_decided_row_is_not_decided_again(settings, entry):
    quarantine.refuse(settings, one(entry), **WHO)
    for decide in (quarantine.refuse, quarantine.return_, functools.partial(quarantine.waive, expires_on=TOMORROW)):
        outcome = decide(settings, one(entry), **WHO)
        assert (outcome.decided, outcome.batches) == (0, ())
        ((number, why),) = outcome.left
        assert number == entry.quarantine_id
        assert why.startswith(f"is refused by {STEWARD.name}, not open")
    with pytest.raises(BadInput, match="is refused"):
        quarantine.mend(settings, entry.quarantine_id, {"type": "school"}, **WHO)


def test_what_could_not_be_read_cannot_be_waived(settings, landing):
    batch = landing.deliver({"orgs": [Line(unread="decode", record_id="o1")]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    (entry,) = listed(settings, batch=batch)
    outcome = quarantine.waive(settings, one(entry), expires_on=TOMORROW, **WHO)
    assert outcome.left == ((entry.quarantine_id, "could not be read, so there is nothing to release"),)
    assert listed(settings, batch=batch) == [entry]


def test_waiver_must_end_in_the_future(settings, entry):
    with pytest.raises(BadInput, match="ended already"):
        quarantine.waive(settings, one(entry), expires_on=dt.date(2020, 1, 1), **WHO)


def test_mending_keeps_the_other_fields_and_refuses_unknown_ones(settings, entry):
    with pytest.raises(BadInput, match="has no field telephone"):
        quarantine.mend(settings, entry.quarantine_id, {"telephone": "1"}, **WHO)
    with pytest.raises(BadInput, match="lacks its key"):
        quarantine.mend(settings, entry.quarantine_id, {"sourcedId": None}, **WHO)
    assert quarantine.show(settings, entry.quarantine_id, actor=STEWARD).entry.status == "open"
    quarantine.mend(settings, entry.quarantine_id, {"type": "school"}, **WHO)
    shown = quarantine.show(settings, entry.quarantine_id, actor=STEWARD)
    assert (shown.entry.status, shown.mended["type"], shown.mended["name"]) == ("mended", "school", "学校")
    assert shown.payload["type"] == "scool", "the row as it came is kept"


def test_held_batch_is_released_or_refused_once(settings, landing):
    gone = [Line(deleted=True, record_id=f"g{n}", version=2) for n in range(60)]
    for decide, after in (
        (batches.release, ("released", 61, 60, 1, 0, 0)),
        (batches.refuse, ("refused", 61, 0, 1, 60, 0)),
    ):
        lines = [Line(n.values, n.version, deleted=True, record_id=f"{after[0]}{n.record_id}") for n in gone]
        batch = landing.deliver({"orgs": [*lines, org(7, type="scool", sourced_id=after[0])]})["orgs"]
        (verdict,) = judge.judge_ready(settings, "oneroster")
        assert (verdict.status, verdict.held, verdict.quarantined) == ("held", 60, 1)
        assert books(settings, batch) == ("held", 61, 0, 1, 0, 60)
        decide(settings, batch, **WHO)
        assert books(settings, batch) == after
        with pytest.raises(BadInput, match=f"is {after[0]} by {STEWARD.name}, not held"):
            decide(settings, batch, **WHO)


def test_withdrawn_batch_leaves_and_models_can_notice(settings, landing):
    batch = landing.deliver({"orgs": [org(1), org(2)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    top = max(released(settings, landing).values())
    batches.withdraw(settings, batch, **WHO)
    assert released(settings, landing) == {}
    assert books(settings, batch) == ("refused", 2, 0, 0, 2, 0)
    departed = "select _record_id, _released_seq > %s from released.oneroster__orgs__departed where _agency_code = %s"
    assert sorted(ask(settings, departed, top, landing.agency)) == [("o1", True), ("o2", True)]


def test_replay_needs_something_mended(settings, entry):
    with pytest.raises(BadInput, match="is mended"):
        quarantine.replay(settings, entry.batch_id, **WHO)


def test_replay_closes_the_entry_and_its_batch_is_judged_like_any_other(settings, landing, entry):
    quarantine.mend(settings, entry.quarantine_id, {"type": "school"}, **WHO)
    staged = quarantine.replay(settings, entry.batch_id, **WHO)
    assert (staged.rows, staged.superseded) == (1, 0)
    shown = quarantine.show(settings, entry.quarantine_id, actor=STEWARD).entry
    assert (shown.status, shown.replay_batch_id) == ("closed", staged.batch_id)
    staged_row = "select record_id, version, op, convert_from(data, 'utf8')::json ->> 'type' from connect.outbox "
    assert ask(settings, f"{staged_row} where batch_id = %s", staged.batch_id) == [("o2", 1, "upsert", "school")]
    assert books(settings, entry.batch_id) == ("released", 2, 1, 1, 0, 0)


def test_replay_takes_rows_as_they_are_when_the_rule_was_wrong(settings, entry):
    staged = quarantine.replay(settings, entry.batch_id, rule="oneroster__orgs.type_code", **WHO)
    assert staged.rows == 1
    assert listed(settings, batch=entry.batch_id, status="closed")[0].replay_batch_id == staged.batch_id


def test_judged_replay_closes_what_an_interrupted_one_left_mended(settings, landing, entry):
    quarantine.mend(settings, entry.quarantine_id, {"type": "school"}, **WHO)
    batch = landing.deliver({"orgs": [Line(org(2), version=2)]}, replay_of=entry.batch_id)["orgs"]
    judge.judge_ready(settings, "oneroster")
    shown = quarantine.show(settings, entry.quarantine_id, actor=STEWARD).entry
    assert (shown.status, shown.replay_batch_id) == ("closed", batch)
    assert set(released(settings, landing)) == {"o1", "o2"}


def test_row_of_a_wrong_type_is_mended_field_by_field(settings, landing):
    """What the sink could not type is sealed as a whole message; its fields are shown and keep their values."""
    batch = landing.deliver({"academic_sessions": [Line(unread="decode", record_id="s1")]})["academic_sessions"]
    data = {"sourcedId": "s1", "title": "学期", "startDate": "2025-13-45", "endDate": "2026-01-31"}
    event = envelope.Event(
        id=uuid.uuid4(),
        source=landing.agency,
        type="oneroster.academic-sessions.v1",
        subject="s1",
        time=dt.datetime.now(dt.UTC),
        batchid=batch,
        batchseq=0,
        version=1,
        op="upsert",
        data=msgspec.Raw(json.dumps(data).encode()),
    )
    table = "oneroster__academic_sessions"
    sealed = seal(settings.secrets.quarantine_key, envelope.encode(event), b"quarantine:" + table.encode())
    with connect(settings, "flyover_owner") as connection:
        connection.execute("update quarantine.entry set sealed = %s where batch_id = %s", (sealed, batch))
    judge.judge_ready(settings, "oneroster")
    (entry,) = listed(settings, batch=batch)
    assert quarantine.show(settings, entry.quarantine_id, actor=STEWARD).payload == data
    quarantine.mend(settings, entry.quarantine_id, {"startDate": "2025-09-01"}, **WHO)
    staged = quarantine.replay(settings, batch, **WHO)
    outbox = "select convert_from(data, 'utf8')::json from connect.outbox where batch_id = %s"
    (row,) = ask(settings, outbox, staged.batch_id)
    assert row == ({**data, "startDate": "2025-09-01"},)
