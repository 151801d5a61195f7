from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import sources
from connectors.sources.base import Row
from pipeline.errors import BadInput
from tests.deliveries import FIXTURES, deliver, files_of, make_agency, pack

ENTITIES = {"orgs", "academic_sessions", "courses", "classes", "users", "roles", "enrollments", "demographics"}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")


def test_bundle_gives_every_table_with_its_rows(bundle: Path) -> None:
    delivered = deliver("oneroster", bundle)
    assert set(delivered) == ENTITIES
    assert {entity: len(rows) for entity, rows in delivered.items()} == {
        "orgs": 2,
        "academic_sessions": 2,
        "courses": 1,
        "classes": 1,
        "users": 2,
        "roles": 2,
        "enrollments": 2,
        "demographics": 2,
    }
    assert delivered["enrollments"][0] == Row(
        line=2,
        values={
            "sourcedId": "enr-1",
            "classSourcedId": "class-1",
            "schoolSourcedId": "school-1",
            "userSourcedId": "user-1",
            "role": "student",
            "primary": None,
            "beginDate": "2025-09-01",
            "endDate": "2026-09-01",
        },
    )


def test_extension_columns_lists_quotes_and_line_breaks_arrive_whole(bundle: Path) -> None:
    delivered = deliver("oneroster", bundle)
    assert delivered["orgs"][1].values["metadata.cn.schoolKind"] == "21"
    assert delivered["classes"][0].values["termSourcedIds"] == "term-1,year-2026"
    assert delivered["classes"][0].values["title"] == "一年级 1 班\n（东楼）"
    assert delivered["users"][1].values["username"] == '"teacher"'
    assert delivered["users"][1].values["givenName"] == "红, 女"


def test_dropped_columns_never_leave_the_reader(bundle: Path) -> None:
    delivered = deliver("oneroster", bundle)
    for row in delivered["users"] + delivered["demographics"]:
        assert not {"password", "userIds", "pronouns", "asian", "cityOfBirth"} & set(row.values)
    assert "never-send-this" not in repr(delivered)


@pytest.mark.parametrize("enclosing", ["", "export/"])
def test_zip_reads_like_the_folder(bundle: Path, tmp_path: Path, enclosing: str) -> None:
    content = {enclosing + name: text for name, text in files_of(bundle).items()}
    assert deliver("oneroster", pack(tmp_path / "b.zip", content)) == deliver("oneroster", bundle)


def test_clutter_of_packing_programs_is_passed_over(bundle: Path, tmp_path: Path) -> None:
    clutter = {"__MACOSX/._orgs.csv": b"\0", ".DS_Store": b"\0"}
    packed = pack(tmp_path / "b.zip", {**files_of(bundle), **clutter})
    assert set(deliver("oneroster", packed)) == ENTITIES


def test_columns_are_found_by_name_in_any_order_and_unknown_ones_are_ignored(bundle: Path) -> None:
    (bundle / "roles.csv").write_text(
        "role,extra,orgSourcedId,sourcedId,roleType,userSourcedId,,\nstudent,?,school-1,r,primary,user-1,,\n"
    )
    (row,) = deliver("oneroster", bundle)["roles"]
    assert row.values["sourcedId"] == "r"
    assert row.values["beginDate"] is None
    assert "extra" not in row.values


def test_file_with_one_column_of_ours_is_read(bundle: Path) -> None:
    (bundle / "demographics.csv").write_text("sourcedId\nuser-1\n")
    (row,) = deliver("oneroster", bundle)["demographics"]
    assert row.values == {"sourcedId": "user-1", "birthDate": None, "sex": None}


def test_version_1p1_has_its_own_columns_and_spellings() -> None:
    delivered = deliver("oneroster", FIXTURES / "oneroster" / "bulk_1p1")
    assert set(delivered) == {"orgs", "users", "demographics"}
    assert delivered["users"][0].values["orgSourcedIds"] == "school-1,school-2"
    assert delivered["users"][0].values["role"] == "student"
    assert delivered["users"][0].values["enabledUser"] == "true"
    assert delivered["demographics"][0].values["sourcedId"] == "user-1"
    assert delivered["demographics"][0].values["birthDate"] == "2012-03-15"


def test_delta_tells_deletes_and_readable_times() -> None:
    rows = deliver("oneroster", FIXTURES / "oneroster" / "delta_1p2")["enrollments"]
    assert [(row.deleted, row.modified_at) for row in rows] == [(True, "2026-01-05T08:00:00+00:00"), (False, None)]


