"""JSON documents: read whole, set aside one by one, never lost, in constant memory."""

from __future__ import annotations

import contextlib
import io
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import messages
from connectors.sources import json_lines
from connectors.sources.base import Rejected
from connectors.sources.json_lines import Document, documents
from connectors.sources.package import Member, Sender
from pipeline.errors import BadInput

SENDER = Sender("ou-test", "xapi")


def read(content: bytes | str, sender: Sender = SENDER) -> list[Document | Rejected]:
    data = content.encode() if isinstance(content, str) else content
    return list(documents(Member("t.jsonl", "t.jsonl", sender, lambda: io.BytesIO(data))))


def short(content: bytes | str) -> list[tuple[int, object]]:
    return [(d.line, d.rule_id if isinstance(d, Rejected) else d.value) for d in read(content)]


@pytest.mark.parametrize(
    "content",
    [
        '{"a":1}\n{"a":2}\n',
        '\ufeff{"a":1}\r\n{"a":2}',
        '[{"a":1},\n{"a":2}]',
        '[{"a":1}\n, {"a":2}\n]\n',
        '{"a":1}\n{"a":2}\n'.encode("utf-16"),
        '[{"a":1},\n{"a":2}]'.encode("utf-16"),
    ],
)
def test_lines_and_arrays_read_alike(content: bytes | str) -> None:
    assert short(content) == [(1, {"a": 1}), (2, {"a": 2})]


def test_one_document_over_many_lines_is_one() -> None:
    assert short('\n{\n "a": {\n  "b": []\n }\n}\n') == [(2, {"a": {"b": []}})]
    assert short('{"a":1}') == [(1, {"a": 1})]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("{", "reader.bad_json"),
        ("nonsense", "reader.bad_json"),
        ("3", "reader.bad_json"),
        ("null", "reader.bad_json"),
        ('["a"]', "reader.bad_json"),
        ('{"a":NaN}', "reader.bad_json"),
        ('{"a":-Infinity}', "reader.bad_json"),
        ('{"a":1,}', "reader.bad_json"),
        ('{"a":1,"a":2}', "reader.repeated_key"),
        ('{"x":{"a":1,"a":1}}', "reader.repeated_key"),
        ('{"a":' + "9" * 400 + "}", "reader.number_too_large"),
        ('{"a":1e999}', "reader.number_too_large"),
        ('{"a":' * 100 + "1" + "}" * 100, "reader.too_deep"),
        ('{"a":' + "[" * 100_000 + "]" * 100_000 + "}", "reader.too_deep"),
        ('{"a":"\\ud800"}', "reader.bad_encoding"),
        ('{"a":"锟斤拷"}', "reader.garbled_text"),
        ('{"a":"\0"}', "reader.nul_bytes"),
    ],
)
def test_unusable_document_costs_its_own_line_and_no_other(line: str, rule: str) -> None:
    assert rule in messages.load()
    assert short(f'{{"a":1}}\n{line}\n{{"a":2}}\n') == [(1, {"a": 1}), (2, rule), (3, {"a": 2})]
    if line != "{":
        assert short(f'[{{"a":1}},\n{line},\n{{"a":2}}]') == [(1, {"a": 1}), (2, rule), (3, {"a": 2})]


def test_brackets_and_quotes_inside_strings_part_nothing() -> None:
    tricky = [{"a": '}],[{"\\'}, {"b": "\\\\", "c": ["]", '"', ","]}]
    assert [d for _, d in short(json.dumps(tricky))] == tricky


def test_bytes_that_do_not_fit_are_set_aside_and_kept() -> None:
    (good, bad) = read('{"a":"好的"}\n'.encode() + b'{"a":"\xff"}\n')
    assert isinstance(good, Document)
    assert isinstance(bad, Rejected)
    assert (bad.rule_id, bad.raw) == ("reader.bad_encoding", '{"a":"\\xff"}\n')


@pytest.mark.parametrize("torn", ['{"a":1}\n{"a":', '[{"a":1},\n{"a":', '[{"a":1},\n{"a":"x'])
def test_torn_end_is_set_aside(torn: str) -> None:
    assert short(torn) == [(1, {"a": 1}), (2, "reader.cut_row")]


def test_oversized_document_is_set_aside_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MOST_CHARACTERS", 50)
    long = json.dumps({"a": "x" * 200})
    assert short(f'{{"a":1}}\n{long}\n{{"a":2}}') == [(1, {"a": 1}), (2, "reader.oversized_row"), (3, {"a": 2})]
    assert short(f'[{{"a":1}},\n{long},\n{{"a":2}}]') == [(1, {"a": 1}), (2, "reader.oversized_row"), (3, {"a": 2})]


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_empty_file_is_refused(content: str) -> None:
    with pytest.raises(BadInput, match="the file is empty") as refusal:
        read(content)
    assert refusal.value.code == "refused.empty_file"


def test_strict_sender_must_send_utf8() -> None:
    with pytest.raises(BadInput, match="UTF-16"):
        read('{"a":1}'.encode("utf-16"), Sender("ou-test", "xapi", strict=True))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
objects = st.lists(st.dictionaries(st.text(max_size=5), values, max_size=4), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(objects, st.booleans(), st.booleans())
def test_what_was_written_comes_back_in_either_form(
    written: list[dict[str, object]], escaped: bool, array: bool
) -> None:
    texts = [json.dumps(value, ensure_ascii=escaped) for value in written]
    content = "[" + ",".join(texts) + "]" if array else "\n".join(texts)
    found = read(content.encode("utf-8", "surrogatepass"))
    assert len(found) == len(written)
    for document, value in zip(found, written, strict=True):
        assert isinstance(document, Rejected) or document.value == value


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\1a\n ', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused_and_never_crash(content: bytes) -> None:
    with contextlib.suppress(BadInput):
        read(content)


@pytest.mark.parametrize("array", [False, True])
def test_memory_stays_the_same_however_long_the_file_is(array: bool, tmp_path: object) -> None:
    path = tmp_path / "t.json"  # type: ignore[operator]
    with path.open("w") as file:
        file.write("[" if array else "")
        for number in range(40_000):
            file.write(f'{"," if array and number else ""}{{"id":{number},"verb":"read","object":"0123456789"}}')
            file.write("" if array else "\n")
        file.write("]" if array else "")
    member = Member("t.json", "t.json", SENDER, lambda: path.open("rb"))
    tracemalloc.start()
    try:
        count = sum(1 for document in documents(member) if isinstance(document, Document))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 40_000
    assert peak < 3 * 2**20
