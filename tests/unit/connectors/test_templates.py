"""A template filled in and read back loses nothing, in every language, and nothing in it is run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import string
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli import main
from connectors import templates
from connectors.sources import words
from connectors.sources.base import Row
from connectors.template_columns import Language, columns, safe
from pipeline import contracts
from pipeline.contracts import Field
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT
from tests.deliveries import deliver

LANGUAGES: tuple[Language, ...] = ("zh", "en", "both")
(SENIOR,) = contracts.of_source(CHECKOUT / "contracts", "senior")
ALL = [c for c in contracts.load_all(CHECKOUT / "contracts").values() if templates.is_table(c)]
FORMS = ("hr", "returns", "senior")
FILLED = {"date": "2024-09-01", "timestamptz": "2024-09-01T08:00:00+08:00", "boolean": "true"}
EXAMPLE = {name: w.example for name, w in words.of(SENIOR).items() if w.example is not None}
_IDS = st.text(string.ascii_letters + string.digits + "-_./", min_size=1, max_size=20).filter(lambda t: t.strip("-_./"))
_NAMES = st.one_of(
    st.text("测试甲乙丙丁欧阳娜·古丽 ", min_size=1, max_size=12).map(str.strip).filter(bool),
    st.sampled_from(["=cmd|' /C calc'!A0", "@SUM(A1)", "+8613", "-2+3", "=1+1", "Ann-Marie O'Neil"]),
)


def values_of(field: Field) -> st.SearchStrategy[str | None]:
    described = words.of(SENIOR)[field.name]
    if described.codes:
        return st.sampled_from([code.code for code in described.codes])
    if field.pg_type == "date":
        return st.dates(dt.date(1890, 1, 1), dt.date(2030, 12, 31)).map(dt.date.isoformat)
    if field.pg_type == "boolean":
        return st.sampled_from(["true", "false"])
    if field.pg_type == "numeric":
        return st.decimals(0, 99999, places=2).map(lambda number: f"{number.normalize():f}")
    if field.name == "resident_id":
        return st.integers(10**16, 10**17 - 1).flatmap(lambda n: st.sampled_from([f"{n}1", f"{n}X", f"0{n}"]))
    return _NAMES if field.name == "full_name" else _IDS


ROWS = st.fixed_dictionaries(
    {
        column.field.name: values_of(column.field) if column.field.required else st.none() | values_of(column.field)
        for column in columns(SENIOR)
    }
)


def read(path: Path) -> list[Row]:
    rows = deliver("senior", path)["enrolments"]
    assert all(isinstance(row, Row) for row in rows), rows
    return [row for row in rows if isinstance(row, Row)]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=1, max_size=4))
def test_workbook_filled_in_and_read_back_loses_nothing(
    tmp_path: Path, language: Language, rows: list[dict[str, str | None]]
) -> None:
    path = tmp_path / "filled.xlsx"
    templates.workbook(SENIOR, language, rows).save(path)
    found = read(path)
    assert [row.values for row in found] == rows
    assert {r.code for row in found for r in row.repairs} <= {"repair.example_row", "repair.code_word"}


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=1, max_size=4))
def test_csv_filled_in_and_read_back_loses_nothing(
    tmp_path: Path, language: Language, rows: list[dict[str, str | None]]
) -> None:
    path = tmp_path / "filled.csv"
    path.write_text(templates.text(SENIOR, language, rows), encoding="utf-8-sig", newline="")
    assert [row.values for row in read(path)] == rows


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.name)
def test_every_contract_has_a_template_with_all_it_asks_for(
    tmp_path: Path, contract: contracts.Contract, language: Language
) -> None:
    path = tmp_path / "t.xlsx"
    templates.write(contract, language, path)
    book = openpyxl.load_workbook(path)
    data, guide, codes = book
    asked = [f for f in contract.fields if f.classification != "dropped" or f.required]
    assert data.max_column == len(asked)
    assert data.freeze_panes == "A2"
    assert guide.max_row > len(asked)
    known = words.columns(contract)
    for cell, field in zip(data[1], asked, strict=True):
        named = {known[word][0] for word in words.header_words(cell.value) if word in known}
        assert named == {field.name}
    assert codes.max_row >= 1


@pytest.mark.parametrize("contract", [c for c in ALL if c.source in FORMS], ids=lambda contract: contract.name)
def test_every_forms_template_is_read_by_its_source(tmp_path: Path, contract: contracts.Contract) -> None:
    """A row of required fields alone: whatever the source must have, its template asks for."""
    required = {f.name for f in contract.fields if f.required or f.key_position is not None}
    row = {f.name: FILLED.get(f.pg_type, "1") if f.name in required else None for f in contract.fields}
    templates.workbook(contract, "both", [row]).save(tmp_path / "t.xlsx")
    (tmp_path / "t.csv").write_text(templates.text(contract, "both", [row]), encoding="utf-8-sig", newline="")
    (found,) = deliver(contract.source, tmp_path / "t.xlsx")[contract.entity]
    (as_text,) = deliver(contract.source, tmp_path / "t.csv")[contract.entity]
    assert isinstance(found, Row)
    assert isinstance(as_text, Row)
    assert as_text.values == found.values
    assert {name for name, value in found.values.items() if value is not None} == {
        f.name for f in contract.fields if f.name in required and f.classification != "dropped"
    }


def test_lists_dates_and_ids_are_guarded(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    templates.write(SENIOR, "zh", path)
    book = openpyxl.load_workbook(path)
    data = book["填报"]
    by_title = {cell.value.rstrip("*"): cell.column_letter for cell in data[1]}
    lists = {str(rule.sqref).split("2:")[0]: rule for rule in data.data_validations.dataValidation}
    listed = lists[by_title["学籍状态"]]
    first, last = listed.formula1.split("!")[1].replace("$", "").split(":")
    assert [row[0].value for row in book["代码表"][f"{first}:{last}"]] == ["在读", "休学", "结业", "退学"]
    assert lists[by_title["出生日期"]].type == "date"
    for title in ("身份证号", "学员证号", "学校代码", "居住地区划代码"):
        assert data.column_dimensions[by_title[title]].number_format == "@"
        assert data[f"{by_title[title]}2"].data_type == "s"


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_template_nobody_filled_in_is_refused(tmp_path: Path, name: str) -> None:
    """Taken for an empty bulk delivery it would delete every record sent before."""
    templates.write(SENIOR, "both", tmp_path / name, as_csv=name.endswith("csv"))
    with pytest.raises(BadInput) as refusal:
        deliver("senior", tmp_path / name)
    assert refusal.value.code == "refused.no_rows"


def test_row_that_differs_from_the_example_is_a_record(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    templates.workbook(SENIOR, "zh", [EXAMPLE | {"student_card_no": "00000002"}]).save(path)
    assert [row.values["student_card_no"] for row in read(path)] == ["00000002"]


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_example_that_is_left_out_is_told(tmp_path: Path, name: str) -> None:
    rows = [EXAMPLE | {"student_card_no": "00000002"}]
    if name.endswith("csv"):
        (tmp_path / name).write_text(templates.text(SENIOR, "zh", rows), encoding="utf-8-sig", newline="")
    else:
        templates.workbook(SENIOR, "zh", rows).save(tmp_path / name)
    (row,) = read(tmp_path / name)
    assert "repair.example_row" in {repair.code for repair in row.repairs}


def test_example_is_invented_and_holds_its_own_rules() -> None:
    assert EXAMPLE["resident_id"][:4] == "3399"
    assert EXAMPLE["school_code"][2:6] == "3399"
    for name, described in words.of(SENIOR).items():
        if described.codes and described.example:
            assert described.example in {code.code for code in described.codes}, name


@pytest.mark.parametrize("text", ["=1+1", "+86", "-x", "@a", "\tx"])
def test_no_text_is_run_as_a_formula(tmp_path: Path, text: str) -> None:
    assert safe(text).startswith("'")
    assert safe("-2.5") == "-2.5"
    path = tmp_path / "t.xlsx"
    templates.workbook(SENIOR, "zh", [EXAMPLE | {"full_name": text}]).save(path)
    with zipfile.ZipFile(path) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()
    row = list(csv.reader(io.StringIO(templates.text(SENIOR, "zh", [EXAMPLE | {"full_name": text}]))))[-1]
    assert f"'{text}" in row


def test_command_writes_what_is_asked_for(tmp_path: Path) -> None:
    runner = CliRunner()
    app = main.build(["template"])
    assert runner.invoke(app, ["template", "senior", "--lang", "en", "--out", str(tmp_path / "s.xlsx")]).exit_code == 0
    assert openpyxl.load_workbook(tmp_path / "s.xlsx").sheetnames == ["Data", "Guide", "Codes"]
    assert runner.invoke(app, ["template", "census", "--csv", "--out", str(tmp_path / "forms")]).exit_code == 0
    assert {path.name for path in (tmp_path / "forms").iterdir()} == {
        f"census_{c.entity}.csv" for c in ALL if c.source == "census"
    }
    with pytest.raises(BadInput, match="no table moon"):
        runner.invoke(app, ["template", "moon"], catch_exceptions=False)
