from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connectors import sources
from connectors.sources.base import Row
from pipeline.errors import BadInput, ConfigurationError
from tests.deliveries import FIXTURES, deliver, make_agency

YEARBOOK = FIXTURES / "census" / "county_yearbook" / "yearbook.csv"
AGES = FIXTURES / "census" / "population_by_age" / "population.csv"


def test_yearbook_takes_day_and_base_from_the_agency() -> None:
    rows = deliver("census", YEARBOOK)["county_yearbook"]
    assert len(rows) == 3
    assert {(row.values["reference_date"], row.values["base"]) for row in rows} == {("2025-11-01", "resident")}
    assert rows[2].values["code"] is None
    assert rows[2].values["county_zh"] == "测试开发区"


def test_whole_numbers_with_a_point_lose_it_and_nothing_else_changes() -> None:
    assert ",3.0," in YEARBOOK.read_text()
    first = deliver("census", YEARBOOK)["county_yearbook"][0]
    assert isinstance(first, Row)
    assert first.values["m_0"] == "3"
    assert (first.values["mys"], first.values["pop"]) == ("9.51", "114")


def test_number_that_is_not_whole_is_left_for_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "y.csv"
    path.write_text(YEARBOOK.read_text().replace(",3.0,", ",3.5,", 1))
    assert "3.5" in deliver("census", path)["county_yearbook"][0].values.values()


def test_population_by_age_carries_its_own_day() -> None:
    rows = deliver("census", AGES, params={})["population_by_age"]
    assert len(rows) == 6
    assert rows[1].values == {
        "reference_date": "2025-11-01",
        "base": "resident",
        "division_code": "339901",
        "age": "0",
        "sex": "female",
        "population": "10",
    }


def test_folder_may_hold_both_tables_and_nothing_ever_disappears(tmp_path: Path) -> None:
    shutil.copy(YEARBOOK, tmp_path)
    shutil.copy(AGES, tmp_path)
    with sources.load("census").open(tmp_path, make_agency("census", mode="bulk")) as tables:
        assert [(table.entity, table.mode) for table in tables] == [
            ("county_yearbook", "append"),
            ("population_by_age", "append"),
        ]
    shutil.copy(AGES, tmp_path / "again.csv")
    with pytest.raises(BadInput, match="another file holds the same table"):
        deliver("census", tmp_path)


@pytest.mark.parametrize(
    "params", [{}, {"reference_date": "2025-11-01"}, {"reference_date": "November 2025", "base": "resident"}]
)
def test_yearbook_of_an_agency_that_names_no_day_is_our_fault_not_the_files(params: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"test-census\.yml: .* reference_date as YYYY-MM-DD"):
        deliver("census", YEARBOOK, params=params)


def test_missing_column_and_unknown_table_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "y.csv"
    path.write_text(YEARBOOK.read_text().replace("m_5_9", "boys_5_9"))
    with pytest.raises(BadInput, match=r"^test-census \(census\): y\.csv, line 1: the column m_5_9 is missing"):
        deliver("census", path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="those of no table we know"):
        deliver("census", path)
