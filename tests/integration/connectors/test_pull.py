"""From an agency's file to the outbox: whole or not at all, once, with the original kept sealed."""

import dataclasses
import datetime as dt
import functools
import hashlib
import logging
import os
import shutil
import uuid
from pathlib import Path

import pytest

from connectors import intake, pull
from connectors.registry import Agency
from connectors.sources.base import Rejected, Repair, Table
from pipeline import db
from pipeline.errors import BadInput, SystemTrouble
from pipeline.settings import Settings
from tests.deliveries import FIXTURES, files_of, make_agency, pack
from tests.staged import HandedSource, count, lines, new_agency, org, short, table

BUNDLE = FIXTURES / "oneroster" / "bulk_1p2"
PEOPLE = ("339901201203150019", "339902196002290034", "小明", "a@example.com", "13000000000", "never-send-this")


@pytest.fixture
def agency() -> Agency:
    return new_agency()


@pytest.fixture
def drop(settings: Settings, agency: Agency) -> Path:
    folder = settings.drop_dir / agency.agency_code
    folder.mkdir(parents=True)
    return folder


def deliveries(settings: Settings, agency: Agency) -> int:
    return count(settings, "select count(*) from connect.delivery where agency_code = %s", agency.agency_code)


def originals(settings: Settings, agency: Agency) -> list[Path]:
    return list((settings.intake_dir / agency.agency_code).glob("*"))


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_oneroster_bundle_is_staged_whole(settings: Settings, agency: Agency, tmp_path: Path, form: str) -> None:
    origin = BUNDLE if form == "folder" else pack(tmp_path / "bundle.zip", files_of(BUNDLE))
    told: list[int] = []
    found = pull.pull(settings, agency, origin, progress=told.append)
    assert {batch.entity: batch.expected_rows for batch in found.batches} == {
        "academic_sessions": 2,
        "classes": 1,
        "courses": 1,
        "demographics": 2,
        "enrollments": 2,
        "orgs": 2,
        "roles": 2,
        "users": 2,
    }
    assert (found.read_rows, told[-1]) == (14, 14)
    travelling = b"".join(line.data or b"" for batch in found.batches for line in lines(settings, found, batch.entity))
    assert not any(value.encode() in travelling for value in PEOPLE)
    assert pull.pull(settings, agency, origin).batches == ()


@pytest.mark.parametrize(("source", "folder"), [("oulad", "seven_tables"), ("census", "population_by_age")])
def test_the_other_sources_are_staged_too(settings: Settings, source: str, folder: str) -> None:
    agency = make_agency(source, agency_code=new_agency().agency_code)
    found = pull.pull(settings, agency, FIXTURES / source / folder)
    assert found.batches
    assert sum(batch.expected_rows for batch in found.batches) == found.read_rows


def test_the_original_is_kept_sealed_and_the_look_at_it_is_logged(
    settings: Settings, agency: Agency, tmp_path: Path
) -> None:
    found = pull.pull(settings, agency, BUNDLE)
    (kept,) = originals(settings, agency)
    assert "小明".encode() not in kept.read_bytes()
    intake.restore(settings, agency.agency_code, found.delivery_id, tmp_path, why="a test")
    assert files_of(tmp_path / BUNDLE.name) == files_of(BUNDLE)
    with db.connect(settings, "engineer") as engineer:
        logged = engineer.execute(
            "select action, actor from audit.entry where object = %s order by entry_id",
            (f"delivery {found.delivery_id}",),
        ).fetchall()
    assert logged == [("intake.stored", "flyover_connector"), ("intake.opened", "flyover_connector")]


def test_a_pull_lets_originals_go_whose_retention_has_ended(settings: Settings, agency: Agency) -> None:
    pull.pull(settings, agency, BUNDLE)
    (old,) = originals(settings, agency)
    long_ago = dt.datetime.now(dt.UTC).timestamp() - (intake.RETENTION_DAYS + 1) * 86_400
    os.utime(old, (long_ago, long_ago))
    pull.pull(settings, new_agency(), BUNDLE)
    assert originals(settings, agency) == []


def test_a_stage_run_tells_how_many_rows_were_read(settings: Settings, agency: Agency) -> None:
    pull.pull(settings, agency, BUNDLE)
    with db.connect(settings, "engineer") as engineer:
        runs = engineer.execute(
            "select stage, source, rows from quality.stage_run where agency_code = %s", (agency.agency_code,)
        ).fetchall()
    assert runs == [("pull", "oneroster", 14)]


def refused(settings: Settings, agency: Agency, origin: Path) -> str:
    with pytest.raises(BadInput) as error:
        pull.pull(settings, agency, origin)
    assert deliveries(settings, agency) == 0
    assert originals(settings, agency) == []
    assert error.value.exit_code == 2
    return str(error.value)


