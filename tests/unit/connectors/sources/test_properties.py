"""Whatever stands in a file: the readers never crash, never lose a record, and repair nothing that was sound."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.sources import delimited
from connectors.sources.base import Rejected, Row
from connectors.sources.package import Member, Sender
from pipeline import contracts
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT
from tests.verdicts import CORPUS, reader_cases

CONTRACT = contracts.load_all(CHECKOUT / "contracts")["oulad", "student_info"]
REQUIRED = ["code_module", "code_presentation", "id_student"]
COLUMNS = [*REQUIRED, "region", "studied_credits", "cn_full_name"]
LENIENT, STRICT = Sender("ou-test", "oulad"), Sender("ou-test", "oulad", strict=True)
SOUND = [
    (CORPUS / case.group / case.name).read_bytes()
    for case in reader_cases()
    if case.source == "oulad" and case.golden["verdict"] in ("accept", "repair") and case.name.endswith(".csv")
    and (CORPUS / case.group / case.name).is_file()
]  # fmt: skip


def read(content: bytes, sender: Sender = LENIENT) -> list[Row | Rejected]:
    member = Member("t.csv", "t.csv", sender, lambda: io.BytesIO(content))
    heading = delimited.heading(member, CONTRACT, required=REQUIRED)
    return list(delimited.rows(heading, CONTRACT, missing_tokens=["?"]))


def text_of(row: Row | Rejected) -> str:
    return row.raw if isinstance(row, Rejected) else "\n".join(value or "" for value in row.values.values())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([LENIENT, STRICT]))
@example(b"\xff\xfe", LENIENT)
@example(b"\xff\xfe\x00", LENIENT)
@example(b"sep=;", LENIENT)
@example(b"sep=\x00\n", LENIENT)
@example(b'sep="\n"', LENIENT)
@example("sep=\n1\n2".encode("utf-16"), LENIENT)
def test_any_bytes_are_read_or_refused(content: bytes, sender: Sender) -> None:
    with contextlib.suppress(BadInput):
        read(content, sender)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.sampled_from(SOUND), st.data())
def test_a_damaged_file_is_read_or_refused(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b'"', b",", b";", b"\t", b"\r", b"\n", b"\0", "学".encode("gbk")])
        )
    for sender in (LENIENT, STRICT):
        with contextlib.suppress(BadInput):
            read(bytes(damaged), sender)


_TOTAL = ["合计", "", "", "", "240", ""]
_EMPTY = [""] * len(COLUMNS)
_EXTRAS = st.sampled_from([COLUMNS, _EMPTY, _TOTAL])
_REGIONS = st.sampled_from(["浙江省舟山市", "杭州", "", "Zhejiang", "a,b", "a;b", 'say "x"', "x\ny", "阿•里", "１２"])
_ODD_LINES = st.sampled_from(['AAA,2024J,<{}>"x', 'AAA,"2024J,<{}>', "AAA,<{}>", "AAA,2024J,<{}>,,,,,,", "<{}>"])


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(_REGIONS | _EXTRAS | _ODD_LINES.map(lambda line: (line,)), min_size=1, max_size=25),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_no_record_is_lost_or_doubled(lines: list[str | list[str] | tuple[str]], encoding: str, end: str) -> None:
    """Records carry a number; the oracle counts them where they are written, not where they are read."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(COLUMNS)
    records = 0
    for line in ["浙江", *lines]:
        if isinstance(line, str):
            writer.writerow(["AAA", "2024J", f"<{records}>", line, "60", "王小明"])
        elif isinstance(line, tuple):
            text.write(line[0].format(records) + end)
        else:
            writer.writerow(line)
            continue
        records += 1
    rows = read(text.getvalue().encode(encoding))
    marks = [int(mark) for row in rows for mark in re.findall(r"<(\d+)>", text_of(row))]
    assert marks == list(range(records))
    assert len(rows) == records


_SOUND_TEXT = st.text(alphabet="ab1 学校杭州（）·é,\"'\n-", max_size=8)
_SOUND_ROWS = st.lists(st.tuples(st.integers(0, 10**6), _SOUND_TEXT, st.integers(0, 999)), min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(_SOUND_ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_strict_and_lenient_agree_on_sound_files(rows: list[tuple[int, str, int]], end: str, quoted: bool) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    written = [["AAA", "2024J", str(key), region, str(number), "李红"] for key, region, number in rows]
    writer.writerows(written)
    content = text.getvalue().encode()
    lenient = read(content)
    assert lenient == read(content, STRICT)
    assert [[row.values[c] or "" for c in COLUMNS] for row in lenient if isinstance(row, Row)] == written
    assert not any(row.repairs for row in lenient if isinstance(row, Row))


# Compatibility ideographs beyond the first plane are left to the edge, which puts every value into NFC.
_ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]).filter(lambda c: not "\U0002f800" <= c <= "\U0002fa1f"))


@settings(max_examples=100, deadline=None)
@given(st.lists(_ANY_TEXT.map(lambda text: text[:6]), min_size=1, max_size=12))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_repaired_values_are_in_their_final_form(encoding: str, words: list[str]) -> None:
    """Reading what was repaired once more repairs nothing."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([["AAA", "2024J", f"1{number}", word, "60", word] for number, word in enumerate(words)])
    again = io.StringIO()
    writer = csv.writer(again, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in read(text.getvalue().encode(encoding)):
        if isinstance(row, Row):
            values = [row.values[column] or "" for column in COLUMNS]
            assert all(unicodedata.is_normalized("NFC", value) for value in values)
            writer.writerow(values)
    with contextlib.suppress(BadInput):  # every row may have been set aside
        assert not any(row.repairs for row in read(again.getvalue().encode()) if isinstance(row, Row))
