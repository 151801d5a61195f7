"""What senders do otherwise than the standard: repaired and named to the lenient, refused with a code to the strict."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import sources
from connectors.sources.base import Rejected, Row, Table
from connectors.sources.oneroster_standard import files
from connectors.sources.oneroster_values import date, order_of
from pipeline.errors import BadInput
from tests.deliveries import FIXTURES, deliver, files_of, make_agency, pack

STRICT = {"tolerance": "strict"}
BOM = "﻿"
Spoiler = Callable[[Path], object]


def edit(name: str, old: str, new: str) -> Spoiler:
    def spoil(bundle: Path) -> None:
        text = (bundle / name).read_text(encoding="utf-8")
        assert old in text
        (bundle / name).write_text(text.replace(old, new), encoding="utf-8", newline="")

    return spoil


def write(name: str, text: str) -> Spoiler:
    return lambda bundle: (bundle / name).write_text(text, encoding="utf-8")


def declared(name: str, mode: str, text: str) -> Spoiler:
    """A file of our own, declared as it should be."""

    def spoil(bundle: Path) -> None:
        manifest = bundle / "manifest.csv"
        lines = manifest.read_text(encoding="utf-8").splitlines()
        lines = [f"file.{name},{mode}" if line.startswith(f"file.{name},") else line for line in lines]
        manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
        (bundle / f"{name}.csv").write_text(text, encoding="utf-8")

    return spoil


def told(tables: list[Table]) -> Counter[tuple[str, str | None, str | None]]:
    """(code, field, file) of everything the sender is told, with the number of rows."""
    found: Counter[tuple[str, str | None, str | None]] = Counter()
    for table in tables:
        of_rows = [repair for row in table.rows() if isinstance(row, Row) for repair in row.repairs]
        for repair in (*table.repairs, *of_rows):
            found[repair.code, repair.field, repair.file or table.file] += repair.rows
    return found


def tell(origin: Path, **changes: object) -> Counter[tuple[str, str | None, str | None]]:
    with sources.load("oneroster").open(origin, make_agency("oneroster", **changes)) as tables:
        return told(list(tables))


def test_a_package_as_the_standard_has_it_is_told_nothing_and_strictly_taken(bundle: Path) -> None:
    assert tell(bundle) == {}
    assert deliver("oneroster", bundle, **STRICT) == deliver("oneroster", bundle)


DEVIATIONS: list[tuple[str, Spoiler, str, str | None, str | None, int]] = [
    # name, what is done to the package, code without its kind, field, file, rows
    ("no manifest", lambda b: (b / "manifest.csv").unlink(), "no_manifest", None, "manifest.csv", 1),
    ("version with patch", edit("manifest.csv", "oneroster.version,1.2", "oneroster.version,1.2.1"), "manifest", None,
     "manifest.csv", 1),
    ("Bulk", edit("manifest.csv", "file.orgs,bulk", "file.orgs,Bulk"), "manifest", None, "manifest.csv", 1),
    ("file unmentioned", edit("manifest.csv", "file.results,absent\n", ""), "manifest", None, "manifest.csv", 1),
    ("name in another case", lambda b: (b / "orgs.csv").rename(b / "Orgs.CSV"), "file_name", None, "Orgs.CSV", 1),
    ("unknown file", write("notes.csv", "a\n1\n"), "unknown_file", None, "notes.csv", 1),
    ("header only", write("roles.csv", "sourcedId,userSourcedId,roleType,role,orgSourcedId\n"), "no_rows", None,
     "roles.csv", 1),
    ("header only, blank lines", write("roles.csv", "sourcedId,userSourcedId\n\n\n"), "no_rows", None, "roles.csv", 1),
    ("misspelt", edit("users.csv", "preferredGivenName", "prefferedGivenName"), "header", "preferredGivenName",
     "users.csv", 1),
    ("time misspelt", edit("orgs.csv", "dateLastModified", "dataLastModified"), "header", "dateLastModified",
     "orgs.csv", 1),
    ("birthdate", edit("demographics.csv", "birthDate", "birthdate"), "header", "birthDate", "demographics.csv", 1),
    ("userSourcedId", edit("demographics.csv", BOM + "sourcedId", "userSourcedId"), "header", "sourcedId",
     "demographics.csv", 1),
    ("another case", edit("orgs.csv", "parentSourcedId", "ParentSourcedID"), "header", "parentSourcedId",
     "orgs.csv", 1),
    ("surplus commas", write("roles.csv", "sourcedId,userSourcedId,roleType,role,orgSourcedId,,\n"
     "r,user-1,primary,student,school-1,,\n"), "empty_columns", None, "roles.csv", 2),
    ("out of order", write("roles.csv", "userSourcedId,sourcedId,roleType,role,orgSourcedId\n"
     "user-1,r,primary,student,school-1\n"), "column_order", None, "roles.csv", 1),
    ("own column in the middle", write("roles.csv", "sourcedId,metadata.x,userSourcedId,roleType,role,orgSourcedId\n"
     "r,?,user-1,primary,student,school-1\n"), "column_order", None, "roles.csv", 1),
    ("unknown column", write("roles.csv", "sourcedId,userSourcedId,roleType,role,orgSourcedId,colour\n"
     "r,user-1,primary,student,school-1,red\n"), "unknown_columns", None, "roles.csv", 1),
    ("column missing", write("classes.csv", "sourcedId,title,courseSourcedId,schoolSourcedId,termSourcedIds\n"
     "class-1,一班,course-1,school-1,term-1\n"), "column_missing", "classType", "classes.csv", 1),
    ("Scheduled", edit("classes.csv", "homeroom", "Homeroom"), "word", "classType", "classes.csv", 1),
    ("TRUE", edit("users.csv", "true", "TRUE"), "word", "enabledUser", "users.csv", 1),
    ("slashes", edit("enrollments.csv", "2025-09-01", "2025/9/1"), "date", "beginDate", "enrollments.csv", 1),
    ("eight digits", edit("enrollments.csv", "2025-09-01", "20250901"), "date", "beginDate", "enrollments.csv", 1),
    ("midnight", edit("enrollments.csv", "2025-09-01", "2025-09-01T00:00:00.000Z"), "date", "beginDate",
     "enrollments.csv", 1),
    ("bulk with status", write("orgs.csv", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,active,,甲校,school\n"), "only_in_delta", "status", "orgs.csv", 1),
    ("bulk with time", write("orgs.csv", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,,2026-01-05T08:00:00Z,甲校,school\n"), "only_in_delta", "dateLastModified", "orgs.csv", 1),
    ("delta without status", declared("orgs", "delta", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,,2026-01-05T08:00:00Z,甲校,school\n"), "status_missing", "status", "orgs.csv", 1),
    ("delta without time", declared("orgs", "delta", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,active,,甲校,school\n"), "status_missing", "dateLastModified", "orgs.csv", 1),
    ("inactive", declared("orgs", "delta", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,inactive,2026-01-05T08:00:00Z,甲校,school\n"), "status_inactive", "status", "orgs.csv", 1),
    ("ToBeDeleted", declared("orgs", "delta", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,ToBeDeleted,2026-01-05T08:00:00Z,甲校,school\n"), "word", "status", "orgs.csv", 1),
    ("bare date", declared("orgs", "delta", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,active,2026-01-05,甲校,school\n"), "time", "dateLastModified", "orgs.csv", 1),
    ("no offset", declared("orgs", "delta", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,active,2026-01-05T08:00:00,甲校,school\n"), "time", "dateLastModified", "orgs.csv", 1),
    ("day or month", declared("orgs", "delta", "sourcedId,status,dateLastModified,name,type\n"
     "school-1,active,1/05/2023,甲校,school\n"), "time_unclear", "dateLastModified", "orgs.csv", 1),
    ("cells missing in a file not kept", declared("resources", "bulk", "sourcedId,status,dateLastModified,"
     "vendorResourceId\nres-1,,,\nres-2,,,v\n"), "cells_missing", "vendorResourceId", "resources.csv", 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "code", "field", "file", "rows"),
    [case[1:] for case in DEVIATIONS],
    ids=[case[0] for case in DEVIATIONS],
)
def test_each_deviation_is_named_to_a_lenient_agency_and_refused_to_a_strict_one(
    bundle: Path, spoil: Spoiler, code: str, field: str | None, file: str, rows: int
) -> None:
    spoil(bundle)
    kind = (
        "note"
        if code in ("unknown_file", "unknown_columns", "column_missing", "cells_missing", "time_unclear")
        else "repair"
    )
    told_as = "repair.header_name" if code == "header" else f"{kind}.oneroster_{code}"
    assert tell(bundle)[told_as, field, file] == rows
    with pytest.raises(BadInput) as refusal:
        deliver("oneroster", bundle, **STRICT)
    general = {"no_rows": "refused.no_rows", "column_missing": "refused.missing_column"}
    assert refusal.value.code == general.get(code, f"refused.oneroster_{code.removesuffix('_unclear')}")
    assert refusal.value.advice


def test_an_enclosing_folder_is_named_or_refused(bundle: Path, tmp_path: Path) -> None:
    nested = pack(tmp_path / "n.zip", {f"x/{name}": text for name, text in files_of(bundle).items()})
    assert tell(nested)["repair.enclosing_folder", None, "orgs.csv"] == 1
    with pytest.raises(BadInput, match=r"n\.zip: the files lie in a folder") as refusal:
        deliver("oneroster", nested, **STRICT)
    assert refusal.value.code == "refused.oneroster_enclosing_folder"


def test_a_header_without_rows_deletes_nothing(bundle: Path) -> None:
    write("orgs.csv", "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n")(bundle)
    assert "orgs" not in deliver("oneroster", bundle)


def test_without_manifest_only_what_is_there_is_spoken_of(bundle: Path) -> None:
    (bundle / "manifest.csv").unlink()
    (bundle / "roles.csv").unlink()
    assert "roles" not in deliver("oneroster", bundle)
    for path in bundle.iterdir():
        path.rename(path.with_suffix(".txt"))
    with pytest.raises(BadInput, match="none of its files is one of OneRoster's") as refusal:
        deliver("oneroster", bundle)
    assert refusal.value.code == "refused.oneroster_no_files"


def test_version_1p0_may_say_inactive_and_fill_in_status(bundle: Path) -> None:
    (bundle / "manifest.csv").unlink()
    text = (
        "sourcedId,status,dateLastModified,name,type\na,active,2026-01-05T08:00:00Z,甲,school\nb,inactive,,乙,school\n"
    )
    write("orgs.csv", text)(bundle)
    assert [row.deleted for row in deliver("oneroster", bundle)["orgs"]] == [False, True]
    assert {key for key in tell(bundle) if key[2] != "users.csv"} == {
        ("repair.oneroster_no_manifest", None, "manifest.csv")
    }


def test_a_status_no_one_knows_sets_the_row_aside_with_its_field(bundle: Path) -> None:
    text = 'sourcedId,status,dateLastModified,name,type\na,withdrawn,,"甲,一",school\nb,,,乙,school\n'
    write("orgs.csv", text)(bundle)
    aside, kept = deliver("oneroster", bundle)["orgs"]
    assert aside == Rejected(2, 'a,withdrawn,,"甲,一",school\r\n', "reader.oneroster_status", "a", "status")
    assert kept.values["sourcedId"] == "b"


@pytest.mark.parametrize(
    ("other", "expected"),
    [("25/12/2022", "2023-05-01"), ("12/25/2022", "2023-01-05"), ("2/2/2022", None), ("1/1/22", None)],
)
def test_day_and_month_are_told_apart_by_the_files_other_rows(bundle: Path, other: str, expected: str | None) -> None:
    text = (
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
        f"e1,,,class-1,school-1,user-1,student,,1/05/2023,\ne2,,,class-1,school-1,user-1,student,,{other},\n"
    )
    write("enrollments.csv", text)(bundle)
    first = deliver("oneroster", bundle)["enrollments"][0]
    assert first.values["beginDate"] == (expected or "1/05/2023")
    assert len(first.repairs) == (expected is not None)


def test_dates_that_contradict_each_other_decide_nothing() -> None:
    assert order_of(["25/12/2022", "12/25/2022"]) is None
    assert order_of(["25/12/2022 10:00", "31.1.2022"]) == "day first"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-30", None),
        ("2026-2-3", "2026-02-03"),
        ("2026.02.03", "2026-02-03"),
        ("2026-02/03", None),
        ("3/3/2026", "2026-03-03"),
        ("31/01/2026", "2026-01-31"),
        ("01/31/2026", "2026-01-31"),
        ("31/31/2026", None),
        ("2026-02-03T16:00:00Z", None),
        ("2026-02-03 00:00:00", "2026-02-03"),
        ("2026-02-03T00:00:00+08:00", "2026-02-03"),
        ("202623", None),
        ("46054", None),
        ("", None),
    ],
)
def test_a_date_is_repaired_only_where_it_can_mean_one_day(text: str, expected: str | None) -> None:
    assert date(text, lambda: None) == expected


def test_files_not_kept_are_read_counted_and_told_to_their_sender(bundle: Path) -> None:
    profiles = (
        "sourcedId,status,dateLastModified,userSourcedId,profileType,vendorId,applicationId,description,"
        "credentialType,username,password\np1,,,user-1,a,v,,,c,xiaoming,never-send-this\np2,,,user-2,a,v,,,c,hong,x\n"
    )
    declared("userProfiles", "bulk", profiles)(bundle)
    assert tell(bundle) == {("note.not_kept", None, "userProfiles.csv"): 2}
    assert tell(bundle, **STRICT) == {("note.not_kept", None, "userProfiles.csv"): 2}
    assert "never-send-this" not in repr(deliver("oneroster", bundle))
    write("userProfiles.csv", profiles.replace("profileType", "profileType,profileType"))(bundle)
    with pytest.raises(BadInput, match="there twice") as refusal:
        deliver("oneroster", bundle)
    assert refusal.value.code == "refused.doubled_column"


def test_every_file_of_the_standard_is_kept_or_counted(tmp_path: Path) -> None:
    """One row a file, filled as its columns demand."""
    filled = {"date": "2026-01-05", "year": "2026", "boolean": "true", "number": "1", "enum": None}
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n"
    for name, file in files().items():
        columns = [column for column in file.columns if column.is_known_in("1.2")]
        cells = ["" if column.in_delta_only else filled.get(column.kind, "x") or column.values[0] for column in columns]
        text = ",".join(column.name for column in columns) + "\n" + ",".join(cells) + "\n"
        (tmp_path / f"{name}.csv").write_text(text)
        manifest += f"file.{name},bulk\n"
    (tmp_path / "manifest.csv").write_text(manifest)
    kept = deliver("oneroster", tmp_path, **STRICT)
    assert len(kept) == 11
    assert all(len(rows) == 1 for rows in kept.values())
    notes = tell(tmp_path, **STRICT)
    assert set(notes) == {("note.not_kept", None, f"{name}.csv") for name in files()} - {
        ("note.not_kept", None, f"{name}.csv") for name in (
            "orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments", "demographics",
            "categories", "lineItems", "results",
        )
    }  # fmt: skip


def test_columns_without_resources_of_1p2p1_read_like_those_of_1p2p0(bundle: Path) -> None:
    before = deliver("oneroster", bundle, **STRICT)["users"]
    with (bundle / "users.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    at = rows[0].index("resourceSourcedIds")
    assert at < rows[0].index("preferredGivenName")
    with (bundle / "users.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*row[:at], *row[at + 1 :]] for row in rows)
    assert deliver("oneroster", bundle, **STRICT)["users"] == before


def test_line_items_of_1p1_count_in_a_grading_period(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FIXTURES / "oneroster" / "bulk_1p1", tmp_path / "d"))
    declared("lineItems", "bulk", "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,"
        "classSourcedId,categorySourcedId,gradingPeriodSourcedId,resultValueMin,resultValueMax\n"
        "l1,,,测验,,2026-01-05,2026-01-06,class-1,cat-1,gp-1,0,100\n")(folder)  # fmt: skip
    (row,) = deliver("oneroster", folder)["line_items"]
    assert row.values["academicSessionSourcedId"] == "gp-1"
    assert row.values["schoolSourcedId"] is None
    assert not [key for key in tell(folder) if key[2] == "lineItems.csv"]


SDS = {
    "orgs.csv": "sourcedId,name,type,parentSourcedId\ns1,甲校,school,\n",
    "classes.csv": "sourcedId,orgSourcedId,title\nc1,s1,一班\n",
    "users.csv": "sourcedId,orgSourcedIds,givenName,familyName,username,password,role,grade\n"
    "u1,s1,明,王,m,P@ss,Student,6\n",
    "enrollments.csv": "classSourcedId,userSourcedId,role\nc1,u1,Student\nc9,u1,Teacher\n,u1,Student\n",
    "roles.csv": "userSourcedId,orgSourcedId,role,isPrimary,roleStartDate\nu1,s1,student,TRUE,2025-09-01\n",
}


def test_school_data_sync_is_read_by_what_its_columns_mean(tmp_path: Path) -> None:
    for name, text in SDS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    delivered = deliver("oneroster", tmp_path)
    first, elsewhere, unnamed = delivered["enrollments"]
    assert first.values["sourcedId"] == "c1/u1/student"
    assert (first.values["schoolSourcedId"], first.values["role"]) == ("s1", "student")
    assert elsewhere.values["schoolSourcedId"] is None
    assert unnamed.values["sourcedId"] is None
    assert delivered["roles"][0].values["sourcedId"] == "u1/s1/student/2025-09-01"
    assert delivered["roles"][0].values["roleType"] == "primary"
    assert delivered["classes"][0].values["schoolSourcedId"] == "s1"
    notes = tell(tmp_path)
    assert notes["repair.oneroster_key_made", "sourcedId", "enrollments.csv"] == 1
    assert notes["repair.oneroster_school_of_class", "schoolSourcedId", "enrollments.csv"] == 1
    assert notes["repair.header_name", "schoolSourcedId", "classes.csv"] == 1


def test_a_key_that_cannot_be_made_is_not_made(bundle: Path) -> None:
    write("enrollments.csv", "a,b\n1,2\n")(bundle)
    with pytest.raises(BadInput, match="the columns sourcedId, classSourcedId") as refusal:
        deliver("oneroster", bundle)
    assert refusal.value.code == "refused.missing_column"