def test_a_file_that_is_not_there_is_one_clear_sentence(settings: Settings, agency: Agency, tmp_path: Path) -> None:
    said = refused(settings, agency, tmp_path / "november.zip")
    assert said == f"{agency.agency_code} (oneroster): november.zip: is not there. Check the path."


def test_a_bundle_with_a_wrong_header_leaves_nothing(settings: Settings, agency: Agency, tmp_path: Path) -> None:
    files = files_of(BUNDLE)
    files["users.csv"] = files["users.csv"].replace(b"sourcedId", b"id", 1)
    said = refused(settings, agency, pack(tmp_path / "bundle.zip", files))
    assert "users.csv" in said
    assert agency.agency_code in said


def test_what_shows_only_in_the_last_rows_leaves_nothing_either(
    settings: Settings, agency: Agency, tmp_path: Path
) -> None:
    files = files_of(BUNDLE)
    files["users.csv"] += "user-9,,,true,学生".encode("gb18030") + b"\n"
    strict = dataclasses.replace(agency, tolerance="strict")
    said = refused(settings, strict, pack(tmp_path / "bundle.zip", files))
    assert "users.csv" in said
    assert "line 4" in said


def test_a_torn_zip_leaves_nothing(settings: Settings, agency: Agency, tmp_path: Path) -> None:
    whole = pack(tmp_path / "bundle.zip", files_of(BUNDLE)).read_bytes()
    (tmp_path / "bundle.zip").write_bytes(whole[: len(whole) // 2])
    refused(settings, agency, tmp_path / "bundle.zip")


def test_a_wrong_bundle_is_refused_once_and_a_mended_one_is_taken(
    settings: Settings, agency: Agency, drop: Path
) -> None:
    (drop / "bundle.zip").write_bytes(b"PK no zip")
    with pytest.raises(BadInput):
        pull.pull(settings, agency, drop / "bundle.zip")
    assert pull.pending_origins(settings, agency) == []
    with db.connect(settings, "engineer") as engineer:
        told = engineer.execute(
            "select origin, code, file, problem from connect.refusal where agency_code = %s", (agency.agency_code,)
        ).fetchall()
    assert [(origin, code.partition(".")[0], file) for origin, code, file, _ in told] == [
        ("bundle.zip", "refused", "bundle.zip")
    ]
    pack(drop / "bundle.zip", files_of(BUNDLE))
    pull.pull(settings, agency, drop / "bundle.zip")
    assert pull.pending_origins(settings, agency) == []


def test_a_row_is_found_again_in_its_file_and_repairs_are_counted(
    settings: Settings, agency: Agency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guessed, noted = Repair("repair.test", "name"), Repair("note.test", file="others.csv", rows=7)
    rows = [
        org(1)._replace(line=4, part="Sheet1", repairs=(guessed,)),
        Rejected(5, "x", "reader.ragged_row", None, field="name", part="339901201203150019.csv"),
        org(2)._replace(line=6, repairs=(guessed,)),
    ]
    source = HandedSource(Table("orgs", "bulk", lambda: iter(rows), file="orgs.csv", repairs=(noted,)))
    monkeypatch.setattr(pull.sources, "load", lambda name: source)
    found = pull.pull(settings, agency, pack(tmp_path / "bundle.zip", files_of(BUNDLE)))
    with db.connect(settings, "engineer") as engineer:
        where = engineer.execute(
            "select b.file, o.line, o.part, o.field from connect.outbox as o inner join connect.batch as b "
            "on b.batch_id = o.batch_id where b.delivery_id = %s order by o.batch_seq",
            (found.delivery_id,),
        ).fetchall()
        repaired = engineer.execute(
            "select entity, file, code, field, rows, first_line from connect.repair where delivery_id = %s order by 3",
            (found.delivery_id,),
        ).fetchall()
    assert where[0] == ("orgs.csv", 4, "Sheet1", None)
    assert where[1][1:2] + where[1][3:] == (5, "name")
    assert "339901201203150019" not in where[1][2]
    assert repaired == [
        ("orgs", "others.csv", "note.test", None, 7, None),
        ("orgs", "orgs.csv", "repair.test", "name", 2, 4),
    ]


def test_pending_is_what_was_not_staged_under_its_name_with_its_content(
    settings: Settings, agency: Agency, drop: Path
) -> None:
    for name in ("2026-10", "2026-09", "2026-11"):
        shutil.copytree(BUNDLE, drop / name)
    for passed_over in (".hidden", "arriving.zip.part"):
        (drop / passed_over).write_text("x")
    (drop / "link").symlink_to(BUNDLE)
    assert [p.name for p in pull.pending_origins(settings, agency)] == ["2026-09", "2026-10", "2026-11"]
    pull.pull(settings, agency, drop / "2026-09")
    assert [p.name for p in pull.pending_origins(settings, agency)] == ["2026-10", "2026-11"]
    with (drop / "2026-09" / "orgs.csv").open("a") as orgs:
        orgs.write("school-9,,,新校,school,,,,,,,\n")
    assert [p.name for p in pull.pending_origins(settings, agency)] == ["2026-09", "2026-10", "2026-11"]


def test_an_agency_without_a_drop_folder_has_nothing_pending(settings: Settings, agency: Agency) -> None:
    assert pull.pending_origins(settings, agency) == []


def test_what_is_pending_for_one_agency_is_not_known_from_another(
    settings: Settings, agency: Agency, drop: Path
) -> None:
    shutil.copytree(BUNDLE, drop / "same")
    pull.pull(settings, new_agency(), drop / "same")
    assert pull.pending_origins(settings, agency) == [drop / "same"]


def test_a_name_that_holds_a_resident_id_is_not_written_down(settings: Settings, agency: Agency, drop: Path) -> None:
    shutil.copytree(BUNDLE, drop / f"export-{PEOPLE[0]}")
    pull.pull(settings, agency, drop / f"export-{PEOPLE[0]}")
    assert pull.pending_origins(settings, agency) == []
    told = "select count(*) from connect.delivery where origin like %s"
    assert count(settings, told, f"%{PEOPLE[0]}%") == 0


def test_the_database_going_away_in_the_middle_is_waited_out(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The server cuts the connection while rows are read; the delivery is staged again from its start."""
    cuts = [True]

    def rows():  # type: ignore[no-untyped-def]
        yield org(1)
        if cuts:
            cuts.pop()
            with db.connect(settings, "flyover_connector") as other:
                other.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where datname = current_database() and usename = current_user and pid <> pg_backend_pid()"
                )
        yield from (org(n, "长" * 200) for n in range(2, 2_000))

    handed = dataclasses.replace(table("orgs"), rows=rows)
    monkeypatch.setattr(pull.sources, "load", lambda name: HandedSource(handed))
    with caplog.at_level(logging.WARNING):
        found = pull.pull(settings, agency, BUNDLE)
    assert "nothing is lost" in caplog.text
    assert (found.read_rows, found.batches[0].expected_rows) == (1_999, 1_999)
    assert deliveries(settings, agency) == 1


def test_a_database_that_stays_away_is_a_system_trouble_and_leaves_nothing(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (pull, intake):
        monkeypatch.setattr(module, "patiently", functools.partial(db.patiently, patience_s=1.0))
    away = dataclasses.replace(settings, pg_port=1)
    with pytest.raises(SystemTrouble):
        pull.pull(away, agency, BUNDLE)
    assert originals(settings, agency) == []


def test_a_ragged_row_travels_sealed_and_counts(settings: Settings, agency: Agency, tmp_path: Path) -> None:
    files = files_of(BUNDLE)
    files["users.csv"] += f"user-3,,,true,{PEOPLE[0]}\n".encode()
    found = pull.pull(settings, agency, pack(tmp_path / "bundle.zip", files))
    (batch,) = (b for b in found.batches if b.entity == "users")
    assert (batch.expected_rows, batch.rejected_rows, batch.deletes_held) == (3, 1, False)
    last = lines(settings, found, "users")[-1]
    assert (last.op, last.reason, last.record_id, last.data) == ("rejected", "reader.ragged_row", "user-3", None)
    assert PEOPLE[0].encode() not in (last.sealed or b"")


def test_a_rejected_row_is_published_with_each_delivery_that_holds_it(
    settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = table("orgs", org(1), Rejected(3, "?", "reader.ragged_row", None))
    monkeypatch.setattr(pull.sources, "load", lambda name: HandedSource(handed))
    found = [short(settings, pull.pull(settings, agency, BUNDLE)) for _ in range(2)]
    assert [op for _, _, op in found[0]] == ["upsert", "rejected"]
    assert [op for _, _, op in found[1]] == ["rejected"]
    assert found[0][1] == found[1][0]


def test_the_fingerprint_of_a_file_is_its_sha256(settings: Settings, agency: Agency, tmp_path: Path) -> None:
    origin = pack(tmp_path / f"{uuid.uuid4()}.zip", files_of(BUNDLE))
    pull.pull(settings, agency, origin)
    query = "select count(*) from connect.delivery where content_sha256 = %s and agency_code = %s"
    assert count(settings, query, hashlib.sha256(origin.read_bytes()).digest(), agency.agency_code) == 1
