"""Workbooks of the corpus: what offices make of a simple table, and what attackers make of a workbook."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from tests import workbooks
from tests.workbooks import CHINESE, FIELDS, edited, record, save, with_part


def _book(folder: Path, *records: list[Any], header: list[str] | None = None, name: str = "报名.xlsx") -> Path:
    return save(folder / name, [header or CHINESE, *(records or [record("1"), record("2")])])


def senior_sound(folder: Path) -> Path:
    """The columns of the template."""
    return _book(folder, header=FIELDS)


def senior_chinese_header(folder: Path) -> Path:
    """Chinese column names."""
    return _book(folder)


def senior_named_csv(folder: Path) -> Path:
    """A workbook under the name of a CSV."""
    return _book(folder, header=FIELDS, name="senior_enrolment.csv")


def senior_title(folder: Path) -> Path:
    """A merged title above the header."""

    def merged(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:K1")

    rows = [["2024年秋季学期报名表", *[None] * 10], FIELDS, record("1"), record("2")]
    return save(folder / "报名.xlsx", rows, merged)


def senior_total(folder: Path) -> Path:
    """A line of totals below the rows."""
    return _book(folder, record("1"), record("2"), ["合计", None, None, 2, *[None] * 7], header=FIELDS)


def senior_empty_rows(folder: Path) -> Path:
    """Empty rows between and below."""
    return _book(folder, record("1"), [None] * 11, record("2"), [None] * 11, header=FIELDS)


def senior_dates(folder: Path) -> Path:
    """Dates as spreadsheets keep them."""
    return _book(folder, record("1", birth_date=dt.date(1958, 3, 12)), record("2"), header=FIELDS)


def senior_dates_1904(folder: Path) -> Path:
    """Dates counted from 1904."""
    import openpyxl

    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    for row in (FIELDS, record("1", birth_date=dt.date(1958, 3, 12)), record("2")):
        sheet.append(row)
    book.save(folder / "报名.xlsx")
    return folder / "报名.xlsx"


def senior_text_dates(folder: Path) -> Path:
    """Dates as people write them."""
    return _book(folder, record("1", birth_date="1958年3月12日"), record("2", birth_date="1958/3/12"), header=FIELDS)


def senior_ambiguous_date(folder: Path) -> Path:
    """A date whose day and month cannot be told apart."""
    return _book(folder, record("1", birth_date="03/04/1958"), record("2"), header=FIELDS)


def senior_full_width(folder: Path) -> Path:
    """Full-width digits."""
    return _book(folder, record("２０２４０００１"), record("2"), header=FIELDS)


def senior_lost_id(folder: Path) -> Path:
    """A resident id kept as a number: its last digits are gone."""
    return _book(folder, record("1", resident_id=339901195803121010), record("2"), header=FIELDS)


def senior_lost_id_text(folder: Path) -> Path:
    """A resident id copied as 3.39901E+17."""
    return _book(folder, record("1", resident_id="3.39901E+17"), record("2"), header=FIELDS)


def senior_error_cell(folder: Path) -> Path:
    """#N/A where a value belongs."""
    return _book(folder, record("1", course_code="#N/A"), record("2"), header=FIELDS)


def senior_header_only(folder: Path) -> Path:
    """A header and no rows."""
    return save(folder / "报名.xlsx", [FIELDS])


def senior_empty_book(folder: Path) -> Path:
    """An empty workbook."""
    return save(folder / "报名.xlsx", [])


def senior_missing_column(folder: Path) -> Path:
    """No student card."""
    return save(folder / "报名.xlsx", [FIELDS[:3] + FIELDS[4:], record("1")[:3] + record("1")[4:]])


def senior_entity_bomb(folder: Path) -> Path:
    """A billion laughs in the sheet."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'

    def laughing(xml: str) -> str:
        return bomb + xml.replace("</sheetData>", "<row><c><v>&b;</v></c></row></sheetData>")

    return edited(_book(folder, header=FIELDS), sheet1=laughing)


def senior_external_link(folder: Path) -> Path:
    """A link to another workbook."""
    return with_part(_book(folder, header=FIELDS), "xl/externalLinks/externalLink1.xml", b"<externalLink/>")


def senior_macros(folder: Path) -> Path:
    """A workbook with macros."""
    return with_part(_book(folder, header=FIELDS), "xl/vbaProject.bin")


def senior_formula_in_a_name(folder: Path) -> Path:
    """A name that a spreadsheet would run."""
    return _book(folder, record("1", full_name="@SUM(1+1)*cmd|' /C calc'!A0"), record("2"), header=FIELDS)


def senior_damaged(folder: Path) -> Path:
    """A workbook cut in half."""
    path = _book(folder, header=FIELDS)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def senior_web_page_named_xls(folder: Path) -> Path:
    """HTML under the name of an old workbook."""
    path = folder / "报名.xls"
    path.write_text("<html><table><tr><td>school_code</td></tr></table></html>", encoding="utf-8")
    return path


def _csv(rows: list[list[Any]]) -> str:
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)


def senior_gbk_csv(folder: Path) -> Path:
    """Chinese column names in a GBK text file."""
    path = folder / "senior_enrolment.csv"
    path.write_bytes(_csv([CHINESE, record("1"), record("2")]).encode("gbk"))
    return path


def senior_semicolons(folder: Path) -> Path:
    """The same parted by semicolons."""
    path = folder / "senior_enrolment.csv"
    path.write_bytes(_csv([CHINESE, record("1"), record("2")]).replace(",", ";").encode())
    return path


def senior_old_workbook(folder: Path) -> Path:
    """An OLE file that is no workbook."""
    path = folder / "报名.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    return path


def senior_two_files(folder: Path) -> Path:
    """A folder with a workbook and a text file of one table."""
    delivery = folder / "delivery"
    delivery.mkdir()
    workbooks.save(delivery / "a.xlsx", [FIELDS, record("1")])
    (delivery / "b.csv").write_text(_csv([FIELDS, record("2")]), encoding="utf-8")
    return delivery
