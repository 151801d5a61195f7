from __future__ import annotations

import contextlib
import csv
import io
import re
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors import messages
from connectors.sources import delimited
from connectors.sources.base import Rejected
from connectors.sources.delimited import Heading
from connectors.sources.package import Member, Sender
from pipeline.errors import BadInput

SENDER = Sender("sch-test", "oneroster")
STRICT = Sender("sch-test", "oneroster", strict=True)


def member(content: bytes | str, sender: Sender = SENDER) -> Member:
    data = content.encode() if isinstance(content, str) else content
    return Member("t.csv", "b.zip: t.csv", sender, lambda: io.BytesIO(data))


def read(content: bytes | str, sender: Sender = SENDER) -> list[delimited.Record | Rejected]:
    opened = member(content, sender)
    header = delimited.first_record(opened)
    return list(Heading(opened, tuple(header), tuple(header[:1])).records())


def test_mark_at_the_start_line_ends_and_blank_lines_are_tolerated() -> None:
    expected = [(2, ["1", "2"]), (4, ["3", "4"])]
    assert read(b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n3,4") == expected
    assert read("a,b\n1,2\n  \n3,4\n\n\n") == expected
    assert read("a,b\r1,2\r\r3,4\r") == expected


def test_record_over_several_lines_keeps_them_and_later_lines_count_right() -> None:
    assert read('a,b\n"x\ny",1\n\n2\n3,4\n') == [
        (2, ["x\ny", "1"]),
        Rejected(5, "2\n", "reader.ragged_row", "2"),
        (6, ["3", "4"]),
    ]


@pytest.mark.parametrize(
    "stray",
    ['"x,1', 'x,"1', '"x"y,1', 'x,"1" ', '"'],
)
def test_stray_quote_costs_its_own_line_and_no_other(stray: str) -> None:
    lines = [f"{number},v" for number in range(200)]
    rows = read("\n".join(["a,b", "first,v", stray, *lines]))
    assert rows[0] == (2, ["first", "v"])
    assert rows[1] == Rejected(3, f"{stray}\n", "reader.bad_quotes", None)
    assert rows[2:] == [(number + 4, [str(number), "v"]) for number in range(200)]


def test_stray_quote_on_the_last_line_is_not_lost() -> None:
    assert read('a,b\n1,2\n3,"4\n') == [(2, ["1", "2"]), Rejected(3, '3,"4\n', "reader.bad_quotes", None)]


@pytest.mark.parametrize("rest", ['3,"4', "3"])
def test_last_line_without_its_end_was_cut_off_and_its_key_is_not_trusted(rest: str) -> None:
    for sender in (SENDER, STRICT):
        assert read(f"a,b\n1,2\n{rest}", sender) == [(2, ["1", "2"]), Rejected(3, rest, "reader.cut_row", None)]


def test_two_stray_quotes_far_apart_do_not_swallow_what_lies_between() -> None:
    between = [f"{number},v" for number in range(delimited.MOST_LINES + 5)]
    rows = read("\n".join(["a,b", '1,"x', *between, '2,y"', "3,z"]))
    assert len(rows) == len(between) + 3
    assert sum(isinstance(row, Rejected) for row in rows) == 1
    assert rows[-2:] == [(len(between) + 3, ["2", 'y"']), (len(between) + 4, ["3", "z"])]


def test_hint_is_given_only_when_it_looks_like_an_id() -> None:
    hints = [row.record_hint for row in read("a,b\nid-1\n王小明\nx y,1,2\n") if isinstance(row, Rejected)]
    assert hints == ["id-1", None, None]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("编号,名称\n1,小学\n".encode("gb18030"), "line 1: the text is not UTF-8 (it seems to be gb18030)"),
        (
            "a,b\n1,x\n2,杭州市第一小学校园\n".encode("gb18030"),
            "line 3: the text is not UTF-8 (it seems to be gb18030)",
        ),
        ("a,b\n1,2\n".encode("utf-16"), "line 1: the file is written in UTF-16"),
        ("a,b\n1,学\n".encode()[:-2], "line 2: the text is not UTF-8"),
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "the file is empty"),
        (b"a,b\n", "there is a header and no rows"),
        (b"a,b\n" + b"x" * (delimited.LONGEST_LINE + 1), "a line is longer than a million characters"),
    ],
)
def test_file_that_cannot_be_used_is_refused_in_one_sentence(content: bytes, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(content, STRICT)
    assert refusal.value.code in messages.load()
    assert str(refusal.value).startswith("sch-test (oneroster): b.zip: t.csv")
    assert words in str(refusal.value)


def test_wrong_encoding_far_down_is_found_with_its_line() -> None:
    content = b"a,b\n" + b"1,2\n" * 50_000 + "3,舟山\n".encode("gbk") + b"4,5\n" * 50_000
    with pytest.raises(BadInput, match=r"line 50002: the text is not UTF-8"):
        read(content, STRICT)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
@example(b'a,b\n"')
@example(b"a\x00,b\n\x00,1\n")
@example(b"\xff\xfe")
def test_any_bytes_are_read_or_refused_and_never_crash(content: bytes) -> None:
    with contextlib.suppress(BadInput):
        read(content)


marked_lines = st.lists(
    st.tuples(
        st.sampled_from(['"', "", ",", 'x"', '""', ',"', '",', " "]), st.sampled_from(['"', "", ",1", '",', '"",'])
    ),
    min_size=1,
    max_size=90,
)


@settings(max_examples=300, deadline=None)
@given(marked_lines)
def test_every_line_is_in_exactly_one_row_or_one_rejected_row(edges: list[tuple[str, str]]) -> None:
    """Whatever quotes, commas and blanks stand around them, no line vanishes and none is handed on twice."""
    lines = [f"{before}<{number}>{after}" for number, (before, after) in enumerate(edges)]
    rows = read("a,b\n" + "\n".join(lines) + "\n")
    marks = [
        mark
        for row in rows
        for mark in re.findall(r"<(\d+)>", row.raw if isinstance(row, Rejected) else "\n".join(row[1]))
    ]
    assert marks == [str(number) for number in range(len(lines))]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.text(alphabet="ab1学,\n\"' ", max_size=8), min_size=2, max_size=2), min_size=1, max_size=30)
)
def test_what_a_csv_writer_wrote_comes_back(table: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *table])
    assert [row[1] for row in read(text.getvalue(), STRICT)] == table  # type: ignore[index]


class _Endless(io.RawIOBase):
    """A file of 6 MB that exists only while it is read."""

    def __init__(self) -> None:
        self._lines = self._content()
        self._rest = b""

    def _content(self) -> Iterator[bytes]:
        yield b"a,b\n"
        for _ in range(300):
            yield b"0123456789,0123456789\n" * 950

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._rest = self._rest or next(self._lines, b"")
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


def test_memory_stays_the_same_however_long_the_file_is() -> None:
    endless = Member("t.csv", "t.csv", SENDER, lambda: io.BufferedReader(_Endless()))
    records = Heading(endless, ("a", "b"), ()).records()
    tracemalloc.start()
    try:
        count = sum(1 for _ in records)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 285_000
    assert peak < 2**20
