"""The round trip of the file to mend: kept back, returned, downloaded, mended, handed in, replayed, closed."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors import data_keys, intake, producer, pull, registry, sink, vault
from connectors.corrections import marks
from connectors.registry import Agency
from expectations.decisions import corrections, quarantine
from expectations.decisions.people import Actor
from expectations.decisions.selection import Selection
from expectations.judging import judge
from pipeline import sealing
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from portal.agency import desk as doors
from portal.agency import listing
from tests import desk, mended, people
from tests.deliveries import pack
from tests.integration.portal.conftest import RunningDesk

OFFICER = Actor("wang", "officer")
Change = Callable[[Mapping[str, str]], Mapping[str, str]]


class Office:
    """One agency's office: what it hands in, what it is told, and what became of it."""

    def __init__(self, settings: Settings, agency: Agency, folder: Path) -> None:
        self.settings, self.agency, self.folder = settings, agency, folder
        self._handed_in = 0

    def deliver(self, origin: Path) -> uuid.UUID:
        found = desk.carry(self.settings, self.agency, origin)
        vault.drain_vault(self.settings)
        return found

    def return_all(self, delivery: uuid.UUID) -> None:
        decided = quarantine.return_(self.settings, Selection(delivery=delivery), reason="mend it", actor=OFFICER)
        assert decided.decided

    def to_mend(self, receipt: uuid.UUID, table: str) -> mended.Table:
        return mended.table_of(desk.written(self.settings, self.agency, receipt)[f"fix.{table}"])

    def drop(self, content: bytes, name: str = "更正.csv") -> Path:
        """Into the drop folder, as by hand."""
        self._handed_in += 1
        return mended.write(self.settings.drop_dir / self.agency.agency_code / f"{self._handed_in}-{name}", content)

    def ingest(self) -> None:
        """What the ingest DAG and those behind it do."""
        for origin in pull.pending_origins(self.settings, self.agency):
            corrections.take_in(self.settings, self.agency, origin)
        self.forward()

    def forward(self) -> None:
        desk.forward(self.settings, self.agency.source)
        vault.drain_vault(self.settings)

    def latest(self) -> uuid.UUID:
        with doors.opened(self.settings, self.agency.agency_code) as connection:
            found = listing.latest(connection)
        assert found is not None
        return found

    def told(self, receipt: uuid.UUID) -> dict[str, Any]:
        return desk.document(desk.written(self.settings, self.agency, receipt))

    def books(self) -> dict[uuid.UUID, tuple[int, ...]]:
        rows = self.ask(
            "select batch_id, received, released, quarantined, duplicate, refused, held from quality.batch "
            "where agency_code = %s",
            self.agency.agency_code,
        )
        return {batch: tuple(counts) for batch, *counts in rows}

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with connect(self.settings, "flyover_owner") as owner:
            return owner.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def statuses(self) -> dict[str, str]:
        rows = self.ask(
            "select record_id, status from quarantine.entry where agency_code = %s order by quarantine_id",
            self.agency.agency_code,
        )
        return dict(rows)


@pytest.fixture
def office(settings: Settings, tmp_path: Path) -> Callable[[str], Office]:
    """An agency that nobody has heard of before, speaking English."""

    def make(source_of: str) -> Office:
        model = registry.load_all(settings.agencies_dir)[source_of]
        code = f"{source_of.split('-', maxsplit=1)[0]}-t{uuid.uuid4().hex[:8]}"
        return Office(settings, dataclasses.replace(model, agency_code=code, language="en"), tmp_path)

    return make


@pytest.fixture
def school(office: Callable[[str], Office], tmp_path: Path) -> tuple[Office, uuid.UUID]:
    """A school with rows to mend: two enrolments in unknown classes, a torn one, a birth date that is none."""
    ours = office("sch-lishui")
    folder = people.school_bundle(tmp_path / "bundle", people.make(6))
    enrolments = folder / "enrollments.csv"
    line = enrolments.read_text(encoding="utf-8").splitlines()[1]
    for name in ("a", "b"):
        people.add_line(enrolments, line.replace("enrolment-0", f"wrong-{name}").replace("class-1", f"=class-{name}"))
    people.add_line(enrolments, f"{line.replace('enrolment-0', 'torn')},one,too,many")
    demographics = folder / "demographics.csv"
    born = demographics.read_text(encoding="utf-8").splitlines()[2]
    assert "user-1" in born
    demographics.write_text(demographics.read_text(encoding="utf-8").replace(born, born.replace("2010-", "soon ")))
    return ours, ours.deliver(folder)


