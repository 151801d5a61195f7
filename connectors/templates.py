"""Writes the table an agency fills in: a workbook or CSV made from the contract and its words.

First sheet: the columns with their formats, lists to choose from, and an invented row as an example, which the reader
knows and leaves out. Second: what each column means. Third: the code lists. Ids are text cells, so that the spreadsheet
program cannot turn them into numbers; no text is ever written as a formula.
"""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from connectors.template_columns import FORMATS, RISKY, Column, Language, columns, day_of, example, is_number, safe
from pipeline.contracts import Contract, Field

_LAST_ROW = 1_048_576
_SHEETS = {
    "zh": ("填报", "填写说明", "代码表"),
    "en": ("Data", "Guide", "Codes"),
    "both": ("填报 Data", "填写说明 Guide", "代码 Codes"),
}
_GUIDE_HEADER = (("列名", "Column"), ("含义", "Meaning"), ("必填", "Required"), ("格式", "Format"), ("示例", "Example"))
_GUIDE_WIDTHS = (30, 64, 15, 24, 24)
_CODES_HEADER = {
    "zh": ("列名", "填写", "代码"),
    "en": ("Column", "Write", "Code"),
    "both": ("列名 Column", "填写 Write", "英文 In English", "代码 Code"),
}
_CODES_WIDTHS = (52, 20, 28, 24)
_ADVICE = {
    "zh": (
        "请在“填报”表中从示例行的下一行开始填写；示例行不必删除，系统会自动略过。",
        "带 * 的蓝色列必须填写；有下拉列表的列请从列表中选择。",
        "身份证号、学员证号等编号列是文本格式，请不要改成数字；从别处复制时请“选择性粘贴—数值”。",
        "请不要改列名、不要合并单元格；合计、签名等行不必填。",
    ),
    "en": (
        "Fill in the data sheet from the row below the example; the example may stay, it is left out by itself.",
        "Blue columns with a * must be filled in; where there is a list, choose from it.",
        "Columns of ids are text; do not make them numbers, and paste from elsewhere as values only.",
        "Keep the names of the columns and merge no cells; totals and signatures are not needed.",
    ),
}
_REQUIRED, _OPTIONAL = PatternFill("solid", fgColor="1F4E79"), PatternFill("solid", fgColor="DDEBF7")
_LINE = Border(*[Side(style="thin", color="BFBFBF")] * 4)
_EXAMPLE_FONT = Font(italic=True, color="7F7F7F")
_NARROWEST, _WIDEST, _LINE_POINTS = 11, 32, 16


def workbook(contract: Contract, language: Language, rows: Iterable[Mapping[str, str | None]] = ()) -> Workbook:
    """The template; ``rows``, values by field as the contract has them, are filled in below the example."""
    book, laid = Workbook(), columns(contract)
    data, guide, codes = (book.active if n == 0 else book.create_sheet() for n in range(3))
    for sheet, title in zip((data, guide, codes), _SHEETS[language], strict=True):
        sheet.title = title
    ranges = _codes(codes, laid, language)
    _data(data, laid, language, ranges)
    examples = _examples(laid)
    for number, values in enumerate([*examples, *rows], 2):
        _fill(data, laid, values, language, number, _EXAMPLE_FONT if number < 2 + len(examples) else None)
    _guide(guide, laid, language)
    return book


def is_table(contract: Contract) -> bool:
    """Whether people fill it in; what systems send as JSON has no template."""
    return contract.file.endswith(".csv")


def write(contract: Contract, language: Language, path: Path, *, as_csv: bool = False) -> None:
    """Write the template to a file."""
    if as_csv:
        path.write_text(text(contract, language), encoding="utf-8-sig", newline="")
    else:
        workbook(contract, language).save(path)


def text(contract: Contract, language: Language, rows: Iterable[Mapping[str, str | None]] = ()) -> str:
    """The template as CSV: header and example, then ``rows``."""
    laid, file = columns(contract), io.StringIO()
    writer = csv.writer(file)
    writer.writerow([safe(column.line(language)) for column in laid])
    for values in [*_examples(laid), *rows]:
        writer.writerow([safe(column.written(values.get(column.field.name) or "", language)) for column in laid])
    return file.getvalue()


def put(cell: Cell, value: str, field: Field) -> None:
    """Write one value with its type: dates and numbers as such, everything else as text."""
    cell.number_format = FORMATS[field.pg_type][2]
    if field.pg_type == "date" and (day := day_of(value)):
        cell.value = day
    elif field.pg_type in ("integer", "bigint", "numeric", "double precision") and is_number(value):
        cell.value = float(value) if "." in value else int(value)
    else:
        cell.value = value
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(RISKY)


