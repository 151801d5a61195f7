"""Deliveries of the corpus for a source that takes workbooks and text alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.workbooks import CHINESE, FIELDS, record, save


def senior_empty_book(folder: Path) -> Path:
    """An empty workbook."""
    return save(folder / "报名.xlsx", [])


def senior_damaged(folder: Path) -> Path:
    """A workbook cut in half."""
    path = save(folder / "报名.xlsx", [FIELDS, record("1"), record("2")])
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
    save(delivery / "a.xlsx", [FIELDS, record("1")])
    (delivery / "b.csv").write_text(_csv([FIELDS, record("2")]), encoding="utf-8")
    return delivery