def right(row: Mapping[str, str]) -> Mapping[str, str]:
    """Every row as it should have been."""
    return {
        "sourcedId": row["sourcedId"] or "torn",
        "classSourcedId": "class-1",
        "schoolSourcedId": "school-1",
        "userSourcedId": row["userSourcedId"] or "user-1",
        "role": "student",
        "beginDate": "2025-09-01",
        "endDate": "2026-09-01",
    }


def only_known(row: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in right(row).items() if name in row}


def test_rows_come_back_mended_over_the_drop_folder_and_everything_closes(school: tuple[Office, uuid.UUID]) -> None:
    ours, delivery = school
    before = ours.books()
    ours.return_all(delivery)
    table = ours.to_mend(delivery, "enrollments")
    assert [row[table[0].index("classSourcedId")] for row in table[1:]] == ["'=class-a", "'=class-b", ""]
    fixed = mended.filled_in(table, only_known)
    fixed[1:] = reversed(fixed[1:])
    ours.drop(mended.csv_of(fixed, "gb18030"))
    ours.ingest()

    correction = ours.latest()
    told = ours.told(correction)
    assert told["state"] == "accepted", json.dumps(told, ensure_ascii=False)[:2000]
    assert told["correction"]["taken"] == told["read"] == 3
    assert [one["receipt"] for one in told["correction"]["corrects"]] == [str(delivery)]
    assert told["books"] == {"received": 3, "accepted": 3, "quarantined": 0, "duplicate": 0, "refused": 0, "held": 0}
    after = ours.books()
    assert {batch: after[batch] for batch in before} == before, "the first batches' counts stay as they were"
    assert all(received == sum(parts) for received, *parts in after.values())
    entries = ours.statuses()
    assert {entries[name] for name in ("wrong-a", "wrong-b", "torn")} == {"closed"}
    present = ours.ask(
        "select _record_id, class_sourced_id from released.oneroster__enrollments "
        "where _agency_code = %s and not _is_deleted",
        ours.agency.agency_code,
    )
    assert {"wrong-a", "wrong-b", "torn", "enrolment-0"} <= dict(present).keys(), "nothing else counts as deleted"
    assert set(dict(present).values()) == {"class-1"}

    first = ours.told(delivery)
    assert [one["receipt"] for one in first["corrected_since"]] == [str(correction)]
    fates = {row["record"]: row["status"] for row in first["rows"] if row["table"] == "enrollments"}
    assert fates == {"wrong-a": "closed", "wrong-b": "closed", "torn": "closed"}
    audit = ours.ask(
        "select action, object from audit.entry where actor = %s order by entry_id", f"agency {ours.agency.agency_code}"
    )
    assert ("correction taken", f"correction {correction}") in audit
    assert intake.is_kept(ours.settings, ours.agency.agency_code, correction)


def test_the_same_file_again_changes_nothing_and_says_so(school: tuple[Office, uuid.UUID]) -> None:
    ours, delivery = school
    content = mended.workbook_of(mended.filled_in(ours.to_mend(delivery, "enrollments"), only_known))
    path = ours.drop(content, "mended.xlsx")
    ours.ingest()
    assert pull.pending_origins(ours.settings, ours.agency) == []
    first, before = ours.latest(), ours.books()
    assert corrections.take(ours.settings, ours.agency, path).correction_id == first
    ours.drop(content, "the same again.xlsx")
    ours.ingest()
    again = ours.told(ours.latest())
    assert (again["state"], again["correction"]["repeat_of"], again["correction"]["taken"]) == (
        "unchanged", str(first), 0,
    )  # fmt: skip
    assert ours.books() == before
    assert str(first) in desk.written(ours.settings, ours.agency, ours.latest())["html"].decode()


