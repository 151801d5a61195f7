"""Trying a changed rule, and judging again by a corrected one: what would flip is what then flips, and no more."""

import dataclasses
import datetime as dt
import uuid

import pytest
from typer.testing import CliRunner

from cli import rule_command
from connectors import producer, sink
from expectations.decisions import batches, quarantine
from expectations.decisions.days import today
from expectations.decisions.people import HOUSE, Actor, NotAllowed
from expectations.decisions.quarantine import Selection
from expectations.judging import judge, rejudge, trial
from expectations.rules import changes, record, suites
from pipeline.db import connect
from pipeline.errors import BadInput
from tests.landed import Landing, Line, bulk_orgs

LI = Actor("li")


def ask(settings, query, *parameters):
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def score(number, value):
    return {"sourced_id": f"g{number}", "title": "g", "weight": value}


def org(number, **other):
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school", "division_code": "330106"} | other


@pytest.fixture
def agency():
    return f"test-{uuid.uuid4().hex[:8]}"


def own(flips, agency):
    return [flip for flip in flips if flip.agency_code == agency]


def test_try_says_which_rows_a_looser_and_a_stricter_bound_would_flip(settings, agency):
    landing = Landing(settings, "oneroster", agency)
    for weights in ((20, 101, 150), (30, 40)):
        landing.deliver({"categories": [score(w, w) for w in weights]})
        judge.judge_ready(settings, "oneroster")
    suite, rule = changes.find("oneroster__categories.weight_in_range")
    looser = changes.with_thresholds(rule, ["max_value=120"])
    newest, oldest = own(trial.try_out(settings, suite, rule, looser), agency)
    assert (oldest.rows, oldest.fails_now, oldest.would_fail, oldest.freed, oldest.caught) == (3, 2, 1, 1, 0)
    assert (newest.freed, newest.caught) == (0, 0)
    stricter = changes.with_thresholds(rule, ["max_value=35"])
    newest, _ = own(trial.try_out(settings, suite, rule, stricter), agency)
    assert (newest.freed, newest.caught) == (0, 1)
    (bounded,) = trial.try_out(settings, suite, rule, stricter, last=1)
    assert bounded.batch_id == newest.batch_id


def test_try_says_which_batches_would_be_held(settings, agency):
    for rows in (200, 201, 199, 200, 202, 200, 198, 200, 90):
        bulk_orgs(settings, agency, rows, 0)
        judge.judge_ready(settings, "oneroster")
    suite, rule = changes.find("oneroster__orgs.volume_halved")
    looser = changes.with_thresholds(rule, ["times=3"])
    held = [flip for flip in own(trial.try_out(settings, suite, rule, looser), agency) if flip.holds_now]
    assert [(flip.would_hold, flip.freed) for flip in held] == [(False, 1)]
    stricter = changes.with_thresholds(rule, ["times=1.001", "change=1", "spread=1", "batches=3"])
    caught = [flip for flip in own(trial.try_out(settings, suite, rule, stricter), agency) if flip.caught]
    assert caught
    assert all(flip.would_hold and not flip.holds_now for flip in caught)


def test_try_takes_a_rule_from_a_file_and_writes_nothing(settings, agency, tmp_path):
    Landing(settings, "oneroster", agency).deliver({"orgs": [org(1, type="academy"), org(2)]})
    judge.judge_ready(settings, "oneroster")
    suite, rule = changes.find("oneroster__orgs.type_code")
    text = (suites.SUITES / "oneroster__orgs.yaml").read_text(encoding="utf-8")
    (tmp_path / "changed.yaml").write_text(
        text.replace("(department|school", "(academy|department|school"), encoding="utf-8"
    )
    before = ask(settings, "select count(*), (select count(*) from quality.rule_result) from quarantine.entry")
    changed = changes.from_file(tmp_path / "changed.yaml", rule, suite)
    (flip,) = own(trial.try_out(settings, suite, rule, changed), agency)
    assert (flip.rows, flip.fails_now, flip.would_fail, flip.freed) == (2, 1, 0, 1)
    assert ask(settings, "select count(*), (select count(*) from quality.rule_result) from quarantine.entry") == before