def _data(sheet: Worksheet, laid: Sequence[Column], language: Language, ranges: Mapping[str, str]) -> None:
    for number, column in enumerate(laid, 1):
        cell = sheet.cell(1, number, column.title(language))
        cell.font = Font(bold=True, color="FFFFFF" if column.field.required else "1F4E79")
        cell.fill = _REQUIRED if column.field.required else _OPTIONAL
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        cell.border = _LINE
        shape = sheet.column_dimensions[column.letter]
        shape.width = _width(column, language)
        shape.number_format = FORMATS[column.field.pg_type][2]
        for rule in _validations(column, language, ranges):
            rule.add(f"{column.letter}2:{column.letter}{_LAST_ROW}")
            sheet.add_data_validation(rule)
    widths = [_width(column, language) for column in laid]
    sheet.row_dimensions[1].height = _height([column.title(language) for column in laid], widths) + 4
    sheet.freeze_panes = "A2"


def _validations(column: Column, language: Language, ranges: Mapping[str, str]) -> Iterable[DataValidation]:
    if column.field.name in ranges:
        rule = DataValidation(type="list", formula1=ranges[column.field.name], allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = (
            _both(language, "请从列表中选择", "Choose from the list"),
            _both(language, "此列只能填写列表中的词。", "Only the words of the list go into this column."),
        )
        yield rule
    elif column.field.pg_type == "date":
        rule = DataValidation(
            type="date", operator="between", formula1="1", formula2="73050", allow_blank=True, showErrorMessage=True
        )
        rule.errorTitle, rule.error = (
            _both(language, "日期", "Date"),
            _both(language, "请写成 2024-09-01。", "Write 2024-09-01."),
        )
        yield rule


def _codes(sheet: Worksheet, laid: Sequence[Column], language: Language) -> dict[str, str]:
    """Write the lists; where each one's words stand, for the drop-downs."""
    _header(sheet, _CODES_HEADER[language])
    ranges: dict[str, str] = {}
    row = 2
    for column in laid:
        choices = column.choices(language)
        for offset, (word, code) in enumerate(choices):
            english = [next(w for w, c in column.choices("en") if c == code)] if language == "both" else []
            _row(sheet, row + offset, [column.line(language), word, *english, code], _CODES_WIDTHS)
        if choices:
            ranges[column.field.name] = f"'{sheet.title}'!$B${row}:$B${row + len(choices) - 1}"
            row += len(choices)
    sheet.freeze_panes = "A2"
    return ranges


def _guide(sheet: Worksheet, laid: Sequence[Column], language: Language) -> None:
    lines = [_ADVICE[said][n] for n in range(len(_ADVICE["zh"])) for said in _spoken(language)]
    for number, line in enumerate(lines, 1):
        sheet.cell(number, 1, line).data_type = "s"
    top = len(lines) + 2
    _header(sheet, [_both(language, *titles, joined=" ") for titles in _GUIDE_HEADER], top)
    for row, column in enumerate(laid, top + 1):
        zh, en, _ = FORMATS[column.field.pg_type]
        if column.words.codes:
            zh, en = "从列表选择", "choose from the list"
        texts = (
            column.title(language),
            _both(language, column.words.means_zh, column.words.means_en),
            _both(language, "必填", "yes") if column.field.required else "",
            _both(language, zh, en),
            column.written(column.words.example or "", language),
        )
        _row(sheet, row, texts, _GUIDE_WIDTHS)
    sheet.freeze_panes = f"A{top + 1}"


def _header(sheet: Worksheet, titles: Sequence[str], row: int = 1) -> None:
    for number, title in enumerate(titles, 1):
        cell = sheet.cell(row, number, title)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _REQUIRED


def _row(sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[int]) -> None:
    """A row of texts, as high as its longest cell needs: not every program finds that out by itself."""
    for number, (value, width) in enumerate(zip(texts, widths, strict=False), 1):
        cell = sheet.cell(row, number, value)
        cell.data_type, cell.number_format, cell.border = "s", "@", _LINE
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.row_dimensions[row].height = _height(texts, widths)


def _fill(
    sheet: Worksheet,
    laid: Sequence[Column],
    values: Mapping[str, str | None],
    language: Language,
    row: int,
    font: Font | None,
) -> None:
    for number, column in enumerate(laid, 1):
        value = values.get(column.field.name)
        if value:
            cell = sheet.cell(row, number)
            put(cell, column.written(value, language), column.field)
            if font is not None:
                cell.font = font


def _examples(laid: Sequence[Column]) -> list[Mapping[str, str | None]]:
    """The invented row, where there is one; without all key columns the reader could not know it again."""
    found = example(laid)
    return [found] if found else []


def _spoken(language: Language) -> Sequence[str]:
    return ("zh", "en") if language == "both" else (language,)


def _both(language: Language, zh: str, en: str, *, joined: str = "\n") -> str:
    return joined.join(dict.fromkeys({"zh": zh, "en": en}[said] for said in _spoken(language)))


def _width(column: Column, language: Language) -> float:
    words = (word for word, _ in column.choices(language))
    texts = [*column.title(language).split("\n"), *words, column.words.example or ""]
    return min(max(max(map(_breadth, texts)) + 3, _NARROWEST), _WIDEST)


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """Points that a row needs for its wrapped texts."""
    lines = [
        sum(max(1, math.ceil(_breadth(line) * 1.15 / width)) for line in value.split("\n"))
        for value, width in zip(texts, widths, strict=False)
    ]
    return max(lines) * _LINE_POINTS


def _breadth(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)
