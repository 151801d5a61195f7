"""Whatever arrives, a reader answers with rows or with one BadInput: never with another exception."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sources import delimited
from connectors.sources.base import Rejected, Row
from pipeline import contracts
from pipeline.errors import BadInput
from pipeline.settings import CHECKOUT
from tests.deliveries import FIXTURES, deliver, files_of

BUNDLES = {
    "oneroster": FIXTURES / "oneroster" / "bulk_1p2",
    "oulad": FIXTURES / "oulad" / "seven_tables",
    "census": FIXTURES / "census" / "population_by_age",
}
same_place = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def packed(source: str, method: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files_of(BUNDLES[source]).items():
            archive.writestr(name, content)
    return target.getvalue()


PACKED = {
    (source, method): packed(source, method)
    for source in BUNDLES
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
}


@pytest.mark.parametrize("source", BUNDLES)
@same_place
@given(data=st.data())
def test_damaged_zip_is_read_or_refused(tmp_path: Path, source: str, data: st.DataObject) -> None:
    method = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    content = bytearray(PACKED[source, method])
    where = st.one_of(st.integers(0, len(content) - 1), st.integers(max(0, len(content) - 900), len(content) - 1))
    for place in data.draw(st.lists(where, min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.none(), st.integers(1, len(content))))
    (tmp_path / "d.zip").write_bytes(content[:cut])
    with contextlib.suppress(BadInput):
        deliver(source, tmp_path / "d.zip")


@pytest.mark.parametrize("source", BUNDLES)
@same_place
@given(data=st.data())
def test_damaged_file_is_read_or_refused(tmp_path: Path, source: str, data: st.DataObject) -> None:
    files = files_of(BUNDLES[source])
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.one_of(st.binary(max_size=4), st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"?", "学".encode()]))
        )
    for other, text in files.items():
        (tmp_path / other).write_bytes(bytes(content) if other == name else text)
    with contextlib.suppress(BadInput):
        deliver(source, tmp_path)


cells = st.text(alphabet="ab1?,\"\n\r \t学'-.=", max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(st.lists(cells, min_size=1, max_size=8), min_size=1, max_size=20))
def test_rows_and_rejected_rows_are_as_many_as_were_written(tmp_path: Path, table: list[list[str]]) -> None:
    """However many fields a record has and whatever stands in them, it is handed on once, at its own line."""
    contract = contracts.load_all(CHECKOUT / "contracts")["oulad", "student_assessment"]
    columns = [field.name for field in contract.fields]
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    begins = []
    for record in table:
        begins.append(len(delimited_lines(text.getvalue())) + 1)
        writer.writerow(record)
    path = tmp_path / "studentAssessment.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    kept = [
        (begin, record) for begin, record in zip(begins, table, strict=True) if len(record) > 1 or record[0].strip()
    ]
    if not kept:
        with pytest.raises(BadInput, match="a header and no rows"):
            deliver("oulad", path, tolerance="strict")
        return
    rows = deliver("oulad", path, tolerance="strict")["student_assessment"]
    assert [row.line for row in rows] == [begin for begin, _ in kept]
    for row, (_, record) in zip(rows, kept, strict=True):
        if len(record) == len(columns):
            assert isinstance(row, Row)
            assert list(row.values.values()) == [None if cell in ("", "?") else cell for cell in record]
        else:
            assert isinstance(row, Rejected)
            assert row.rule_id == delimited.RAGGED


def delimited_lines(text: str) -> list[str]:
    """Lines as an editor counts them: any of the three line ends ends one."""
    return list(io.StringIO(text, newline=None))
