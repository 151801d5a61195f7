"""A preview says what a real delivery then gets, and leaves nothing behind."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import main as flyover
from connectors import pull
from connectors.registry import Agency
from pipeline.db import SQL, Identifier, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from portal.agency.preview import previewed
from portal.agency.receipt import Receipt
from tests import desk as answered
from tests import people
from tests.deliveries import FIXTURES


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A school's delivery with rows of every fate."""
    folder = people.school_bundle(tmp_path_factory.mktemp("school") / "bundle", people.make(8))
    users = (folder / "users.csv").read_text(encoding="utf-8").splitlines()
    people.add_line(folder / "users.csv", f"{users[1]},one field too many")
    people.add_line(folder / "users.csv", users[2])
    enrolments = (folder / "enrollments.csv").read_text(encoding="utf-8").splitlines()
    people.add_line(folder / "enrollments.csv", enrolments[1].replace("class-1", "class-x").replace("enrolment-0", "e"))
    demographics = (folder / "demographics.csv").read_text(encoding="utf-8").splitlines()
    people.add_line(folder / "demographics.csv", demographics[1].replace("2010-", "soon "))
    return folder


def foretold(settings: Settings, agency: Agency, origin: Path) -> Receipt:
    """What a preview says, without a broker to be reached."""
    with previewed(replace(settings, kafka_bootstrap="127.0.0.1:1"), agency, origin) as (_, receipt):
        return receipt


def counts(settings: Settings) -> dict[str, int]:
    """Rows of every table there is."""
    with connect(settings, "flyover_owner") as owner:
        tables = owner.execute(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {
            f"{schema}.{name}": owner.execute(
                SQL("select count(*) from {}").format(Identifier(schema, name))
            ).fetchall()[0][0]
            for schema, name in tables
        }


def told(receipt: Receipt) -> list[tuple[object, ...]]:
    """What a receipt says of each table, without ids and times."""
    return [
        (p.entity, p.status, p.received, p.books, p.unchanged, p.deleted, p.to_mend, p.problems, p.notes, p.holds)
        for p in receipt.parts
    ]


def test_a_preview_says_what_the_delivery_then_gets(settings: Settings, bundle: Path) -> None:
    """The first time, when all of it is new, and again when it is compared with what was sent."""
    agency = answered.known(settings, "sch-lishui")
    for change in (None, "enrollments.csv"):
        if change:
            lines = (bundle / change).read_text(encoding="utf-8").splitlines()
            (bundle / change).write_text("\n".join([lines[0], *lines[3:]]) + "\n", encoding="utf-8")
        before = foretold(settings, agency, bundle)
        after = answered.receipt(settings, agency, answered.carry(settings, agency, bundle))
        assert told(before) == told(after)
        assert (before.state, before.read_rows, before.unchanged) == (after.state, after.read_rows, after.unchanged)
        assert [part.books.quarantined for part in before.parts] != []
    assert any(part.deleted for part in after.parts)


def test_a_preview_leaves_nothing_and_holds_no_one_up(settings: Settings, bundle: Path) -> None:
    agency = answered.known(settings, "sch-hangzhou")
    before = counts(settings)
    with previewed(settings, agency, bundle) as (_, receipt):
        assert receipt.to_mend
        meanwhile = threading.Thread(target=pull.pull, args=(settings, agency, bundle))
        meanwhile.start()
        meanwhile.join(30)
        assert not meanwhile.is_alive(), "a real delivery waits for a preview"
    answered.forward(settings, agency.source)
    real = counts(settings)
    again = foretold(settings, agency, bundle)
    assert {(part.entity, part.received) for part in again.parts} == {("demographics", 2), ("users", 1)}, (
        "only what contradicts itself and what no one could read is said again"
    )
    assert counts(settings) == real
    assert real != before


def test_a_delivery_that_would_be_held_is_foretold(settings: Settings, tmp_path: Path) -> None:
    agency = answered.known(settings, "sch-zhoushan")
    answered.carry(settings, agency, people.school_bundle(tmp_path / "all", people.make(120)))
    with previewed(settings, agency, people.school_bundle(tmp_path / "few", people.make(20))) as (_, receipt):
        assert receipt.state == "held"
        held = {problem.rule_id for part in receipt.parts for problem in part.holds}
        assert "oneroster__enrollments.mass_deletion" in held


def test_what_would_be_refused_raises(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK no zip")
    with pytest.raises(BadInput):
        foretold(settings, answered.known(settings, "sch-lishui"), tmp_path / "x.zip")


@pytest.mark.parametrize(
    ("wrong", "exit_code", "state"), [(None, 0, "accepted"), ("rows", 4, "to_mend"), ("file", 2, "refused")]
)
def test_the_command_says_it_by_its_exit_code(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str | None, exit_code: int, state: str
) -> None:
    monkeypatch.setenv("FLYOVER_STATE", str(settings.state_dir))
    folder = tmp_path / "oulad"
    shutil.copytree(FIXTURES / "oulad" / "seven_tables", folder)
    if wrong == "rows":
        people.add_line(folder / "studentAssessment.csv", "14984,999999,8,0,850")
    if wrong == "file":
        (folder / "courses.csv").write_text("nothing\n", encoding="utf-8")
    arguments = ["preview", "oulad", "--path", str(folder), "--json", "--language", "en"]
    done = CliRunner().invoke(flyover.build(arguments), arguments)
    document = json.loads(done.stdout)
    assert (done.exit_code, document["state"], document["preview"]) == (exit_code, state, True)
    assert "could not be judged" in document["judged"]