def test_each_row_that_is_not_taken_is_told_why(
    school: tuple[Office, uuid.UUID], office: Callable[[str], Office]
) -> None:
    ours, delivery = school
    table = ours.to_mend(delivery, "enrollments")
    header, one, two, torn = mended.filled_in(table, only_known)
    code = header.index(marks.COLUMN)
    entry = marks.entry_of(ours.settings.secrets, ours.agency.agency_code, two[code])
    assert entry is not None
    quarantine.refuse(ours.settings, Selection(entries=(entry,)), reason="no", actor=OFFICER)

    def with_code(row: list[str], text: str) -> list[str]:
        return [*row[:code], text, *row[code + 1 :]]

    theirs = marks.code(ours.settings.secrets, "sch-somebody-else", entry)
    unknown = marks.code(ours.settings.secrets, ours.agency.agency_code, 2**40)
    key = header.index("sourcedId")
    keyless = [*torn[:key], "", *torn[key + 1 :]]
    untouched = table[1]
    rows = [
        with_code(one, theirs),
        with_code(one, unknown),
        with_code(one, ""),
        two,
        keyless,
        untouched,
        ["", *one[1:]],
    ]
    rows[-1][key] = "other"
    ours.drop(mended.csv_of([header, *rows]))
    ours.ingest()
    told = ours.told(ours.latest())
    assert (told["state"], told["correction"]["taken"]) == ("to_mend", 0)
    assert [(row["row"], row["code"].partition(".")[2], row["refused"]) for row in told["not_taken"]] == [
        (2, "correction_unknown_code", True),
        (3, "correction_unknown_code", True),
        (4, "correction_without_code", True),
        (5, "correction_decided", True),
        (6, "correction_without_key", True),
        (7, "correction_doubled", True),
        (8, "correction_doubled", True),
    ]
    assert set(ours.statuses().values()) == {"open", "refused"}
    sheet = desk.sheet(desk.written(ours.settings, ours.agency, ours.latest())["csv"])
    assert [line["row"] for line in sheet if line["what"] == "not taken"][1:] == [str(n) for n in range(2, 9)]
    ours.drop(mended.csv_of([header, untouched, one, one]))
    ours.ingest()
    assert ours.told(ours.latest())["correction"]["refused"] == 3


def test_good_rows_are_taken_beside_bad_ones_and_what_is_still_wrong_comes_back(
    school: tuple[Office, uuid.UUID],
) -> None:
    ours, delivery = school
    header, one, two, _ = mended.filled_in(ours.to_mend(delivery, "enrollments"), only_known)
    unchanged = ours.to_mend(delivery, "enrollments")[3]
    two[header.index("classSourcedId")] = "class-still-unknown"
    ours.drop(mended.csv_of([header, one, two, unchanged, one]))
    ours.ingest()
    correction = ours.latest()
    told = ours.told(correction)
    assert (told["state"], told["correction"]["taken"], told["correction"]["left"]) == ("to_mend", 2, 2)
    assert [row["code"] for row in told["not_taken"]] == ["note.correction_unchanged", "note.correction_repeated"]
    assert [(row["record"], row["rules"]) for row in told["rows"]] == [
        ("wrong-b", ["oneroster__enrollments.class_known"])
    ]
    fates = {row["record"]: row["status"] for row in ours.told(delivery)["rows"] if row["table"] == "enrollments"}
    assert fates == {"wrong-a": "closed", "wrong-b": "again", "torn": "open"}

    again = mended.filled_in(ours.to_mend(correction, "enrollments"), only_known)
    ours.drop(mended.csv_of(again))
    ours.ingest()
    second = ours.told(ours.latest())
    assert (second["state"], second["correction"]["taken"]) == ("accepted", 1)
    assert [one["receipt"] for one in second["correction"]["corrects"]] == [str(correction)]
    assert [one["receipt"] for one in ours.told(correction)["corrected_since"]] == [str(ours.latest())]


def test_what_the_agency_has_sent_anew_is_not_overruled(school: tuple[Office, uuid.UUID], tmp_path: Path) -> None:
    ours, delivery = school
    content = mended.csv_of(mended.filled_in(ours.to_mend(delivery, "enrollments"), only_known))
    folder = tmp_path / "bundle"
    enrolments = folder / "enrollments.csv"
    enrolments.write_text(enrolments.read_text(encoding="utf-8").replace("=class-a", "class-1"), encoding="utf-8")
    ours.deliver(folder)
    ours.drop(content)
    ours.ingest()
    told = ours.told(ours.latest())
    assert (told["correction"]["taken"], told["correction"]["overtaken"]) == (3, 1)
    fates = {row["record"]: row["status"] for row in ours.told(delivery)["rows"] if row["table"] == "enrollments"}
    assert fates["wrong-a"] == "overtaken"
    assert ours.statuses()["wrong-a"] == "closed"


