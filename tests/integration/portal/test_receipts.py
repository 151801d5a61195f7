"""Receipts of real deliveries: they balance with the books, name row and column, and tell nothing of anyone else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import main
from connectors import pull
from pipeline.db import InsufficientPrivilege, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from portal import tokens
from portal.agency import desk, listing, receipts
from tests import desk as answered
from tests import people
from tests.deliveries import FIXTURES

PLANTED = people.make(12)
TWICE, RAGGED = PLANTED[10:]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delivery with a row of every fate: accepted, unparsed, undecoded, wrong by a rule, doubled."""
    folder = people.school_bundle(tmp_path_factory.mktemp("school") / "bundle", PLANTED)
    users = (folder / "users.csv").read_text(encoding="utf-8").splitlines()
    people.add_line(folder / "users.csv", f"{users[RAGGED.number + 1]},one field too many")
    people.add_line(folder / "users.csv", users[TWICE.number + 1])
    demographics = (folder / "demographics.csv").read_text(encoding="utf-8").splitlines()
    people.add_line(folder / "demographics.csv", demographics[1].replace("2010-", "soon "))
    enrolments = (folder / "enrollments.csv").read_text(encoding="utf-8").splitlines()
    wrong = enrolments[1].replace("enrolment-0", "=enrolment-x").replace("class-1", "class-unknown")
    people.add_line(folder / "enrollments.csv", wrong)
    return folder


@pytest.fixture(scope="module")
def forms(settings: Settings, school: Path) -> Mapping[str, bytes]:
    agency = answered.known(settings, "sch-lishui")
    return answered.written(settings, agency, answered.carry(settings, agency, school))


def test_a_receipt_balances_with_the_books_to_the_row(settings: Settings, forms: Mapping[str, bytes]) -> None:
    told = answered.document(forms)
    assert told["state"] == "to_mend"
    with connect(settings, "flyover_owner") as owner:
        kept = {
            entity: counts
            for entity, *counts in owner.execute(
                "select entity, received, released, quarantined, duplicate, refused, held from quality.batch"
            )
        }
    assert {table["table"]: list(table["books"].values()) for table in told["tables"]} == kept
    for table in told["tables"]:
        received, *parts = table["books"].values()
        assert received == sum(parts) == table["received"]
    assert sum(table["books"]["quarantined"] for table in told["tables"]) == len(told["rows"]) == told["to_mend"]


def test_each_kept_row_is_named_by_file_row_column_and_reason(forms: Mapping[str, bytes], school: Path) -> None:
    by_rule = {rule: row for row in answered.document(forms)["rows"] for rule in row["rules"]}
    last = len((school / "users.csv").read_text(encoding="utf-8").splitlines())
    assert (by_rule["reader.ragged_row"]["file"], by_rule["reader.ragged_row"]["row"]) == ("users.csv", last - 1)
    unknown = by_rule["oneroster__enrollments.class_known"]
    assert (unknown["record"], unknown["columns"], unknown["row"]) == ("=enrolment-x", ["classSourcedId"], 14)
    mistyped = by_rule["contract.type"]
    assert mistyped["columns"] == ["birthDate"]
    assert "YYYY-MM-DD" in mistyped["mend"]


def test_a_spreadsheet_gets_the_rows_to_mend_in_the_agencys_own_header(forms: Mapping[str, bytes]) -> None:
    (row,) = answered.sheet(forms["fix.enrollments"])
    header = list(row)
    assert header[:7] == [
        "row",
        "file or sheet",
        "record number",
        "column at fault",
        "problem",
        "how to mend",
        "flyover_entry",
    ]
    assert header[7:10] == ["sourcedId", "classSourcedId", "schoolSourcedId"]
    assert row["flyover_entry"].startswith("FIX-")
    assert row["classSourcedId"] == "class-unknown"
    assert row["record number"] == row["sourcedId"] == "'=enrolment-x"
    everything = answered.sheet(forms["csv"])
    assert {line["what"] for line in everything} >= {"delivery", "received", "accepted", "kept back", "row kept back"}


def test_a_receipt_speaks_chinese_too(settings: Settings, forms: Mapping[str, bytes]) -> None:
    agency = answered.known(settings, "sch-lishui")
    with desk.opened(settings, agency.agency_code) as connection:
        latest = listing.latest(connection)
    assert latest is not None
    chinese = answered.written(settings, agency, latest, "zh")
    assert "数据报送回执" in chinese["html"].decode()
    assert "列数与表头不符" in chinese["csv"].decode()
    assert "Receipt for a data delivery" in forms["html"].decode()


def test_no_identity_and_nothing_secret_stands_in_any_form(forms: Mapping[str, bytes]) -> None:
    for name, content in forms.items():
        for person in PLANTED:
            for kind, value in person.telling.items():
                assert value.encode() not in content, (name, kind)


