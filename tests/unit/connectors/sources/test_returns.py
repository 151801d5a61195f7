from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from connectors.sources.base import Row
from pipeline.errors import BadInput
from tests.deliveries import FIXTURES, deliver, files_of, pack

YEAR = FIXTURES / "returns" / "year_2025"
ALL = {
    "births_migration",
    "community_learning",
    "graduates",
    "higher_education",
    "schools",
    "surveys",
    "targets",
    "vacancies",
}


def test_every_return_is_read_from_folder_and_zip(tmp_path: Path) -> None:
    delivered = deliver("returns", YEAR)
    assert set(delivered) == ALL
    assert deliver("returns", pack(tmp_path / "year.zip", files_of(YEAR))) == delivered


@pytest.mark.parametrize("entity", sorted(ALL))
def test_a_return_under_any_name_is_known_by_its_columns(entity: str, tmp_path: Path) -> None:
    (tmp_path / "导出 (3).csv").write_bytes((YEAR / f"{entity}.csv").read_bytes())
    assert set(deliver("returns", tmp_path / "导出 (3).csv")) == {entity}


def test_what_printed_returns_have_for_nothing_is_missing(tmp_path: Path) -> None:
    (tmp_path / "vacancies.csv").write_text(
        "month,division_code,occupation_scheme,occupation_code,vacancies,applicants\n2025-09,330106,ISCO08,5120,4,—\n",
        encoding="utf-8",
    )
    (row,) = deliver("returns", tmp_path / "vacancies.csv")["vacancies"]
    assert isinstance(row, Row)
    assert row.values["applicants"] is None


def test_a_survey_without_the_column_for_its_unit_is_refused(tmp_path: Path) -> None:
    lines = [line.split(",") for line in (YEAR / "surveys.csv").read_text(encoding="utf-8").splitlines()]
    place = lines[0].index("unit")
    text = "\n".join(",".join(part for at, part in enumerate(line) if at != place) for line in lines)
    (tmp_path / "surveys.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="the column unit is missing"):
        deliver("returns", tmp_path / "surveys.csv")


def test_one_table_twice_is_refused(tmp_path: Path) -> None:
    for name in ("schools.csv", "schools_sample.csv"):
        (tmp_path / name).write_bytes((YEAR / "schools.csv").read_bytes())
    with pytest.raises(BadInput, match="holds the same table"):
        deliver("returns", tmp_path)


def test_a_return_filled_in_as_a_workbook_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["2025年9月岗位空缺"])
    for line in (YEAR / "vacancies.csv").read_text(encoding="utf-8").splitlines():
        sheet.append(line.split(","))
    book.save(tmp_path / "returns.xlsx")
    (row,) = deliver("returns", tmp_path / "returns.xlsx")["vacancies"]
    assert isinstance(row, Row)
    assert (row.values["month"], row.values["occupation_code"], row.values["vacancies"]) == (
        "2025-09",
        "4-03-02-01",
        "120",
    )
