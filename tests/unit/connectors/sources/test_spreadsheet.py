"""What offices make of a table in a spreadsheet, and what becomes of it."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors import sources
from connectors.sources.base import Rejected, Row
from pipeline import contracts
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT
from tests.deliveries import FIXTURES, deliver, make_agency
from tests.workbooks import CHINESE, RESIDENT_ID, edited, record, save, with_part


def read(path: Path, **changes: object) -> list[Row | Rejected]:
    """All rows; one is held back until the next follows, so those set aside may come before it."""
    return sorted(deliver("senior", path, **changes)["enrolments"], key=lambda row: ((row.part or "")[:2], row.line))


def only(path: Path) -> Row:
    (row,) = read(path)
    assert isinstance(row, Row), row
    return row


def codes(row: Row) -> set[tuple[str, str | None]]:
    return {(repair.code, repair.field) for repair in row.repairs}


def of_file(path: Path) -> list[str]:
    with sources.load("senior").open(path, make_agency("senior")) as (table,):
        return [repair.code for repair in table.repairs]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "报名.xlsx"


def test_templates_own_words_are_read_without_a_repair(book: Path) -> None:
    row = only(save(book, [CHINESE, record()]))
    assert row.values == {
        **dict.fromkeys(row.values),
        "school_code": "4233100101", "term": "2024-autumn", "class_id": "SH-1", "student_card_no": "20240001",
        "course_code": "SH101", "enrol_date": "2024-09-02", "full_name": "测试甲", "sex": "male",
        "birth_date": "1958-03-12", "resident_id": RESIDENT_ID, "status": "enrolled",
    }  # fmt: skip
    assert (row.line, row.part, row.repairs) == (2, "报名", ())
    assert of_file(book) == []


def test_workbook_is_known_by_its_content(book: Path, tmp_path: Path) -> None:
    save(book, [CHINESE, record()])
    disguised = book.rename(tmp_path / "enrolment.csv")
    assert only(disguised).values["status"] == "enrolled"


def test_titles_two_line_headers_totals_and_signatures_are_left_out_and_told(book: Path) -> None:
    upper = [*CHINESE[:5], "报名日期", *CHINESE[6:], "课时", None]
    lower = [None] * len(CHINESE) + ["计划", "实到"]

    def shape(sheet: Any) -> None:
        sheet.merge_cells("A1:M1")
        sheet.merge_cells("A2:M2")
        for column in range(1, len(CHINESE) + 1):
            sheet.merge_cells(start_row=4, end_row=5, start_column=column, end_column=column)
        sheet.merge_cells("L4:M4")

    rows = [
        ["2024年秋季学员花名册"], ["单位：某老年大学"], [], upper, lower,
        [*record("1"), 32, 30], [], [*record("2"), 32, 16],
        ["合计", *[None] * 10, 64, 46], ["制表人：测试", None, None, "审核人："], [None, None, None, "2024年9月"],
    ]  # fmt: skip
    first, second = read(save(book, rows, shape))
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.line, second.line) == (6, 8)
    assert (first.values["hours_planned"], second.values["hours_attended"]) == ("32", "16")
    assert first.repairs == ()
    assert [repair.code for repair in second.repairs] == ["repair.total_row", *["repair.remark_row"] * 2]
    assert of_file(book)[0] == "repair.title_row"


def test_header_repeated_for_printing_is_left_out(book: Path) -> None:
    _, second = read(save(book, [CHINESE, record("1"), CHINESE, record("2")]))
    assert isinstance(second, Row)
    assert (second.line, [repair.code for repair in second.repairs]) == (4, ["repair.repeated_header"])


def test_total_that_fills_the_key_columns_is_a_record(book: Path) -> None:
    assert [row.line for row in read(save(book, [CHINESE, record(class_id="合计")]))] == [2]


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("身份证\n号码 *", "resident_id"),
        ("＊公民身份号码（必填）", "resident_id"),
        ("证件号码", "resident_id"),
        ("RESIDENT　ID", "resident_id"),
        ("居住地\r\n区划代码", "residence_division"),
        ("Hours planned", "hours_planned"),
        ("总课时", "hours_planned"),
    ],
)
def test_headers_are_understood_in_many_spellings(book: Path, written: str, field: str) -> None:
    row = only(save(book, [[written, *CHINESE[:9]], ["1", *record()[:9]]]))
    assert row.values[field] == "1"


def test_columns_and_rows_left_blank_do_not_matter(book: Path) -> None:
    rows: list[list[Any]] = [
        [],
        [None, None, *CHINESE[:4], None, *CHINESE[4:]],
        [],
        [None, None, *record()[:4], None, *record()[4:]],
    ]
    row = only(save(book, rows))
    assert (row.line, row.values["course_code"]) == (4, "SH101")


@pytest.mark.parametrize(
    ("written", "value", "code"),
    [
        (dt.date(1958, 3, 12), "1958-03-12", None),
        (dt.datetime.fromisoformat("1958-03-12T08:30"), "1958-03-12", "repair.time_of_day"),
        ("1958-3-12", "1958-03-12", "repair.date_format"),
        ("1958/3/12", "1958-03-12", "repair.date_format"),
        ("1958.03.12", "1958-03-12", "repair.date_format"),
        ("1958年3月12日", "1958-03-12", "repair.date_format"),
        ("１９５８年３月１２日", "1958-03-12", "repair.date_format"),
        ("19580312", "1958-03-12", "repair.date_format"),
        (19580312, "1958-03-12", "repair.date_format"),
        ("1958/3/12 0:00:00", "1958-03-12", "repair.date_format"),
        (21256, "1958-03-12", "repair.date_serial"),
        ("21256", "1958-03-12", "repair.date_serial"),
        ("民国47年3月12日", "民国47年3月12日", None),
        ("12/03/1958", "12/03/1958", None),
        ("1958-02-30", "1958-02-30", None),
        ("19580231", "19580231", None),
    ],
)
def test_dates_are_read_where_they_can_mean_one_day(book: Path, written: Any, value: str, code: str | None) -> None:
    row = only(save(book, [CHINESE, record(birth_date=written)]))
    assert row.values["birth_date"] == value
    assert codes(row) == (set() if code is None else {(code, "birth_date")})


@pytest.mark.parametrize(
    ("serial", "since_1900", "since_1904"),
    [(1, "1900-01-01", "1904-01-02"), (59, "1900-02-28", "1904-02-29"), (60, "1900-02-29", "1904-03-01"),
     (61, "1900-03-01", "1904-03-02"), (45536, "2024-09-01", "2028-09-02")],
)  # fmt: skip
def test_days_count_from_1900_with_its_phantom_or_from_1904(
    book: Path, serial: int, since_1900: str, since_1904: str
) -> None:
    def shape(sheet: Any) -> None:
        sheet["I2"].number_format = 'yyyy"年"m"月"d"日"'

    save(book, [CHINESE, record(birth_date=serial)], shape)
    assert only(book).values["birth_date"] == since_1900
    edited(book, workbook=lambda xml: xml.replace("<workbookPr ", '<workbookPr date1904="1" '))
    assert only(book).values["birth_date"] == since_1904


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("resident_id", 339901195803121010),
        ("resident_id", 3.39901195803121e17),
        ("resident_id", "3.39901E+17"),
        ("resident_id", 1234567890123456),
        ("student_card_no", "2.02E+08"),
        ("class_id", dt.date(2024, 3, 1)),
    ],
)
def test_id_that_became_a_number_is_set_aside_with_its_cell_named(book: Path, field: str, written: Any) -> None:
    good, lost = read(save(book, [CHINESE, record("1"), record("2", **{field: written})]))
    assert isinstance(good, Row)
    column = {"class_id": "C", "student_card_no": "D", "resident_id": "J"}[field]
    assert isinstance(lost, Rejected)
    assert (lost.rule_id, lost.line, lost.field) == ("reader.id_lost_in_spreadsheet", 3, field)
    assert lost.part == f"报名!{column}3"
    assert lost.record_hint == ("4233100101|2024-autumn|SH-1|2" if field == "resident_id" else None)


def test_ids_that_are_whole_stay(book: Path) -> None:
    row = only(save(book, [CHINESE, record(123456789012345, class_id=7, resident_id="339901195803121010")]))
    assert (row.values["student_card_no"], row.values["class_id"]) == ("123456789012345", "7")
    assert row.repairs == ()


def test_zeros_shown_by_the_cells_format_come_back(book: Path) -> None:
    def shape(sheet: Any) -> None:
        sheet["D2"].number_format = "00000000"

    row = only(save(book, [CHINESE, record(4711)], shape))
    assert row.values["student_card_no"] == "00004711"
    assert codes(row) == {("repair.leading_zeros", "student_card_no")}


def test_zeros_lost_where_no_length_is_fixed_are_not_guessed(book: Path) -> None:
    assert only(save(book, [CHINESE, record(4711, school_code=423310010)])).values["school_code"] == "423310010"


@pytest.mark.parametrize(
    ("field", "written", "value", "code"),
    [
        ("student_card_no", "２０２４０００１", "20240001", "repair.full_width"),
        ("class_id", "ＳＨ－１", "SH-1", "repair.full_width"),
        ("student_card_no", "'0012", "0012", "repair.text_marker"),
        ("student_card_no", '="0012"', "0012", "repair.text_marker"),
        ("status", "复学", "enrolled", "repair.code_word"),
        ("status", "ENROLLED", "enrolled", None),
        ("status", "睡觉", "睡觉", None),
        ("sex", "女性", "female", "repair.code_word"),
        ("term", "2024年秋季", "2024-autumn", "repair.code_word"),
        ("term", "２０２４ 春", "2024-spring", "repair.code_word"),
        ("term", "2024-2025-1", "2024-2025-1", None),
    ],
)
def test_codes_and_words_are_understood(book: Path, field: str, written: str, value: str, code: str | None) -> None:
    def shape(sheet: Any) -> None:
        for cell in sheet[2]:
            cell.data_type = "s"

    row = only(
        save(book, [CHINESE, record(**{field: written}) if field != "student_card_no" else record(written)], shape)
    )
    assert row.values[field] == value
    assert codes(row) == (set() if code is None else {(code, field)})


MORE = ["实缴学费（元）", "是否退休"]


@pytest.mark.parametrize(
    ("written", "value", "code"),
    [
        (240, "240", None),
        (240.5, "240.5", None),
        (1.1, "1.1", None),
        ("1,200", "1200", "repair.thousands_separator"),
        ("１，２００．５０", "1200.50", "repair.thousands_separator"),
        ("240元", "240", "repair.unit"),
        ("￥240", "240", "repair.unit"),
        ("免费", "免费", None),
        ("24O", "24O", None),
    ],
)
def test_numbers_lose_what_is_not_number(book: Path, written: Any, value: str, code: str | None) -> None:
    row = only(save(book, [[*CHINESE, *MORE], [*record(), written]]))
    assert row.values["fee_paid"] == value
    assert codes(row) == (set() if code is None else {(code, "fee_paid")})


def test_percent_in_a_column_that_counts_something_else_is_not_taken(book: Path) -> None:
    def shape(sheet: Any) -> None:
        sheet["L2"].number_format = "0%"

    assert only(save(book, [[*CHINESE, *MORE], [*record(), 0.5]], shape)).values["fee_paid"] == "50%"


@pytest.mark.parametrize(
    ("written", "value", "code"),
    [(True, "true", None), (False, "false", None), ("是", "true", None), ("否", "false", None), (1, "1", None),
     ("Y", "true", "repair.yes_no_word"), ("√", "true", "repair.yes_no_word"), ("×", "false", "repair.yes_no_word"),
     ("maybe", "maybe", None), (None, None, None)],
)  # fmt: skip
def test_yes_and_no_in_every_spelling(book: Path, written: Any, value: str | None, code: str | None) -> None:
    row = only(save(book, [[*CHINESE, *MORE], [*record(), 0, written]]))
    assert row.values["retired_flag"] in ({value, "true"} if written == 1 else {value})
    assert codes(row) == (set() if code is None else {(code, "retired_flag")})


@pytest.mark.parametrize(("formula", "rule"), [("#N/A", "reader.error_cell"), ("=1/0", "reader.formula_without_value")])
def test_cell_without_a_value_sets_its_row_aside(book: Path, formula: str, rule: str) -> None:
    good, bad = read(save(book, [[*CHINESE, *MORE], record("1"), [*record("2"), formula]]))
    assert isinstance(good, Row)
    assert isinstance(bad, Rejected)
    assert (bad.rule_id, bad.field, bad.part) == (rule, "fee_paid", "报名!L3")


def test_formula_with_its_stored_value_is_read(book: Path) -> None:
    save(book, [[*CHINESE, *MORE], [*record(), "=120*2"]])
    edited(
        book,
        sheet1=lambda xml: (
            xml.replace("<f>120*2</f><v></v>", "<f>120*2</f><v>240</v>")
            .replace("<f>120*2</f><v />", "<f>120*2</f><v>240</v>")
            .replace("<f>120*2</f><v/>", "<f>120*2</f><v>240</v>")
        ),
    )
    assert only(book).values["fee_paid"] == "240"


def test_error_in_a_column_no_one_asked_for_does_no_harm(book: Path) -> None:
    assert only(save(book, [[*CHINESE, "备注栏"], [*record(), "#REF!"]])).values["status"] == "enrolled"
    assert of_file(book) == ["note.column_not_read"]


def test_cell_merged_over_several_rows_counts_for_each(book: Path) -> None:
    def shape(sheet: Any) -> None:
        sheet.merge_cells("C2:C4")

    rows = read(save(book, [CHINESE, record("1"), record("2"), record("3")], shape))
    assert [(row.line, isinstance(row, Row) and row.values["class_id"]) for row in rows] == [
        (2, "SH-1"),
        (3, "SH-1"),
        (4, "SH-1"),
    ]
    assert isinstance(rows[1], Row)
    assert codes(rows[1]) == {("repair.merged_cells", None)}


def test_sheets_that_fit_are_parts_and_hidden_ones_are_passed_over(book: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "说明"
    made.active.append(["请按表填写"])
    for title, card in (("一班", "1"), ("二班", "2"), ("旧", "3")):
        sheet = made.create_sheet(title)
        sheet.append(CHINESE)
        sheet.append(record(card))
    made["旧"].sheet_state = "hidden"
    made.save(book)
    rows = read(book)
    assert [(row.part, row.line) for row in rows] == [("一班", 2), ("二班", 2)]
    assert sorted(of_file(book)) == ["note.hidden_sheet", "note.sheet_not_read"]


def test_several_files_are_parts_of_one_table(tmp_path: Path) -> None:
    save(tmp_path / "a.xlsx", [CHINESE, record("1")])
    (tmp_path / "b.csv").write_text(",".join(CHINESE) + "\n" + ",".join(record("2")) + "\n", encoding="utf-8")
    assert [row.part for row in deliver("senior", tmp_path)["enrolments"]] == ["a.xlsx 报名", "b.csv"]


def test_delimited_text_speaks_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    fields = record("2", enrol_date="2024/9/1", status="复学")
    path.write_text(",".join(CHINESE) + "\n" + ",".join(fields) + "\n", encoding="utf-8")
    row = only(path)
    assert (row.values["enrol_date"], row.values["status"], row.values["sex"]) == ("2024-09-01", "enrolled", "male")
    assert {code for code, _ in codes(row)} == {"repair.date_format", "repair.code_word"}


@pytest.mark.parametrize("source", ["returns", "hr"])
def test_forms_of_other_sources_may_be_workbooks(tmp_path: Path, source: str) -> None:
    """Each fixture says the same as CSV and as a workbook with its cells as text, deletes and times included."""
    folder = next(path for path in sorted((FIXTURES / source).iterdir()) if path.is_dir())
    for file in folder.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as text:
            save(tmp_path / f"{file.stem}.xlsx", csv.reader(text))
    owned = {c.entity: c for c in contracts.of_source(CHECKOUT / "contracts", source)}
    as_text, as_workbooks = deliver(source, folder), deliver(source, tmp_path)
    assert set(as_workbooks) == set(as_text) != set()
    for entity, rows in as_workbooks.items():
        flags = {f.name for f in owned[entity].fields if f.pg_type == "boolean"}
        assert [said(row, flags) for row in rows] == [said(row, flags) for row in as_text[entity]], entity


def said(row: Row | Rejected, flags: set[str]) -> tuple[object, ...]:
    """What a row says; 0 and 1 are no and yes, and a row set aside is known by its line."""
    if isinstance(row, Rejected):
        return (row.line,)
    values = {
        name: {"0": "false", "1": "true"}.get(v or "", v) if name in flags else v for name, v in row.values.items()
    }
    return row.line, values, row.deleted, row.modified_at


def test_strict_agency_is_taken_at_its_word(book: Path) -> None:
    save(book, [CHINESE, record(enrol_date="2024/9/1", status="复学")])
    (row,) = read(book, tolerance="strict")
    assert isinstance(row, Row)
    assert (row.values["enrol_date"], row.values["status"], row.repairs) == ("2024/9/1", "复学", ())


REFUSED = {
    "no header": (lambda book: save(book, [["a", "b"], [1, 2]]), "refused.no_header"),
    "no rows": (lambda book: save(book, [CHINESE, ["合计"]]), "refused.no_rows"),
    "column missing": (lambda book: save(book, [CHINESE[1:], record()[1:]]), "refused.missing_column"),
    "column twice": (lambda book: save(book, [[*CHINESE, "姓名"], record()]), "refused.doubled_column"),
    "macros": (lambda book: with_part(book, "xl/vbaProject.bin"), "refused.workbook_macros"),
    "macro type": (
        lambda book: edited(
            book, **{"[Content_Types]": lambda xml: xml.replace("sheet.main", "sheet.macroEnabled.main")}
        ),
        "refused.workbook_macros",
    ),
    "links": (lambda book: with_part(book, "xl/externalLinks/externalLink1.xml"), "refused.workbook_links"),
    "document type": (
        lambda book: edited(book, sheet1=lambda xml: '<!DOCTYPE x [<!ENTITY a "b">]>' + xml),
        "refused.workbook_damaged",
    ),
    "torn XML": (lambda book: edited(book, sheet1=lambda xml: xml[: len(xml) // 2]), "refused.workbook_damaged"),
    "torn zip": (lambda book: book.write_bytes(book.read_bytes()[:-200]), "refused"),
    "sheet gone": (
        lambda book: edited(book, workbook=lambda xml: xml).write_bytes(without(book, "xl/worksheets/sheet1.xml")),
        "refused.workbook_damaged",
    ),
    "bomb": (lambda book: with_part(book, "xl/media/image1.png", bytes(64 * 2**20)), "refused.workbook_too_large"),
}


def without(book: Path, part: str) -> bytes:
    import io
    import zipfile

    kept = io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(kept, "w") as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
    return kept.getvalue()


@pytest.mark.parametrize("case", REFUSED)
def test_workbook_that_cannot_be_used_is_refused_with_a_code(book: Path, case: str) -> None:
    save(book, [CHINESE, record()])
    change, code = REFUSED[case]
    change(book)
    with pytest.raises(BadInput) as refusal:
        read(book)
    assert refusal.value.code.startswith(code), refusal.value
    assert "测试甲" not in str(refusal.value)
