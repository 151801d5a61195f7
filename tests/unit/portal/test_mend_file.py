"""The file to mend comes back the same whoever saves it again, in constant memory, and nothing in it is run."""

from __future__ import annotations

import gc
import io
import itertools
import random
import tempfile
import tracemalloc
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from connectors.corrections import marks, reading, showing
from connectors.corrections.comparing import Comparer
from connectors.corrections.reading import Filled, Unread
from connectors.registry import Language
from expectations.reports.facts import Books
from expectations.rules import reasons
from expectations.rules.suites import Text
from pipeline import contracts
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT
from portal.agency import rows
from portal.agency.mend_file import MendFile
from portal.agency.receipt import Part
from portal.agency.rows import KeptRow
from tests import mended
from tests.deliveries import make_agency, pack
from tests.mended import SECRETS, Table

KNOWN = contracts.load_all(CHECKOUT / "contracts")
ORGS, SENIOR = KNOWN["oneroster", "orgs"], KNOWN["senior", "enrolments"]
OURS = make_agency("oneroster")
NOTHING: Any = None
REASON = reasons.Reason(Text("机构类型有误", "Wrong kind"), Text("请改正", "Change it"), "critical")
FIELDS = [field.name for field in ORGS.landed_fields]
GBK_TEXT = st.text(
    st.sampled_from("aZ09 .,;|=+-@'\"\n\t（）１ｅE学校丽水杭州市中心小学机构名称地址电话年级班主任龘"), max_size=14
).map(str.strip)
TABLES = st.lists(st.dictionaries(st.sampled_from(FIELDS), GBK_TEXT.filter(bool), max_size=6), min_size=1, max_size=6)


def part(**changes: Any) -> Part:
    books = Books(1, 0, 1, 0, 0, 0)
    given: dict[str, Any] = {
        "batch_id": uuid.UUID(int=1), "entity": "orgs", "contract": ORGS, "file": "orgs.csv", "status": "released",
        "received": 1, "books": books, "unchanged": 0, "deleted": 0, "deletes_held": False, "unreadable": 0,
        "to_mend": 1, "problems": (), "notes": (), "holds": (),
    }  # fmt: skip
    return Part(**{**given, **changes})


def kept(entry: int, values: Mapping[str, str]) -> KeptRow:
    return KeptRow(
        seq=entry, line=entry + 1, part=None, record=f"o{entry}", columns=("type",), rule_ids=("x",),
        reasons=(REASON,), status="open", entry=entry, values=values,
    )  # fmt: skip


def written(
    monkeypatch: pytest.MonkeyPatch, found: Sequence[Mapping[str, str]], language: Language = "zh", **of: Any
) -> tuple[bytes, bytes]:
    """(CSV, workbook) of rows with these values, numbered from 1."""
    made = [kept(number, values) for number, values in enumerate(found, 1)]
    monkeypatch.setattr(rows, "of_part", lambda *given, **wanted: iter(made))
    file = MendFile(NOTHING, SECRETS, OURS.agency_code, part(**of), language)
    book = io.BytesIO()
    file.as_workbook(book)
    return b"".join(file.as_csv()), book.getvalue()


def read(path: Path) -> list[Filled | Unread]:
    with reading.opened(path, OURS) as correction:
        return list(correction.rows())


def untouched(path: Path, found: Sequence[Mapping[str, str]]) -> list[int]:
    """Entries that came back; none of them changed."""
    comparer, entries = Comparer(ORGS), []
    assert reading.is_correction(path, OURS)
    for row in read(path):
        assert isinstance(row, Filled), row
        entry = marks.entry_of(SECRETS, OURS.agency_code, row.code)
        assert entry is not None
        entries.append(entry)
        places = showing.columns(ORGS, row.part.titles)
        assert set(places) == {field.name for field in showing.fields(ORGS)}
        changed = comparer.difference(found[entry - 1], places, row.cells)
        assert not changed, (dict(changed.values), found[entry - 1])
    return entries


