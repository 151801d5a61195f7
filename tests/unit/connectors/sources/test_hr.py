from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connectors import sources
from connectors.sources.base import Rejected, Row
from pipeline.errors import BadInput, ConfigurationError
from tests.deliveries import FIXTURES, deliver, files_of, make_agency, pack

THREE_TABLES = FIXTURES / "hr" / "three_tables"
ENTITIES = ["employments", "skill_certificates", "trainings"]


def _rows(origin: Path, entity: str, **changes: object) -> list[Row]:
    rows = deliver("hr", origin, **changes)[entity]
    assert not any(isinstance(row, Rejected) for row in rows)
    return [row for row in rows if isinstance(row, Row)]


def test_folder_and_zip_read_alike_in_the_order_of_the_contracts(tmp_path: Path) -> None:
    zipped = pack(tmp_path / "hr.zip", files_of(THREE_TABLES))
    delivered = deliver("hr", THREE_TABLES)
    assert delivered == deliver("hr", zipped)
    assert {entity: len(rows) for entity, rows in delivered.items()} == dict(zip(ENTITIES, (4, 3, 3), strict=True))


def test_files_are_recognised_by_their_columns_whatever_they_are_called(tmp_path: Path) -> None:
    for place, file in enumerate(sorted(THREE_TABLES.iterdir())):
        alone = shutil.copy(file, tmp_path / f"导出{place}.csv")
        assert list(deliver("hr", Path(alone))) == [ENTITIES[place]]


def test_columns_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    wanted = [row.values for row in _rows(THREE_TABLES, "trainings")]
    table = [line.split(",") for line in (THREE_TABLES / "training.csv").read_text().splitlines()]
    turned = tmp_path / "training.csv"
    turned.write_text("\n".join(",".join(reversed(record)) for record in table) + "\n")
    assert [row.values for row in _rows(turned, "trainings")] == wanted


@pytest.mark.parametrize("mode", ["bulk", "append"])
def test_mode_is_the_agencys(mode: str) -> None:
    with sources.load("hr").open(THREE_TABLES, make_agency("hr", mode=mode)) as tables:
        assert [(table.entity, table.mode) for table in tables] == [(entity, mode) for entity in ENTITIES]


def test_record_taken_back_is_a_delete_and_keeps_its_key() -> None:
    rows = _rows(THREE_TABLES, "employments")
    assert [(row.values["employment_id"], row.deleted) for row in rows] == [
        ("E-1001", False),
        ("E-1002", False),
        ("E-1003", False),
        ("E-1004", True),
    ]


def test_time_of_change_travels_beside_the_payload() -> None:
    rows = _rows(THREE_TABLES, "employments")
    assert rows[0].modified_at == "2026-03-01T08:30:00+08:00"
    assert rows[1].modified_at == "2025-01-02 09:00:00"
    assert all("last_modified" not in row.values and "employer_name" not in row.values for row in rows)
    assert _rows(THREE_TABLES, "trainings")[0].modified_at is None


def test_other_tables_may_carry_status_and_time_too(tmp_path: Path) -> None:
    lines = (THREE_TABLES / "training.csv").read_text().splitlines()
    more = ["record_status,last_modified", "active,2026-01-01", "deleted,2026-01-02", "active,"]
    file = tmp_path / "training.csv"
    file.write_text("\n".join(f"{a},{b}" for a, b in zip(lines, more, strict=True)) + "\n")
    rows = _rows(file, "trainings")
    assert [(row.deleted, row.modified_at) for row in rows] == [
        (False, "2026-01-01"),
        (True, "2026-01-02"),
        (False, None),
    ]


def test_bare_numbers_are_ranks_unless_the_agency_counts_grades() -> None:
    def levels(**params: str) -> list[str | None]:
        return [row.values["skill_level"] for row in _rows(THREE_TABLES, "skill_certificates", params=params)]

    assert levels() == ["三级/高级工", "5", "中级"]
    assert levels(skill_levels="five_grades") == ["三级/高级工", "五级", "中级"]
    with pytest.raises(ConfigurationError, match=r"test-hr\.yml: params\.skill_levels must be one of"):
        levels(skill_levels="stars")


def test_table_sent_twice_and_table_unknown_are_refused(tmp_path: Path) -> None:
    shutil.copytree(THREE_TABLES, tmp_path / "twice")
    shutil.copy(THREE_TABLES / "training.csv", tmp_path / "twice" / "z.csv")
    with pytest.raises(BadInput, match=r"^test-hr \(hr\): twice/z\.csv: training\.csv holds the same table"):
        deliver("hr", tmp_path / "twice")
    stranger = tmp_path / "payroll.csv"
    stranger.write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="neither its name nor its columns"):
        deliver("hr", stranger)


def test_column_that_is_missing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "employment.csv"
    file.write_text((THREE_TABLES / "employment.csv").read_text().replace("workplace_division", "county"))
    with pytest.raises(BadInput, match=r"employment\.csv, line 1: the column workplace_division is missing"):
        deliver("hr", file)


def test_folder_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing here")
    with pytest.raises(BadInput, match=r"Send employment\.csv, skill_certificate\.csv, training\.csv"):
        deliver("hr", tmp_path)