def test_nothing_of_another_agency_stands_in_a_receipt_or_can_be_asked_for(
    settings: Settings, forms: Mapping[str, bytes], tmp_path: Path
) -> None:
    """Two agencies with wrong rows, and whatever tells one of them apart looked for at the other's desk."""
    ours, other = (answered.known(settings, code) for code in ("sch-lishui", "sch-zhoushan"))
    folder = people.school_bundle(tmp_path / "only-theirs", people.make(3))
    line = (folder / "enrollments.csv").read_text(encoding="utf-8").splitlines()[1]
    people.add_line(folder / "enrollments.csv", line.replace("enrolment-0", "theirs-1").replace("class-1", "theirs-2"))
    theirs = answered.carry(settings, other, folder)
    telling = (str(theirs), "only-theirs", "theirs-1", other.agency_code, other.name_zh, other.name_en)
    assert all(
        any(word.encode() in form for form in answered.written(settings, other, theirs).values())
        for word in telling[:4]
    )
    with desk.opened(settings, ours.agency_code) as connection:
        latest = listing.latest(connection)
        assert latest is not None
        assert latest != theirs
        listed = str(listing.page(connection)).encode()
        assert receipts.gather(connection, settings, ours, theirs) is None
        assert listing.answered_by(connection, theirs) is None
    shown = [*forms.values(), *answered.written(settings, ours, latest).values(), listed]
    assert [word for word in telling for content in shown if word.encode() in content] == []
    with connect(settings, desk.ROLE) as nobody:
        for view in ("uploads", "deliveries", "refusals", "repairs", "batches", "rule_results", "kept_back"):
            assert nobody.execute(f"select count(*) from portal.{view}").fetchone() == (0,), view


def flyover(settings: Settings, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setenv("FLYOVER_STATE", str(settings.state_dir))
    return CliRunner().invoke(main.build(list(words)), list(words))


@pytest.mark.usefixtures("forms")
def test_the_command_writes_each_form(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begins = {"--html": b"<!DOCTYPE html>", "--csv": b"\xef\xbb\xbf", "--json": b"{", "--fix": b"\xef\xbb\xbf"}
    for form, begin in begins.items():
        out = tmp_path / form.strip("-")
        table = ["--table", "enrollments"] if form == "--fix" else []
        done = flyover(settings, monkeypatch, "receipt", "sch-lishui", "--last", form, *table, "--out", str(out))
        assert done.exit_code == 0, done.output
        assert out.read_bytes().startswith(begin)
    assert "数据报送回执" in (tmp_path / "html").read_text(encoding="utf-8")
    book = tmp_path / "to-mend.xlsx"
    flyover(settings, monkeypatch, "receipt", "sch-lishui", "--fix", "--table", "users", "--out", str(book))
    assert book.read_bytes().startswith(b"PK")
    several = flyover(settings, monkeypatch, "receipt", "sch-lishui", "--fix")
    assert isinstance(several.exception, BadInput)
    assert "--table" in str(several.exception)
    assert isinstance(flyover(settings, monkeypatch, "receipt", "stats-zj").exception, BadInput)


def test_tokens_are_made_listed_and_revoked_by_command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    made = json.loads(
        flyover(settings, monkeypatch, "token", "new", "sch-lishui", "--label", "office", "--json").stdout
    )
    listed = flyover(settings, monkeypatch, "token", "list", "sch-lishui", "--json").stdout
    (row,) = json.loads(listed)
    assert (row["label"], row["state"]) == ("office", "valid")
    assert made["token"].split("-", 2)[2] not in listed
    assert flyover(settings, monkeypatch, "token", "revoke", "sch-lishui", row["token"]).exit_code == 0
    assert tokens.owner(settings, made["token"]) is None
    again = flyover(settings, monkeypatch, "token", "revoke", "sch-lishui", row["token"])
    assert isinstance(again.exception, BadInput)


@pytest.mark.parametrize("place", ["connect.delivery", "connect.outbox", "quarantine.entry", "quality.batch"])
def test_the_desks_role_sees_no_row_of_an_agency_it_does_not_name(settings: Settings, place: str) -> None:
    with connect(settings, desk.ROLE) as connection:
        assert connection.execute(f"select 1 from {place}").fetchall() == []


@pytest.mark.parametrize(
    "what", ["* from vault.identity", "sealed from connect.outbox", "payload from quarantine.entry"]
)
def test_the_desks_role_reads_nothing_sealed(settings: Settings, what: str) -> None:
    with connect(settings, desk.ROLE) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(f"select {what}")


def test_a_refused_delivery_is_answered_too(settings: Settings, tmp_path: Path) -> None:
    agency = answered.known(settings, "sch-hangzhou")
    (tmp_path / "bundle.zip").write_bytes(b"PK no zip")
    with pytest.raises(BadInput):
        pull.pull(settings, agency, tmp_path / "bundle.zip")
    with desk.opened(settings, agency.agency_code) as connection:
        refusal = listing.latest(connection)
        (line,) = listing.page(connection)
    assert refusal is not None
    assert (line.receipt_id, line.state) == (refusal, "refused")
    forms = answered.written(settings, agency, refusal)
    told = answered.document(forms)
    assert (told["state"], told["refused"]["file"], told["tables"]) == ("refused", "bundle.zip", [])
    assert "Nothing of this delivery was kept" in forms["html"].decode()


def test_what_is_under_way_says_so_and_what_is_not_new_too(settings: Settings, tmp_path: Path) -> None:
    agency = answered.known(settings, "ou-zhejiang")
    folder = tmp_path / "oulad"
    shutil.copytree(FIXTURES / "oulad" / "seven_tables", folder)
    staged = pull.pull(settings, agency, folder)
    assert answered.receipt(settings, agency, staged.delivery_id).state == "processing"
    answered.forward(settings, "oulad")
    done = answered.receipt(settings, agency, staged.delivery_id)
    assert done.state in ("accepted", "to_mend")
    again = pull.pull(settings, agency, folder)
    same = answered.receipt(settings, agency, again.delivery_id)
    assert (same.state, same.read_rows, same.gone) == ("unchanged", same.unchanged, 0)
