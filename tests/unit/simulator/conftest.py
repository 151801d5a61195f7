"""One province of 5,000 learners, written once a session, and how its files are read back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from simulator import write_province
from simulator.layouts import SENIOR

FILE_OF_ENTITY = {
    "academic_sessions": "academicSessions",
    "student_info": "studentInfo",
    "student_registration": "studentRegistration",
    "student_assessment": "studentAssessment",
    "student_vle": "studentVle",
    "employments": "employment",
    "skill_certificates": "skill_certificate",
    "trainings": "training",
    "enrolments": "senior_enrolment",
    "county_yearbook": "county_yearbook_2025",
    "population_by_age": "population_by_age_2025",
}


WORKBOOK_AGENCY = "sen-hangzhou"
MEANT = {
    **{f"{year}年春季": f"{year}-spring" for year in range(2018, 2026)},
    **{f"{year}年秋季": f"{year}-autumn" for year in range(2018, 2026)},
    "文化艺术": "arts", "书法绘画": "calligraphy-painting", "音乐舞蹈": "music-dance", "健康体育": "health-sport",
    "语言": "language", "数字技能": "digital-skills", "历史文化": "history-culture", "手工技艺": "crafts",
    "其他": "other", "文艺": "arts", "书画": "calligraphy-painting", "声乐": "music-dance", "养生保健": "health-sport",
    "外语": "language", "智能手机": "digital-skills", "国学": "history-culture", "手工": "crafts", "其它": "other",
    "面授": "classroom", "线上": "online", "游学": "study-tour", "送教": "outreach", "线下": "classroom",
    "网络": "online", "研学": "study-tour", "送教下乡": "outreach",
    "在读": "enrolled", "休学": "suspended", "结业": "completed", "退学": "withdrawn",
    "在学": "enrolled", "暂停": "suspended", "毕业": "completed", "退班": "withdrawn",
}  # fmt: skip
"""The offices' words that the tests look at, read without the simulator's own list."""


@dataclass(frozen=True)
class Written:
    """A written province. Rows are lists of fields as they stand in the file, header first."""

    root: Path
    day: int = 1

    @property
    def truth_folder(self) -> Path:
        return self.root / "truth" if self.day == 1 else self.root / "truth" / f"day{self.day}"

    def text(self, agency: str, entity: str) -> str:
        name = FILE_OF_ENTITY.get(entity, entity)
        if agency.startswith("sch-"):
            (bundle,) = (self.root / agency).iterdir()
            with zipfile.ZipFile(bundle) as archive:
                return archive.read(f"{name}.csv").decode("utf-8-sig")
        (path,) = (self.root / agency).rglob(f"{name}*.csv")
        return path.read_text(encoding="gbk" if agency == "sen-lishui" else "utf-8")

    def workbook(self, agency: str) -> list[list[str]]:
        """All rows of an agency's sheet, as texts."""
        (path,) = (self.root / agency).glob("*.xlsx")
        sheet = openpyxl.load_workbook(path, read_only=True).active
        return [[_as_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]

    def lines(self, agency: str, entity: str) -> list[list[str]]:
        if agency == WORKBOOK_AGENCY:
            return self.workbook(agency)[1:-1]
        return list(csv.reader(io.StringIO(self.text(agency, entity), newline="")))

    def rows(self, agency: str, entity: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Line number and fields by name, of the rows that have as many fields as the header."""
        header, *rows = self.lines(agency, entity)
        if entity == "enrolments":
            assert tuple(header) == tuple(SENIOR.values())
            header = list(SENIOR)
        for line, row in enumerate(rows, start=3 if agency == WORKBOOK_AGENCY else 2):
            if len(row) == len(header):
                fields = dict(zip(header, row, strict=True))
                yield line, _in_codes(fields) if entity == "enrolments" else fields

    def residents_today(self, agency: str) -> Iterator[dict[str, str]]:
        """The rows that count today's residents, apart from other years and from who is registered."""
        for _, row in self.rows(agency, "population_by_age"):
            if (row["reference_date"], row["base"]) == ("2025-12-31", "resident"):
                yield row

    def sound(self, agency: str, entity: str) -> Iterator[dict[str, str]]:
        """The rows no planted defect keeps out."""
        kept_out = self.kept_out.get((agency, entity), set())
        for line, row in self.rows(agency, entity):
            if line not in kept_out:
                yield row

    def truth(self, name: str) -> list[dict[str, str]]:
        with (self.truth_folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.truth_folder / "expected.json").read_text(encoding="utf-8"))

    @cached_property
    def defects(self) -> list[dict[str, str]]:
        return self.truth("defects")

    @cached_property
    def kept_out(self) -> dict[tuple[str, str], set[int]]:
        lines: dict[tuple[str, str], set[int]] = {}
        for defect in self.defects:
            if defect["expected"] != "released":
                lines.setdefault((defect["agency_code"], defect["entity"]), set()).add(int(defect["line"]))
        return lines


def _in_codes(row: dict[str, str]) -> dict[str, str]:
    """A senior university's row with codes for its office's words, and dates as the contract wants them."""
    coded = {column: MEANT.get(value, value) for column, value in row.items()}
    for column in ("birth_date", "enrol_date"):
        if "/" in coded[column]:
            year, month, day = coded[column].split("/")
            coded[column] = f"{year}-{int(month):02d}-{int(day):02d}"
    return coded


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    root = tmp_path_factory.mktemp("province")
    write_province(root, learners=5_000, seed=1)
    return Written(root)


@pytest.fixture(scope="session")
def days(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Written]:
    """The first three delivery days of a smaller province, each in a place of its own."""
    root = tmp_path_factory.mktemp("days")
    for day in (1, 2, 3):
        write_province(root / str(day), learners=2_000, seed=1, day=day)
    return {day: Written(root / str(day), day) for day in (1, 2, 3)}
