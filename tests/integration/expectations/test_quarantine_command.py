"""The officer's commands on a real database: what is said before many rows are decided, and what comes of it."""

import json
import re

import pytest
from typer.testing import CliRunner

from cli.batches_command import batches as batches_app
from cli.quarantine_command import quarantine as quarantine_app
from cli.waivers_command import waivers as waivers_app
from expectations.judging import judge
from pipeline.db import connect
from tests.landed import Landing, Line

WHY = ["--reason", "checked", "--by", "officer Hu"]
RULE = "oneroster__orgs.type_code"


def org(number):
    return {"sourced_id": f"o{number}", "name": "学校", "type": "scool", "division_code": "330106"}


@pytest.fixture
def run(settings, monkeypatch):
    monkeypatch.setenv("FLYOVER_STATE", str(settings.state_dir))

    def command(app, *words):
        return CliRunner().invoke(app, [str(word) for word in words])

    return command


@pytest.fixture
def wrong(settings):
    landing = Landing(settings, "oneroster")
    batch = landing.deliver({"orgs": [org(n) for n in range(5)]})["orgs"]
    judge.judge_ready(settings, "oneroster")
    return landing.agency, batch


def states(settings, batch):
    with connect(settings, "flyover_owner") as connection:
        found = connection.execute(
            "select status, count(*) from quarantine.entry where batch_id = %s group by status", (batch,)
        )
        return dict(found.fetchall())


def entries(run, agency):
    listed = run(quarantine_app, "list", "--agency", agency, "--json")
    return [row["entry"] for row in json.loads(listed.stdout)]


def test_many_rows_are_counted_first_and_decided_only_with_yes(settings, run, wrong):
    agency, batch = wrong
    about = ["--rule", RULE, "--agency", agency]
    foretold = run(quarantine_app, "refuse", *about, *WHY, "--dry-run")
    assert foretold.exit_code == 0
    assert "5 rows are meant" in foretold.stdout
    assert states(settings, batch) == {"open": 5}
    unasked = run(quarantine_app, "refuse", *about, *WHY)
    assert "nobody can be asked" in str(unasked.exception)
    assert states(settings, batch) == {"open": 5}
    assert run(quarantine_app, "refuse", *about, *WHY, "--yes").exit_code == 0
    assert states(settings, batch) == {"refused": 5}
    assert run(quarantine_app, "reopen", *about, *WHY, "--status", "refused", "--yes").exit_code == 0
    assert states(settings, batch) == {"open": 5}


def test_nothing_named_is_nothing_decided(run, wrong):
    assert "no row is named" in str(run(quarantine_app, "refuse", *WHY, "--yes").exception)


def test_table_of_corrections_mends_each_row_in_its_own_way(settings, run, wrong, tmp_path):
    agency, batch = wrong
    first, second, *_ = entries(run, agency)
    table = tmp_path / "corrections.csv"
    table.write_text(f"entry,type,name\n{first},school,\n{second},district,局\n", encoding="utf-8-sig")
    done = run(quarantine_app, "mend", "--file", table, *WHY, "--yes")
    assert done.exit_code == 0, done.output
    assert states(settings, batch) == {"mended": 2, "open": 3}
    shown = json.loads(run(quarantine_app, "show", second, "--by", "officer Hu").stdout)
    assert (shown["mended"]["type"], shown["mended"]["name"], shown["payload"]["type"]) == ("district", "局", "scool")
    assert [step["action"] for step in shown["history"]] == ["mend"]


def test_many_rows_are_mended_by_a_constant_and_sent(settings, run, wrong):
    agency, batch = wrong
    about = ["--rule", RULE, "--agency", agency]
    assert run(quarantine_app, "mend", *about, "--set", "type=school", *WHY, "--yes").exit_code == 0
    assert states(settings, batch) == {"mended": 5}
    sent = run(quarantine_app, "replay", "--agency", agency, *WHY, "--yes")
    assert sent.exit_code == 0, sent.output
    assert states(settings, batch) == {"closed": 5}


def test_held_batch_is_shown_and_released_with_a_waiver(settings, run):
    landing = Landing(settings, "oneroster")
    lines = [Line(deleted=True, record_id=f"g{n}", version=2) for n in range(60)]
    batch = landing.deliver({"orgs": lines})["orgs"]
    judge.judge_ready(settings, "oneroster")
    shown = run(batches_app, "show", batch)
    assert shown.exit_code == 0, shown.output
    for word in (landing.agency, "oneroster__orgs.mass_deletion", "--waive-until", "refuse"):
        assert word in shown.output
    assert json.loads(run(batches_app, "show", batch, "--json").stdout)["books"]["held"] == 60
    done = run(batches_app, "release", batch, *WHY, "--waive-until", "2099-12-31")
    assert done.exit_code == 0, done.output
    listed = json.loads(run(waivers_app, "list", "--agency", landing.agency, "--json").stdout)
    (waiver,) = [row for row in listed if row["rule"] == "oneroster__orgs.mass_deletion"]
    assert (waiver["until"], waiver["granted by"]) == ("2099-12-31", "officer Hu")
    assert run(waivers_app, "end", waiver["waiver"], *WHY).exit_code == 0
    assert not re.search("mass_deletion", run(waivers_app, "list", "--agency", landing.agency, "--json").stdout)