def test_modes_come_from_the_manifest_and_the_agency(bundle: Path) -> None:
    reader = sources.load("oneroster")
    with reader.open(bundle, make_agency("oneroster")) as tables:
        assert {table.mode for table in tables} == {"bulk"}
    with reader.open(bundle, make_agency("oneroster", mode="append")) as tables:
        assert {table.mode for table in tables} == {"append"}
    with reader.open(FIXTURES / "oneroster" / "delta_1p2", make_agency("oneroster")) as tables:
        assert {table.mode for table in tables} == {"delta"}


def test_rows_can_be_read_twice(bundle: Path, tmp_path: Path) -> None:
    packed = pack(tmp_path / "b.zip", files_of(bundle))
    with sources.load("oneroster").open(packed, make_agency("oneroster")) as tables:
        assert [list(table.rows()) for table in tables] == [list(table.rows()) for table in tables]


Spoiler = Callable[[Path], object]


def remove(name: str) -> Spoiler:
    return lambda bundle: (bundle / name).unlink()


def write(name: str, text: str) -> Spoiler:
    return lambda bundle: (bundle / name).write_text(text)


def change(name: str, old: str, new: str) -> Spoiler:
    return lambda bundle: edit(bundle / name, old, new)


@pytest.mark.parametrize(
    ("spoil", "file", "words"),
    [
        (remove("orgs.csv"), "bundle", "declares orgs.csv as bulk, but it is not there"),
        (
            change("manifest.csv", "file.orgs,bulk", "file.orgs,absent"),
            "bundle/orgs.csv",
            "does not declare this file",
        ),
        (change("manifest.csv", "file.orgs,bulk\n", ""), "bundle/orgs.csv", "does not declare this file"),
        (
            write("results.csv", "sourcedId\n1\n"),
            "bundle/results.csv",
            "does not declare this file",
        ),
        (change("manifest.csv", "file.orgs,bulk", "file.orgs,full"), "manifest.csv", "absent, bulk or delta"),
        (change("manifest.csv", "oneroster.version,1.2", "oneroster.version,2.0"), "manifest.csv", "'2.0'"),
        (change("manifest.csv", "manifest.version,1.0\n", ""), "manifest.csv", "manifest.version is not given"),
        (change("manifest.csv", "propertyName,value", "name,value"), "manifest.csv", "propertyName,value"),
        (
            change("manifest.csv", "file.orgs,bulk", "file.orgs,bulk,really"),
            "manifest.csv",
            "not a name and a value",
        ),
        (write("manifest.csv", ""), "manifest.csv", "the file is empty"),
        (change("users.csv", "familyName", "surname"), "bundle/users.csv", "the column familyName is missing"),
        (change("users.csv", "userIds", "username"), "bundle/users.csv", "the column username is there twice"),
        (write("roles.csv", ""), "bundle/roles.csv", "the file is empty"),
        (write("roles.csv", "sourcedId;roleType;role\n1;2;3\n"), "bundle/roles.csv", "the columns userSourcedId"),
        (change("orgs.csv", "sourcedId", '"sourcedId'), "bundle/orgs.csv", "quotation mark in the header"),
    ],
)
def test_package_that_cannot_be_used_is_refused_in_one_sentence(
    bundle: Path, spoil: Spoiler, file: str, words: str
) -> None:
    spoil(bundle)
    with pytest.raises(BadInput) as refusal:
        deliver("oneroster", bundle)
    sentence = str(refusal.value)
    assert sentence.startswith("test-oneroster (oneroster): ")
    assert file in sentence
    assert words in sentence
    assert refusal.value.exit_code == 2
    assert "\n" not in sentence


def test_delta_file_without_status_column_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FIXTURES / "oneroster" / "delta_1p2", tmp_path / "d"))
    edit(folder / "enrollments.csv", "sourcedId,status", "sourcedId,state")
    with pytest.raises(BadInput, match=r"d/enrollments\.csv, line 1: the column status is missing"):
        deliver("oneroster", folder)


def test_marks_arrive_without_the_remarks_about_pupils() -> None:
    delivered = deliver("oneroster", FIXTURES / "oneroster" / "gradebook_1p2", tolerance="strict")
    assert delivered["categories"][0].values == {"sourcedId": "cat-1", "title": "单元测验", "weight": "40"}
    assert delivered["line_items"][0].values["academicSessionSourcedId"] == "term-1"
    first, second = delivered["results"]
    assert (first.values["score"], first.values["scoreStatus"]) == ("87.5", "fully graded")
    assert (second.values["score"], second.values["late"]) == (None, None)
    assert "never send this remark" not in repr(delivered)
    assert "闭卷" not in repr(delivered)
