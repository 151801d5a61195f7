"""What a copy can tell: what a changed rule does, what a held batch holds back; the warehouse itself is left alone."""

import datetime as dt
import re
import shutil
from dataclasses import dataclass, replace
from typing import Any

import pytest
import yaml

from expectations.decisions import batches, quarantine, waivers
from expectations.decisions.people import Actor
from expectations.decisions.quarantine import Selection
from expectations.judging import judge
from expectations.rules.suites import SUITES
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from release import impact, rehearsal, scratch
from release.build import build_warehouse
from release.publish import publish_release
from tests.checkouts import Copy
from tests.landed import Landing, Line
from tests.taskpage import Terminal

SCHOOLS, ISLES = "sch-hangzhou", "sch-zhoushan"
RULE = "oneroster__orgs.division_known"
NOWHERE = "339999"
OFFICER = Actor("officer")
WHO = {"reason": "seen by the officer", "actor": OFFICER}
TOMORROW = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)


@dataclass(frozen=True)
class World:
    """A built and published warehouse, and the batches in it that the tests ask about."""

    settings: Settings
    first: Any
    held: Any


def org(name: str, **other):
    return {"sourced_id": name, "name": "学校", "type": "school", "division_code": "330106", **other}


def lost(names, version: int = 2) -> list[Line]:
    return [Line(deleted=True, record_id=name, version=version) for name in names]