SAVED = {
    "as it was": lambda table, content: content,
    "utf-8": lambda table, content: mended.csv_of(table),
    "gbk": lambda table, content: mended.csv_of(table, "gb18030"),
    "unicode text": lambda table, content: mended.csv_of(table, "utf-16", "\t"),
    "semicolons": lambda table, content: mended.csv_of(table, "utf-8", ";"),
    "workbook": lambda table, content: mended.workbook_of(table),
}


@pytest.mark.parametrize("how", SAVED)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=TABLES, seed=st.integers(0, 99))
def test_whoever_saves_it_again_it_comes_back_the_same(
    monkeypatch: pytest.MonkeyPatch, how: str, form: str, found: list[dict[str, str]], seed: int
) -> None:
    content = written(monkeypatch, found)[form == "xlsx"]
    header, *table = mended.table_of(content)
    chance = random.Random(seed)
    chance.shuffle(table)
    order = chance.sample(range(len(header)), len(header))
    saved = mended.reordered([header, *table], order)
    with tempfile.TemporaryDirectory() as folder:
        again = mended.write(Path(folder) / "工作簿1.csv", SAVED[how](saved, content))
        assert sorted(untouched(again, found)) == list(range(1, len(found) + 1))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_office_sees_its_own_words_and_finds_the_cells_at_fault(
    monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    _, book = written(monkeypatch, [{"sourcedId": "0012", "type": "=scool"}], language)
    sheet, guide = load_workbook(io.BytesIO(book)).worksheets
    header = [cell.value for cell in sheet[1]]
    assert header[:7] == [pair[language == "en"] for pair in marks.GUIDE] + [marks.COLUMN]
    cells = dict(zip(header, sheet[2], strict=True))
    assert (cells["sourcedId"].value, cells["sourcedId"].data_type) == ("0012", "s")
    assert cells["type"].value == "'=scool"
    assert cells["type"].fill.fgColor.rgb != cells["sourcedId"].fill.fgColor.rgb
    assert {cell.number_format for cell in sheet[2]} == {"@"}
    assert cells[marks.GUIDE[4][language == "en"]].value == ("Wrong kind" if language == "en" else "机构类型有误")
    assert guide.max_row > 2
    titles = showing.titles(SENIOR, language)
    assert (titles[0] != SENIOR.fields[0].name) or language == "en"


def test_no_cell_of_the_workbook_is_a_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = {"sourcedId": '=HYPERLINK("http://x")', "name": "+1", "type": "@SUM(1)", "identifier": "\t=1"}
    text, book = written(monkeypatch, [hostile])
    assert b"<f>" not in b"".join(_parts(book))
    for row in mended.table_of(text)[1:]:
        assert not [cell for cell in row if cell.lstrip(" \n").startswith(("=", "+", "-", "@", "\t"))]


def _parts(book: bytes) -> Iterator[bytes]:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        for name in archive.namelist():
            yield archive.read(name)


def changed_by(
    monkeypatch: pytest.MonkeyPatch, folder: Path, change: Any, save: Any = mended.csv_of
) -> list[Filled | Unread]:
    text, _ = written(monkeypatch, [{"sourcedId": "o1", "type": "scool"}, {"sourcedId": "o2", "type": "x"}])
    return read(mended.write(folder / "x.csv", save(change(mended.table_of(text)))))


@pytest.mark.parametrize("save", [mended.csv_of, mended.workbook_of], ids=["csv", "xlsx"])
def test_titles_above_empty_rows_and_columns_of_their_own_do_no_harm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, save: Any
) -> None:
    def change(table: Table) -> Table:
        wide = [[*row, "checked by 王" if n else "our note"] for n, row in enumerate(table)]
        blank = [""] * len(wide[0])
        return [["丽水市更正表", *blank[1:]], *wide[:2], blank, *wide[2:]]

    found = changed_by(monkeypatch, tmp_path, change, save)
    assert [marks.entry_of(SECRETS, OURS.agency_code, row.code) for row in found] == [1, 2]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table[1:],
        lambda table: mended.reordered(table, [n for n, title in enumerate(table[0]) if title != marks.COLUMN]),
        lambda table: [[*row, row[6]] for row in table],
    ],
    ids=["header lost", "codes lost", "codes doubled"],
)
@pytest.mark.parametrize("save", [mended.csv_of, mended.workbook_of], ids=["csv", "xlsx"])
def test_what_lost_its_codes_is_still_no_delivery(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: Any, save: Any
) -> None:
    text, _ = written(monkeypatch, [{"sourcedId": "o1", "type": "scool"}, {"sourcedId": "o2", "type": "x"}])
    path = mended.write(tmp_path / "orgs.csv", save(change(mended.table_of(text))))
    assert reading.is_correction(path, OURS)
    with pytest.raises(BadInput) as refused:
        read(path)
    assert refused.value.code == "refused.correction_without_codes"


