"""The three kinds of workbook say the same; what is torn, hostile or locked is refused and never crashes."""

from __future__ import annotations

import contextlib
import random
import zipfile
from pathlib import Path

import pytest

from connectors.sources.base import Rejected, Row
from connectors.sources.package import Member, Sender
from connectors.sources.spreadsheet import workbook
from connectors.sources.spreadsheet.cells import Flag, Moment, Number, column_of, reference
from pipeline.errors import BadInput
from tests.deliveries import FIXTURES, deliver

WORKBOOKS = FIXTURES / "workbooks"
KINDS = ("xlsx", "ods", "xls")
"""Written by LibreOffice from one workbook; see tests/fixtures/README.md."""


def read(path: Path) -> list[Row | Rejected]:
    return sorted(deliver("senior", path)["enrolments"], key=lambda row: row.line)


def member(path: Path) -> Member:
    return Member(path.name, path.name, Sender("test", "senior"), lambda: path.open("rb"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_the_same(kind: str) -> None:
    rows = read(WORKBOOKS / f"offices.{kind}")
    assert [row.line for row in rows] == [4, 5, 6, 7, 8, 9]
    assert [(row.rule_id, row.part) for row in rows if isinstance(row, Rejected)] == [
        ("reader.id_lost_in_spreadsheet", "报名!J6"),
        ("reader.error_cell", "报名!L7"),
    ]
    good = {row.line: row for row in rows if isinstance(row, Row)}
    assert [row.values["birth_date"] for row in good.values()] == ["1958-03-12"] * 4
    assert [row.values["fee_paid"] for row in good.values()] == ["240", "1200", "120", "0"]
    assert [row.values["retired_flag"] for row in good.values()] == ["true", "false", "true", None]
    assert good[9].values["class_id"] == "SH-1", "merged over two rows"
    # .xls is read by a library that does not tell a cell's number format
    assert good[8].values["student_card_no"] == ("4711" if kind == "xls" else "00004711")
    assert {repair.code for repair in good[9].repairs} == {
        "repair.merged_cells", "repair.total_row", "repair.remark_row",
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_told_by_content(kind: str, tmp_path: Path) -> None:
    disguised = tmp_path / "table.csv"
    disguised.write_bytes((WORKBOOKS / f"offices.{kind}").read_bytes())
    assert len(read(disguised)) == 6
    with workbook.opened(member(disguised)) as book:
        assert book.kind == kind
        assert [(sheet.name, sheet.is_hidden) for sheet in book.sheets] == [("报名", False), ("旧表", True)]


@pytest.mark.parametrize("kind", KINDS)
def test_workbook_inside_a_zip_is_read(kind: str, tmp_path: Path) -> None:
    packed = tmp_path / "delivery.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(WORKBOOKS / f"offices.{kind}", f"offices.{kind}")
    assert len(read(packed)) == 6


def test_workbook_with_a_password_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        read(WORKBOOKS / "password.xlsx")
    assert refusal.value.code == "refused.workbook_encrypted"


def test_old_workbook_with_macros_is_refused(tmp_path: Path) -> None:
    """A container with a VBA project; one directory entry gets its name, as no tool of ours can write one."""
    plain = (WORKBOOKS / "offices.xls").read_bytes()
    was = "\x05SummaryInformation".encode("utf-16-le")
    now = "_VBA_PROJECT_CUR".encode("utf-16-le")
    at = plain.index(was)
    entry = bytearray(plain[at : at + 128])
    entry[:64] = now.ljust(64, b"\0")
    entry[64:66] = (len(now) + 2).to_bytes(2, "little")
    path = tmp_path / "macros.xls"
    path.write_bytes(plain[:at] + bytes(entry) + plain[at + 128 :])
    with pytest.raises(BadInput) as refusal:
        read(path)
    assert refusal.value.code == "refused.workbook_macros"


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        ("Basic/Standard/Module1.xml", b"<x/>", "refused.workbook_macros"),
        (
            "META-INF/manifest.xml",
            b'<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>',
            "refused.workbook_encrypted",
        ),
        ("content.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "refused.workbook_damaged"),
        ("mimetype", b"application/vnd.oasis.opendocument.text", "refused.workbook_kind"),
    ],
)
def test_open_document_that_may_do_harm_is_refused(tmp_path: Path, part: str, content: bytes, code: str) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(WORKBOOKS / "offices.ods") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    with pytest.raises(BadInput) as refusal:
        read(path)
    assert refusal.value.code == code


def test_rows_repeated_by_the_million_are_refused_before_they_are_written_out(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(WORKBOOKS / "offices.ods") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "content.xml":
                content = content.replace(
                    b"<table:table-row ", b'<table:table-row table:number-rows-repeated="900000000" ', 1
                )
            new.writestr(name, content)
    with pytest.raises(BadInput) as refusal:
        read(path)
    assert refusal.value.code == "refused.workbook_too_large"


@pytest.mark.parametrize("kind", KINDS)
def test_damage_anywhere_is_refused_or_read_and_never_a_crash(kind: str, tmp_path: Path) -> None:
    whole = (WORKBOOKS / f"offices.{kind}").read_bytes()
    chance = random.Random(kind)
    path = tmp_path / f"torn.{kind}"
    for _ in range(150):
        torn = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            torn[chance.randrange(len(torn))] = chance.randrange(256)
        path.write_bytes(torn[: chance.choice([len(torn), chance.randrange(len(torn))])])
        with contextlib.suppress(BadInput):
            read(path)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_nonsense_in_the_xml_is_refused_or_read_and_never_a_crash(kind: str, tmp_path: Path) -> None:
    """The archive is whole, so that what is wrong reaches the code that takes the parts apart."""
    with zipfile.ZipFile(WORKBOOKS / f"offices.{kind}") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in parts if name.endswith((".xml", ".rels"))]
    chance, path = random.Random(kind), tmp_path / f"odd.{kind}"
    for _ in range(80):
        name = chance.choice(names)
        text = parts[name].decode()
        digits = [at for at, character in enumerate(text) if character.isdigit()]
        at = chance.choice(digits) if digits else chance.randrange(len(text))
        odd = text[:at] + chance.choice(["-1", "99999999999", "1e999", "nan", "x", "", "<a/>"]) + text[at + 1 :]
        with zipfile.ZipFile(path, "w") as archive:
            for part, content in parts.items():
                archive.writestr(part, odd.encode() if part == name else content)
        with contextlib.suppress(BadInput):
            read(path)


def test_cells_are_named_as_on_screen() -> None:
    assert [reference(column, 5) for column in (0, 2, 25, 26, 701, 702)] == ["A5", "C5", "Z5", "AA5", "ZZ5", "AAA5"]
    assert all(column_of(reference(column, 1)[:-1]) == column for column in range(1024))


def test_cells_keep_their_types() -> None:
    with workbook.opened(member(WORKBOOKS / "offices.xlsx")) as book:
        first = next(row for row in book.sheets[0].rows() if row.number == 4)
    assert (first.cells[8], first.cells[11], first.cells[12]) == (Moment("1958-03-12"), Number("240"), Flag(True))