@pytest.mark.parametrize(
    ("rule", "threshold", "complaint"),
    [
        ("oneroster__orgs.volume_halved", "speed=3", "has no threshold speed"),
        ("oneroster__orgs.volume_halved", "times=many", "are numbers"),
        ("oneroster__orgs.volume_halved", "times", "is not name=value"),
        ("oneroster__orgs.parent_known", "times=3", "Give --file"),
    ],
)
def test_threshold_that_is_none_is_refused(rule, threshold, complaint):
    with pytest.raises(BadInput, match=complaint):
        changes.with_thresholds(changes.find(rule)[1], [threshold])


def loosened(monkeypatch, rule_id, pattern):
    """The suites as they are once a rule was corrected."""
    known = dict(suites.load())
    table = rule_id.split(".")[0]
    suite = known[table]
    rules = tuple(
        dataclasses.replace(r, check=dataclasses.replace(r.check, arguments={**r.check.arguments, "regex": pattern}))
        if r.id == rule_id
        else r
        for r in suite.rules
    )
    known[table] = dataclasses.replace(suite, rules=rules)
    monkeypatch.setattr(suites, "load", lambda *_: known)
    return known[table], next(r for r in rules if r.id == rule_id)


def sent(settings, agency, rows):
    """A batch of organisations, known to the outbox as their sender's last word."""
    batch = Landing(settings, "oneroster", agency).deliver({"orgs": rows})["orgs"]
    with connect(settings, "flyover_owner") as connection:
        connection.execute(
            "insert into connect.record_state (source, entity, agency_code, record_id, version, content_hash, "
            "delivery_id) select 'oneroster', 'orgs', _agency_code, _record_id, _version, '', gen_random_uuid() "
            "from landing.oneroster__orgs where _batch_id = %s",
            (batch,),
        )
    judge.judge_ready(settings, "oneroster")
    return batch


def forward(settings):
    producer.publish(settings, source="oneroster")
    sink.drain(settings, ["oneroster.orgs.v1"])
    return judge.judge_ready(settings, "oneroster")


def states(settings, batch):
    return dict(ask(settings, "select record_id, status from quarantine.entry where batch_id = %s", batch))


KINDS = "^(academy|department|school|district|local|state|national)$"


def test_corrected_rule_lets_go_what_passes_and_keeps_what_fails(settings, agency, monkeypatch):
    rows = [org(1, type="academy"), org(2, type="scool"), org(3, type="academy", division_code="339999"), org(4)]
    batch = sent(settings, agency, rows)
    assert set(states(settings, batch)) == {"o1", "o2", "o3"}
    suite, rule = loosened(monkeypatch, "oneroster__orgs.type_code", KINDS)
    again = [one for one in rejudge.look(settings, suite, rule) if one.batch_id == batch]
    assert [(len(one.passing), one.failing) for one in again] == [(1, 1)], "the third is kept by another rule, too"
    assert set(states(settings, batch).values()) == {"open"}
    (replayed,) = rejudge.let_go(settings, rule, again, actor=LI, reason="academies are schools")
    assert replayed.rows == 1
    assert states(settings, batch) == {"o1": "closed", "o2": "open", "o3": "open"}
    (verdict,) = [v for v in forward(settings) if v.batch_id == replayed.batch_id]
    assert (verdict.status, verdict.released, verdict.quarantined) == ("released", 1, 0)
    shown = ask(settings, "select _record_id from released.oneroster__orgs where _agency_code = %s", agency)
    assert sorted(record for (record,) in shown) == ["o1", "o4"]
    assert not any(one.passing for one in rejudge.look(settings, suite, rule) if one.batch_id == batch)


def test_a_changed_version_judges_again_once_and_by_itself(settings, agency, monkeypatch):
    batch = Landing(settings, "oneroster", agency).deliver({"orgs": [org(1, type="academy"), org(2, type="scool")]})[
        "orgs"
    ]
    judge.judge_ready(settings, "oneroster")
    assert rejudge.corrected(settings, "oneroster", actor=HOUSE) == 0, "the rule is what it was"
    loosened(monkeypatch, "oneroster__orgs.type_code", KINDS)
    assert rejudge.corrected(settings, "oneroster", actor=HOUSE) >= 1
    assert states(settings, batch) == {"o1": "closed", "o2": "open"}
    assert rejudge.corrected(settings, "oneroster", actor=HOUSE) == 0
    forward(settings)