def test_a_torn_row_costs_itself_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = changed_by(monkeypatch, tmp_path, lambda table: [*table, table[1][:9]])
    assert [type(row) for row in found] == [Filled, Filled, Unread]
    assert found[-1].reason == "reader.ragged_row"  # type: ignore[union-attr]


def test_files_chosen_together_are_one_correction_and_nothing_lies_beside_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text, book = written(monkeypatch, [{"sourcedId": "o1"}])
    both = pack(tmp_path / "a.zip", {"to-mend.csv": text, "to-mend.xlsx": book})
    assert reading.is_correction(both, OURS)
    assert {row.part.file for row in read(both)} == {"to-mend.csv", "to-mend.xlsx"}
    mixed = pack(tmp_path / "b.zip", {"to-mend.csv": text, "orgs.csv": b"sourcedId,name\no1,A\n"})
    assert reading.is_correction(mixed, OURS)
    with pytest.raises(BadInput) as refused:
        read(mixed)
    assert refused.value.code == "refused.correction_mixed"


@pytest.mark.parametrize(
    "content",
    [b"sourcedId,name\no1,A\n", b"", b"PK\x03\x04 no zip", b"\x00\x01", b'{"a": 1}', "名称\n丽水\n".encode("gbk")],
)
def test_a_delivery_is_no_correction(tmp_path: Path, content: bytes) -> None:
    assert not reading.is_correction(mended.write(tmp_path / "orgs.csv", content), OURS)
    assert not reading.is_correction(tmp_path / "nothing.csv", OURS)


def _peak(rows_read: int, monkeypatch: pytest.MonkeyPatch, folder: Path, form: str) -> int:
    """Most memory while a file of so many rows is written and read."""
    some = kept(1, {"sourcedId": "o1", "name": "学校" * 5, "type": "scool"})
    made = (KeptRow(**{**vars(some), "entry": n}) for n in range(1, rows_read + 1))
    monkeypatch.setattr(rows, "of_part", lambda *given, **wanted: made)
    file, path = MendFile(NOTHING, SECRETS, OURS.agency_code, part(), "zh"), folder / f"{rows_read}.{form}"
    gc.collect()
    tracemalloc.start()
    try:
        with path.open("wb") as out:
            if form == "xlsx":
                file.as_workbook(out)
            else:
                out.writelines(file.as_csv())
        with reading.opened(path, OURS) as correction:
            last = next(itertools.islice(correction.rows(), rows_read - 1, None))
        assert marks.entry_of(SECRETS, OURS.agency_code, last.code) == rows_read  # type: ignore[union-attr]
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("form", "few", "many"), [("csv", 500, 6_000), ("xlsx", 400, 1_600)])
def test_memory_does_not_grow_with_the_rows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str, few: int, many: int
) -> None:
    assert _peak(many, monkeypatch, tmp_path, form) < _peak(few, monkeypatch, tmp_path, form) + 2 * 2**20