def test_an_identity_that_is_filled_in_goes_over_the_edge(
    office: Callable[[str], Office], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong resident id beside a wrong code: the person's key and the vault follow from what was filled in."""
    ours = office("ou-zhejiang")
    planted = people.make(3)
    folder = people.university_folder(tmp_path / "oulad", planted)
    file = folder / "studentInfo.csv"
    text = file.read_text(encoding="utf-8")
    for person in planted[:2]:
        line = next(line for line in text.splitlines() if person.resident_id in line)
        wrong = line.replace(f",{person.sex[0].upper()},", ",X,")
        text = text.replace(line, wrong.replace(person.resident_id, "339901") if person.number == 0 else wrong)
    file.write_text(text, encoding="utf-8")
    delivery = ours.deliver(folder)
    table = ours.to_mend(delivery, "student_info")
    assert not [cell for row in table for person in planted for cell in row if person.resident_id in cell]

    def change(row: Mapping[str, str]) -> Mapping[str, str]:
        person = planted[int(row["id_student"]) - 20_000]
        new = {"gender": person.sex[0].upper()}
        return {**new, "cn_resident_id": person.resident_id} if person.number == 0 else new

    ours.drop(mended.csv_of(mended.filled_in(table, change)))
    ours.ingest()
    told = ours.told(ours.latest())
    assert (told["state"], told["correction"]["taken"]) == ("accepted", 2)
    found = ours.ask(
        "select _record_id, _person_key, _id_status, _version from released.oulad__student_info "
        "where _agency_code = %s order by _record_id",
        ours.agency.agency_code,
    )
    assert [(status, version, key is not None) for _, key, status, version in found] == [
        ("valid", 2, True), ("valid", 2, True), ("valid", 1, True),
    ]  # fmt: skip
    kept = ours.ask(
        "select record_id, subject, sealed, person_key from vault.identity where agency_code = %s and version = 2 "
        "order by record_id",
        ours.agency.agency_code,
    )
    with connect(ours.settings, "flyover_connector") as connection:
        keys = data_keys.known(connection, ours.settings.secrets.vault_master_key, [row[1] for row in kept])
    opened = [json.loads(sealing.unseal(keys[row[1]], row[2], data_keys.context(row[1]))) for row in kept]
    assert [(who["resident_id"], who["full_name"]) for who in opened] == [
        (person.resident_id, person.name) for person in planted[:2]
    ]
    assert [row[3] for row in kept] == [key for _, key, _, version in found if version == 2]
    waiting = ours.ask("select count(*) from quarantine.entry where identifiers is not null")
    assert waiting == [(0,)], "what was filled in waits no longer than for its replay"
    shown = [*desk.written(ours.settings, ours.agency, ours.latest()).values(), caplog.text.encode()]
    stored = ours.ask(
        "select payload::text, mended::text from quarantine.entry where agency_code = %s", ours.agency.agency_code
    )
    for person in planted:
        for value in person.telling.values():
            assert not [text for text in shown if value.encode() in text]
            assert not [text for row in stored for text in row if text and value in text]


def test_a_torn_row_that_is_filled_in_becomes_a_record_with_its_person(
    office: Callable[[str], Office], tmp_path: Path
) -> None:
    ours = office("ou-zhejiang")
    planted = people.make(2)
    folder = people.university_folder(tmp_path / "oulad", planted)
    file = folder / "studentInfo.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines[:2], f"{lines[2]},too,many", ""]), encoding="utf-8")
    delivery = ours.deliver(folder)
    header, row = ours.to_mend(delivery, "student_info")
    shown = dict(zip(header, row, strict=True))
    assert (shown["row"], shown["id_student"], shown["gender"]) == ("3", "20001", "")
    values = dict(zip(lines[0].split(","), lines[2].split(","), strict=True))
    fixed = mended.filled_in([header, row], lambda row: {name: text for name, text in values.items() if name in row})
    ours.drop(mended.workbook_of(fixed), "torn.xlsx")
    ours.ingest()
    assert ours.told(ours.latest())["state"] == "accepted"
    found = ours.ask(
        "select _id_status, _person_key is not null from released.oulad__student_info "
        "where _agency_code = %s and id_student::text = '20001'",
        ours.agency.agency_code,
    )
    assert found == [("valid", True)]
    assert ours.ask(
        "select count(*) from vault.identity where agency_code = %s and record_id like '%%20001'",
        ours.agency.agency_code,
    ) == [(1,)]


@pytest.mark.parametrize("step", ["match", "mend", "commit", "send", "finish"])
def test_killed_at_any_step_the_file_is_taken_once(school: tuple[Office, uuid.UUID], step: str) -> None:
    ours, delivery = school
    content = mended.csv_of(mended.filled_in(ours.to_mend(delivery, "enrollments"), only_known))
    path = ours.drop(content)

    class Killed(BaseException):
        pass

    def die(reached: str) -> None:
        if reached == step:
            raise Killed

    with pytest.raises(Killed):
        corrections.take(ours.settings, ours.agency, path, reached=die)
    assert pull.pending_origins(ours.settings, ours.agency) == [path]
    ours.forward()
    ours.ingest()
    told = ours.told(ours.latest())
    assert (told["state"], told["correction"]["taken"], told["read"]) == ("accepted", 3, 3)
    assert told["books"]["received"] == told["books"]["accepted"] == 3
    assert set(ours.statuses().values()) <= {"closed", "open"}
    assert pull.pending_origins(ours.settings, ours.agency) == []


def test_a_file_that_cannot_be_one_is_refused_and_answered(school: tuple[Office, uuid.UUID], tmp_path: Path) -> None:
    ours, delivery = school
    table = ours.to_mend(delivery, "enrollments")
    place = table[0].index(marks.COLUMN)
    without = [[*row[:place], *row[place + 1 :]] for row in table]
    zipped = pack(tmp_path / "x.zip", {"to-mend.csv": mended.csv_of(table), "orgs.csv": b"sourcedId,name\no1,A\n"})
    for content, name, code in (
        (mended.csv_of(without), "enrollments.csv", "refused.correction_without_codes"),
        (zipped.read_bytes(), "oneroster.zip", "refused.correction_mixed"),
    ):
        path = ours.drop(content, name)
        with pytest.raises(BadInput):
            corrections.take_in(ours.settings, ours.agency, path)
        told = ours.told(ours.latest())
        assert (told["state"], told["refused"]["code"]) == ("refused", code)
        assert pull.pending_origins(ours.settings, ours.agency) == []
    with pytest.raises(BadInput, match="no delivery"):
        pull.pull(ours.settings, ours.agency, mended.write(tmp_path / "enrollments.csv", mended.csv_of(table)))
    deleted = ours.ask(
        "select count(*) from connect.record_state where agency_code = %s and is_deleted", ours.agency.agency_code
    )
    assert deleted == [(0,)]


def test_over_http_a_workbook_is_downloaded_mended_and_handed_in(running: RunningDesk, tmp_path: Path) -> None:
    """By the addresses the desk gives, from the delivery to its correction's receipt."""
    settings, agency = running.settings, desk.known(running.settings, "sch-hangzhou")
    folder = people.school_bundle(tmp_path / "bundle", people.make(4))
    line = (folder / "enrollments.csv").read_text(encoding="utf-8").splitlines()[1]
    people.add_line(folder / "enrollments.csv", line.replace("enrolment-0", "wrong-a").replace("class-1", "class-x"))
    delivery = desk.carry(settings, agency, folder)
    with running.machine(agency.agency_code) as machine:
        place = f"/api/v1/deliveries/{delivery}"
        book = machine.get(f"{place}/to-mend/enrollments.xlsx")
        assert book.content.startswith(b"PK")
        fixed = mended.filled_in(mended.table_of(book.content), only_known)
        taken = machine.post("/api/v1/deliveries", files={"files": ("我的更正.xlsx", mended.workbook_of(fixed))})
        assert taken.status_code == 201, taken.text
        assert machine.get(taken.json()["receipt"]).status_code == 202
        (origin,) = pull.pending_origins(settings, agency)
        corrections.take_in(settings, agency, origin)
        assert machine.get(taken.json()["receipt"]).json()["state"] == "processing"
        producer.publish(settings, source=agency.source)
        sink.drain(settings, sink.topics_of(settings, agency.source))
        judge.judge_ready(settings, agency.source)
        told = machine.get(taken.json()["receipt"]).json()
        assert (told["state"], told["correction"]["taken"]) == ("accepted", 1)
        assert told["correction"]["corrects"][0]["receipt"] == str(delivery)
        newest = machine.get("/api/v1/deliveries").json()["deliveries"][0]
        assert (newest["delivery"], newest["correction"], newest["state"], newest["accepted"]) == (
            told["receipt"], True, "accepted", 1,
        )  # fmt: skip
        page = machine.get(taken.json()["receipt"], params={"format": "html"}).text
        assert "更正回执" in page
        assert machine.get(f"{place}/to-mend/enrollments.xlsx").status_code == 404
        assert machine.get(f"{place}/receipt").json()["corrected_since"][0]["rows"] == 1