def test_a_stricter_version_changes_nothing_about_the_past(settings, agency, monkeypatch):
    batch = Landing(settings, "oneroster", agency).deliver({"orgs": [org(1), org(2, type="scool")]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    loosened(monkeypatch, "oneroster__orgs.type_code", "^nothing$")
    rejudge.corrected(settings, "oneroster", actor=HOUSE)
    assert states(settings, batch) == {"o2": "open"}
    shown = ask(settings, "select _record_id from released.oneroster__orgs where _agency_code = %s", agency)
    assert shown == [("o1",)]


def alarms(settings, rule):
    with connect(settings, "flyover_judge") as connection:
        return {(found.rule_id, found.what): found for found in record.alarms(connection, 365)}.get(
            rule, record.Alarms(*rule, 0, 0, 0, 0)
        )


def moved(before, after):
    names = ("kept_back", "undecided", "founded", "let_through")
    return tuple(getattr(after, name) - getattr(before, name) for name in names)


def test_false_alarms_are_rows_let_through_as_they_were(settings, agency, monkeypatch):
    of = ("oneroster__orgs.type_code", "rows")
    before = alarms(settings, of)
    batch = sent(settings, agency, [org(n, type=kind) for n, kind in enumerate(("academy", *["scool"] * 4))])
    entry = dict(ask(settings, "select record_id, quarantine_id from quarantine.entry where batch_id = %s", batch))
    suite, rule = loosened(monkeypatch, of[0], KINDS)
    again = [one for one in rejudge.look(settings, suite, rule) if one.batch_id == batch]
    rejudge.let_go(settings, rule, again, actor=LI, reason="academies are schools")
    why = {"reason": "looked at", "actor": LI}
    quarantine.refuse(settings, Selection((entry["o1"],)), **why)
    quarantine.mend(settings, entry["o2"], {"type": "school"}, **why)
    quarantine.replay_all(settings, Selection(batch=batch, status="mended"), **why)
    quarantine.waive(settings, Selection((entry["o3"],)), expires_on=today() + dt.timedelta(days=1), **why)
    assert states(settings, batch) == {"o0": "closed", "o1": "refused", "o2": "closed", "o3": "waived", "o4": "open"}
    assert moved(before, alarms(settings, of)) == (5, 1, 2, 2)


def test_a_held_batch_that_was_released_was_a_false_alarm(settings):
    of, landing = ("oneroster__orgs.mass_deletion", "batches"), Landing(settings, "oneroster")
    before = alarms(settings, of)
    held = [
        landing.deliver({"orgs": [Line(deleted=True, record_id=f"{uuid.uuid4()}", version=2) for _ in range(60)]})
        for _ in range(3)
    ]
    judge.judge_ready(settings, "oneroster")
    batches.release(settings, held[0]["orgs"], reason="closed", actor=LI)
    batches.refuse(settings, held[1]["orgs"], reason="broken", actor=LI)
    assert moved(before, alarms(settings, of)) == (3, 1, 1, 1)


def test_only_who_may_decide_can_judge_again(settings, agency, monkeypatch):
    Landing(settings, "oneroster", agency).deliver({"orgs": [org(1, type="academy")]})
    judge.judge_ready(settings, "oneroster")
    suite, rule = loosened(monkeypatch, "oneroster__orgs.type_code", KINDS)
    again = [one for one in rejudge.look(settings, suite, rule) if one.agency_code == agency]
    with pytest.raises(NotAllowed):
        rejudge.let_go(settings, rule, again, actor=Actor("wang", "viewer"), reason="…")


def test_the_commands_say_what_they_found(settings, agency, monkeypatch):
    Landing(settings, "oneroster", agency).deliver({"orgs": [org(1, type="academy"), org(2)]})
    judge.judge_ready(settings, "oneroster")
    monkeypatch.setattr(rule_command, "load", lambda: settings)
    run = CliRunner().invoke
    shown = run(rule_command.rule, ["show", "oneroster__orgs.type_code"]).output
    assert "oneroster__orgs.type_code" in shown
    assert "Versions" in shown
    tried = run(rule_command.rule, ["try", "oneroster__orgs.volume_halved", "--threshold", "times=3", "--json"])
    assert tried.exit_code == 0
    assert '"batches looked at"' in tried.output
    again = run(rule_command.rule, ["rejudge", "oneroster__orgs.type_code"]).output
    assert "would pass" in again
    nothing = run(rule_command.rule, ["try", "oneroster__orgs.volume_halved"])
    assert isinstance(nothing.exception, BadInput)