@pytest.fixture(scope="module")
def world(settings):
    landing, isles = Landing(settings, "oneroster", SCHOOLS), Landing(settings, "oneroster", ISLES)
    year = {"sourced_id": "y2026", "title": "2025", "type": "schoolYear", "school_year": 2026,
            "start_date": "2025-09-01", "end_date": "2026-07-01"}  # fmt: skip
    first = landing.deliver(
        {
            "academic_sessions": [year],
            "orgs": [
                org("district", type="district"),
                org("below", parent_sourced_id="district"),
                org("early", parent_sourced_id="late"),  # whose parent comes with the next delivery
                *(org(name, division_code=NOWHERE) for name in ("open", "waived", "mended", "returned", "refused")),
                org("typo", type="scool"),
            ],
        }
    )["orgs"]
    isles.deliver({"academic_sessions": [year], "orgs": [org(f"o{n}", division_code="330902") for n in range(60)]})
    judge.judge_ready(settings, "oneroster")
    kept_back = quarantine.list_entries(settings, Selection(batch=first), actor=OFFICER)
    entry = {e.record_id: e.quarantine_id for e in kept_back}
    assert set(entry) == {"early", "open", "waived", "mended", "returned", "refused", "typo"}
    quarantine.waive(settings, Selection((entry["waived"],)), expires_on=TOMORROW, **WHO)
    quarantine.mend(settings, entry["mended"], {"metadata.cn.divisionCode": "330106"}, **WHO)
    quarantine.return_(settings, Selection((entry["returned"],)), **WHO)
    quarantine.refuse(settings, Selection((entry["refused"],)), **WHO)
    landing.deliver({"orgs": [Line(org("mended"), version=2)]}, replay_of=first)
    landing.deliver({"orgs": [org("late"), *lost(["district"])]})
    judge.judge_ready(settings, "oneroster")
    released, refused, withdrawn = (
        isles.deliver({"orgs": orgs})["orgs"]
        for orgs in (
            lost(f"o{n}" for n in range(50)), lost(f"o{n}" for n in range(50)), [org("gone", division_code="330902")]
        )
    )  # fmt: skip
    held = landing.deliver({"orgs": [org("new"), org("newer"), *lost(f"never{n}" for n in range(60))]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    batches.release_with_waiver(settings, released, expires_on=TOMORROW, **WHO)
    isles.deliver({"orgs": lost((f"o{n}" for n in range(50)), version=3)})  # passes by the waiver
    judge.judge_ready(settings, "oneroster")
    (waiver,) = waivers.list_waivers(settings, actor=OFFICER)
    waivers.end(settings, waiver.waiver_id, **WHO)
    batches.refuse(settings, refused, **WHO)
    batches.withdraw(settings, withdrawn, **WHO)
    build_warehouse(settings)
    publish_release(settings)
    return World(settings, first, held)


@pytest.fixture(scope="module")
def loosened(tmp_path_factory):
    """This checkout's suites, but an unknown county no longer keeps a school back."""
    suites = tmp_path_factory.mktemp("changed") / "suites"
    shutil.copytree(SUITES, suites)
    path = suites / "oneroster__orgs.yaml"
    document = yaml.safe_load(path.read_text())
    next(rule for rule in document["rules"] if rule["id"] == RULE)["severity"] = "warning"
    path.write_text(yaml.safe_dump(document, allow_unicode=True))
    return suites


def ask(settings, query, *parameters):
    with connect(settings, "flyover_owner") as connection:
        return connection.execute(query, parameters).fetchall()


def fingerprints(settings) -> dict[str, Any]:
    """Hash of every table's rows."""
    tables = ask(
        settings,
        "select c.oid::regclass::text from pg_class as c where c.relkind in ('r', 'p') and c.relnamespace::regnamespace"
        "::text not in ('pg_catalog', 'information_schema', 'pg_toast')",
    )
    return {
        table: ask(settings, f"select count(*), sum(hashtextextended(t::text, 0)) from {table} as t")[0]
        for (table,) in tables
    }


def copies(settings) -> list[str]:
    return [name for (name,) in ask(settings, "select datname from pg_database where datname ~ '_copy_'")]


def rehearse(world, **how) -> rehearsal.Rehearsal:
    return rehearsal.rehearse(world.settings, print, room=world.settings.state_dir, **how)


@pytest.fixture(scope="module")
def copy(world, tmp_path_factory):
    """A copy of the checkout, whose origin has a next version with nothing new in it."""
    made = Copy(tmp_path_factory.mktemp("checkout"), world.settings.state_dir)
    made.git("clone", "--quiet", "--no-checkout", ".", "../origin")
    made.git("-C", "../origin", "tag", "next-version")
    made.git("remote", "add", "origin", "../origin")
    return made


def typing_in(copy, world, **environ):
    """A terminal in the copy; the servers are told to be another's, since their data lies elsewhere."""
    there = {"FLYOVER_PG_HOST": world.settings.pg_host, "FLYOVER_PG_PORT": str(world.settings.pg_port)}
    return Terminal(world.settings.state_dir, copy.root, {**there, **environ})


@pytest.mark.task("E9")
def test_an_unchanged_checkout_makes_no_difference_whatever_was_decided(world, copy):
    before = fingerprints(world.settings)
    said = typing_in(copy, world).do("E9", VERSION="next-version")
    assert "no difference: 11 batches judged alike" in said
    assert "left out" not in said
    assert "kept" not in said
    assert fingerprints(world.settings) == before
    assert copies(world.settings) == []


@pytest.mark.task("E10")
def test_a_changed_model_is_tried_on_a_copy(world, copy, tmp_path):
    before, editor = fingerprints(world.settings), tmp_path / "editor"
    editor.write_text("#!/bin/sh\nexec sed -i 's/placed[.]pupils/greatest(&, 100)/g' \"$1\"\n")
    editor.chmod(0o755)
    said = typing_in(copy, world, EDITOR=str(editor)).do("E10")
    assert re.search(r"school_size_bands .* 330000 .* size_band lt100 .* changed", said)
    assert fingerprints(world.settings) == before
    assert copies(world.settings) == []


@pytest.mark.task("O9")
def test_what_a_held_batch_blocks_is_told(world):
    said = Terminal(world.settings.state_dir).do("O9", BATCH=world.held)
    assert "school_size_bands" in said


def test_a_loosened_rule_sets_free_the_undecided_row_and_moves_its_number(world, loosened):
    before = fingerprints(world.settings)
    found = rehearse(world, suites_dir=loosened, keep=True)
    copy = replace(world.settings, pg_database=found.database)
    try:
        (batch,) = found.differences.batches
        assert batch.batch_id == world.first
        assert (batch.before.released, batch.after.released) == (2, 3)
        (rule,) = found.differences.rules
        assert (rule.rule_id, rule.severity_before, rule.severity_after) == (RULE, "critical", "warning")
        assert (rule.failed_before, rule.failed_after) == (5, 5)
        assert {change.slice.area_code for change in found.differences.numbers} == {"330000"}
        small = next(change for change in found.differences.numbers if change.slice.member == "lt100")
        assert (small.kind, small.by) == ("changed", 1.0)
        states = "select record_id, status, replay_batch_id is not null from quarantine.entry where batch_id = %s"
        kept = {record: rest for record, *rest in ask(copy, states, world.first)}
        assert kept == {
            "early": ["open", False], "typo": ["open", False], "waived": ["waived", False], "mended": ["closed", True],
            "returned": ["returned", False], "refused": ["refused", False],
        }  # fmt: skip
        assert fingerprints(world.settings) == before
    finally:
        assert scratch.drop_kept(world.settings) == [found.database]


def test_a_held_batch_bears_on_the_numbers_of_its_areas(world):
    found = impact.held_back(world.settings, world.held)
    assert (found.agency_code, found.table, found.rows) == (SCHOOLS, "oneroster__orgs", 62)
    assert found.areas == ("330000", "330100", "330106")
    assert {(change.slice.realm, change.slice.area_code) for change in found.numbers} == {
        ("simulated", area) for area in found.areas
    }
    assert "school_size_bands" in {each.indicator_code for each in found.indicators}
    assert not any(change.after for change in found.numbers)
    with pytest.raises(BadInput, match="is held, not released"):
        impact.withdrawn(world.settings, world.held)


def test_a_held_batch_tried_on_a_copy_tells_old_and_new_values(world):
    before = fingerprints(world.settings)
    found = impact.held_back(world.settings, world.held, exact=True, say=print)
    small = {
        c.slice.area_code: (c.kind, c.by)
        for c in found.numbers
        if (c.slice.method, c.slice.dimension, c.slice.member) == ("active_pupils_1sep", "size_band", "lt100")
    }
    assert small == dict.fromkeys(("330000", "330100", "330106"), ("changed", 2.0))
    about_schools = ("school_size", "small_school", "large_school", "pupil_teacher", "dissimilarity")
    assert all(change.slice.indicator_code.startswith(about_schools) for change in found.numbers)
    assert fingerprints(world.settings) == before


def test_a_copy_is_dropped_when_its_use_is_interrupted(world):
    with pytest.raises(KeyboardInterrupt):
        _use_and_be_interrupted(world.settings)
    assert copies(world.settings) == []
    assert not list(world.settings.state_dir.glob("copy-*"))


def _use_and_be_interrupted(settings):
    with scratch.copied(settings, print) as copy:
        assert copies(settings) == [copy.pg_database]
        assert ask(copy, "select count(*) from landing.oneroster__orgs") != [(0,)]
        with pytest.raises(scratch.NoRoom, match="under way"), scratch.copied(settings, print):
            pass
        raise KeyboardInterrupt


def test_a_full_disk_is_told_before_anything_is_made(world, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(scratch.NoRoom, match="GB left"), scratch.copied(world.settings, print, room=SUITES):
        pass
    assert copies(world.settings) == []
