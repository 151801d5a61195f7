"""Workbooks for the readers' tests: what offices make of a simple table."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

CHINESE = [
    "学校代码",
    "学期",
    "班级编号",
    "学员证号",
    "课程编号",
    "报名日期",
    "姓名",
    "性别",
    "出生日期",
    "身份证号",
    "学籍状态",
]
FIELDS = [
    "school_code", "term", "class_id", "student_card_no", "course_code", "enrol_date", "full_name", "sex", "birth_date",
    "resident_id", "status",
]  # fmt: skip
RESIDENT_ID = "339901195803121010"


def record(card: str = "20240001", **changes: Any) -> list[Any]:
    """One enrolment in the order of ``CHINESE``, as a clerk types it."""
    plain = [
        "4233100101",
        "2024-autumn",
        "SH-1",
        card,
        "SH101",
        "2024-09-02",
        "测试甲",
        "男",
        "1958-03-12",
        RESIDENT_ID,
        "在读",
    ]
    return [changes.get(name, value) for name, value in zip(FIELDS, plain, strict=True)]


def save(path: Path, rows: Iterable[Sequence[Any]], shape: Callable[[Worksheet], None] | None = None) -> Path:
    """Write a workbook with one sheet of these rows; ``shape`` may merge and format."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "报名"
    for row in rows:
        sheet.append(list(row))
    if shape is not None:
        shape(sheet)
    book.save(path)
    return path


def edited(path: Path, **parts: Callable[[str], str]) -> Path:
    """Change the XML of parts of a workbook; the keyword is the part's file name without its ending."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            change = parts.get(name.rpartition("/")[2].partition(".")[0])
            archive.writestr(name, content if change is None else change(content.decode()).encode())
    return path


def with_part(path: Path, name: str, content: bytes = b"x") -> Path:
    """Put one more part into a workbook."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path
