"""Receipts as documents, made from facts by hand: both languages, hostile names, cells that would be formulas."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.registry import Language
from expectations.reports.facts import Books
from expectations.rules import reasons
from expectations.rules.suites import Text
from pipeline import contracts
from pipeline.settings import CHECKOUT
from portal import csv_lines
from portal.agency import corrections, receipt_page, rows, tables
from portal.agency.mend_file import MendFile
from portal.agency.receipt import Answered, Corrected, Correction, Part, Problem, Receipt, Refused, Repaired
from portal.agency.receipt_page import Links
from portal.agency.receipts import state_of, state_of_correction
from portal.agency.rows import KeptRow
from tests.deliveries import make_agency
from tests.mended import SECRETS

ORGS = contracts.load_all(CHECKOUT / "contracts")["oneroster", "orgs"]
HOSTILE = '=cmd|"/c calc"!A1<script>alert(1)</script>'
PROBLEM = Problem("oneroster__orgs.type_code", Text("标题", "Title"), Text("办法", "Way"), ("type",), 2, 3)
NOTHING: Any = None


def part(**changes: Any) -> Part:
    made = Part(
        batch_id=uuid.UUID(int=1),
        entity="orgs",
        contract=ORGS,
        file="orgs.csv",
        status="released",
        received=10,
        books=Books(10, 7, 2, 1, 0, 0),
        unchanged=5,
        deleted=1,
        deletes_held=False,
        unreadable=0,
        to_mend=2,
        problems=(PROBLEM,),
        notes=(),
        holds=(),
    )
    return dataclasses.replace(made, **changes)


def receipt(*parts: Part, **changes: Any) -> Receipt:
    made = Receipt(
        receipt_id=uuid.UUID(int=2),
        agency=make_agency("oneroster"),
        origin="学校.zip",
        sent_at=dt.datetime(2026, 11, 22, 1, 2, tzinfo=dt.UTC),
        state=state_of(parts),
        read_rows=14,
        unchanged=5,
        parts=parts,
    )
    return dataclasses.replace(made, **changes)


def kept(seq: int, **changes: Any) -> KeptRow:
    reason = reasons.Reason(Text("机构类型有误", "Wrong kind"), Text("请改正", "Change it"), "critical")
    made = KeptRow(
        seq=seq,
        line=seq + 2,
        part=None,
        record=f"o{seq}",
        columns=("type",),
        rule_ids=("oneroster__orgs.type_code",),
        reasons=(reason,),
        status="open",
        entry=seq,
        values={"sourcedId": f"o{seq}", "type": "scool"},
    )
    return dataclasses.replace(made, **changes)


@pytest.fixture
def two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [kept(0, record=HOSTILE, values={"sourcedId": HOSTILE, "name": "-1+2", "type": "@x"}), kept(1)]

    def of_part(connection: object, part: Part, **wanted: Any) -> Iterator[KeptRow]:
        yield from found[: wanted.get("limit")]

    monkeypatch.setattr(rows, "of_part", of_part)


@pytest.mark.usefixtures("two_rows")
def test_a_page_needs_no_network_runs_nothing_and_escapes_names() -> None:
    page = receipt_page.render(NOTHING, receipt(part(), origin=HOSTILE), "en")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page)
    assert 'http-equiv="Content-Security-Policy"' in page
    assert " style=" not in page


@pytest.mark.usefixtures("two_rows")
@pytest.mark.parametrize(
    ("language", "there", "not_there"),
    [("zh", "数据报送回执", "Receipt for"), ("en", "Receipt for a data delivery", "回执")],
)
def test_a_page_speaks_one_language(language: Language, there: str, not_there: str) -> None:
    page = receipt_page.render(NOTHING, receipt(part()), language)
    assert there in page
    assert not_there not in page
    assert ("Wrong kind" in page) == (language == "en")


@pytest.mark.usefixtures("two_rows")
def test_a_page_of_the_desk_links_its_files_and_its_style_has_a_name() -> None:
    links = Links(home="/", here="/d/1", csv="/d/1/receipt.csv", json="/d/1/receipt.json", mend="/d/1/to-mend")
    page = receipt_page.render(NOTHING, receipt(part()), "en", links=links)
    assert 'href="/d/1/to-mend/orgs.xlsx"' in page
    assert 'href="/d/1/receipt.csv"' in page
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", receipt_page.style_hash(page))


@pytest.mark.usefixtures("two_rows")
def test_a_whole_delivery_is_asked_for_whole_and_an_appending_one_is_not() -> None:
    bulk = receipt_page.render(NOTHING, receipt(part()), "en")
    assert "send the whole file again" in bulk
    appending = receipt(part(), agency=make_agency("oneroster", mode="append"))
    assert "send the whole file again" not in receipt_page.render(NOTHING, appending, "en")


@pytest.mark.usefixtures("two_rows")
def test_no_cell_becomes_a_formula() -> None:
    content = b"".join(MendFile(NOTHING, SECRETS, "test-oneroster", part(), "en").as_csv())
    assert content.startswith(b"\xef\xbb\xbf")
    for cells in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert b"'=cmd" in content
    assert b"'-1+2" in content


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("'=1", "''=1"),
        (" =1", "' =1"),
        ("1", "1"),
        (None, ""),
        (7, 7),
    ],
)
def test_a_cell(value: object, shown: object) -> None:
    assert csv_lines.cell(value) == shown


@pytest.mark.usefixtures("two_rows")
def test_json_is_one_document_with_the_rows_last() -> None:
    repaired = Repaired("repair.x", Text("修", "Fixed"), Text("改", "Do"), "orgs", "orgs.csv", "type", 4, 9)
    document = json.loads(b"".join(tables.as_json(NOTHING, receipt(part(), repairs=(repaired,)), "en")))
    assert list(document)[-1] == "rows"
    assert [row["record"] for row in document["rows"]] == [HOSTILE, "o1"]
    assert document["books"] == {
        "received": 10, "accepted": 7, "quarantined": 2, "duplicate": 1, "refused": 0, "held": 0,
    }  # fmt: skip
    assert (document["repaired"][0]["title"], document["repaired"][0]["rows"]) == ("Fixed", 4)
    assert json.loads(b"".join(tables.as_json(NOTHING, receipt(), "en")))["rows"] == []


@pytest.mark.usefixtures("two_rows")
def test_csv_says_everything_in_one_shape() -> None:
    lines = list(csv.reader(io.StringIO(b"".join(tables.as_csv(NOTHING, receipt(part()), "en")).decode("utf-8-sig"))))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert [line[0] for line in lines[1:]] == [
        "delivery", "read", "unchanged", "received", "accepted", "kept back", "duplicate", "refused", "on hold",
        "row kept back", "row kept back",
    ]  # fmt: skip


def test_a_refusal_names_file_row_and_what_to_do() -> None:
    told = Refused(
        "refused.x", Text("缺列", "A column is missing"), Text("补", "Add it"), "no id", "a.csv", 1, "Export it."
    )
    refused = receipt(refused=told, state="refused")
    english, chinese = (receipt_page.render(NOTHING, refused, words) for words in ("en", "zh"))  # type: ignore[arg-type]
    for text in ("A column is missing", "a.csv", "row 1", "Export it."):
        assert text in english
    assert "缺列" in chinese
    assert json.loads(b"".join(tables.as_json(NOTHING, refused, "en")))["refused"]["row"] == 1
    assert "Export it." in b"".join(tables.as_csv(NOTHING, refused, "en")).decode()


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ((), "unchanged"),
        ((part(),), "to_mend"),
        ((part(to_mend=0),), "accepted"),
        ((part(), part(status="landed")), "processing"),
        ((part(), part(status="held")), "held"),
        ((part(status="refused"),), "withdrawn"),
    ],
)
def test_the_state_is_what_a_clerk_needs_first(parts: tuple[Part, ...], state: str) -> None:
    assert state_of(parts) == state


def test_rows_gone_from_a_whole_delivery_follow_from_the_books() -> None:
    assert receipt(part(received=10), read_rows=12, unchanged=5).gone == 3


def test_repairs_of_many_columns_are_said_once() -> None:
    repairs = tuple(
        Repaired("repair.x", Text("修", "Fixed"), Text("改", "Do"), "orgs", "orgs.csv", field, 4, line)
        for field, line in (("type", 9), ("name", 3))
    )
    (kind,) = receipt(repairs=repairs).repair_kinds
    assert (kind.fields, kind.count, kind.first_line) == (("type", "name"), 8, 3)


REPEAT = uuid.UUID(int=3)
CORRECTION = Correction(
    corrects=(Corrected(uuid.UUID(int=9), "学校.zip", dt.datetime(2026, 11, 20, tzinfo=dt.UTC), 3),),
    taken=3,
    kept=1,
    refused=1,
    overtaken=1,
    repeat_of=None,
    is_sent=True,
)


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows of a correction that were not taken."""
    reason = reasons.Reason(Text("代码不对", "Not our code"), Text("重新下载", "Download it again"), "critical")
    found = [
        Answered("x.csv", 7, None, None, None, "reader.correction_unknown_code", reason, is_refused=True),
        Answered("x.csv", 9, "orgs", HOSTILE, "type", "note.correction_unchanged", reason, is_refused=False),
    ]
    monkeypatch.setattr(
        corrections, "answers", lambda connection, receipt, **more: iter(found if receipt.correction else [])
    )


@pytest.mark.usefixtures("two_rows", "answered")
@pytest.mark.parametrize(
    ("language", "there"),
    [
        ("zh", ("更正回执", "代码不对", "重新下载", "更正了什么", "其中 1 行已被")),
        ("en", ("Receipt for a correction", "Not our code", "Download it again", "What it corrects", "1 of them")),
    ],
)
def test_a_corrections_receipt_says_what_it_corrects_and_what_was_not_taken(
    language: Language, there: tuple[str, ...]
) -> None:
    told = receipt(part(to_mend=0), correction=CORRECTION, origin=HOSTILE)
    page = receipt_page.render(NOTHING, told, language, links=Links(home="/", receipts="/deliveries"))
    for text in (*there, 'href="/deliveries/00000000-0000-0000-0000-000000000009"', "学校.zip"):
        assert text in page, text
    assert "<script>alert" not in page
    alone = receipt_page.render(NOTHING, told, language)
    assert "00000000-0000-0000-0000-000000000009" in alone
    lines = list(csv.reader(io.StringIO(b"".join(tables.as_csv(NOTHING, told, "en")).decode("utf-8-sig"))))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert [line[0] for line in lines[1:7]] == ["delivery", "read", "corrects", "mended", "left as it was", "not taken"]
    document = json.loads(b"".join(tables.as_json(NOTHING, told, language)))
    assert [row["row"] for row in document["not_taken"]] == [7, 9]
    assert document["correction"]["overtaken"] == 1


@pytest.mark.usefixtures("two_rows", "answered")
def test_the_receipt_of_what_was_corrected_leads_to_its_correction() -> None:
    since = (Corrected(REPEAT, "更正.xlsx", dt.datetime(2026, 11, 21, tzinfo=dt.UTC), 2),)
    page = receipt_page.render(NOTHING, receipt(part(), since=since), "en", links=Links(receipts="/deliveries"))
    assert f'href="/deliveries/{REPEAT}"' in page
    document = json.loads(b"".join(tables.as_json(NOTHING, receipt(part(), since=since), "en")))
    assert document["corrected_since"][0]["receipt"] == str(REPEAT)


@pytest.mark.parametrize(
    ("changes", "parts", "state"),
    [
        ({}, (part(to_mend=0),), "to_mend"),
        ({"kept": 0, "refused": 0}, (part(to_mend=0),), "accepted"),
        ({"kept": 0, "refused": 0}, (part(),), "to_mend"),
        ({"kept": 0, "refused": 0}, (part(status="held"),), "held"),
        ({"is_sent": False}, (), "processing"),
        ({"repeat_of": REPEAT}, (), "unchanged"),
        ({"kept": 0, "refused": 0}, (), "accepted"),
    ],
)
def test_the_state_of_a_correction(changes: dict[str, Any], parts: tuple[Part, ...], state: str) -> None:
    assert state_of_correction(dataclasses.replace(CORRECTION, **changes), parts) == state


@pytest.mark.usefixtures("two_rows")
def test_several_parts_of_one_table_have_addresses_of_their_own() -> None:
    links = Links(home="/", here="/d/1", mend="/d/1/to-mend")
    page = receipt_page.render(NOTHING, receipt(part(), part(number=2)), "en", links=links)
    assert 'href="/d/1/to-mend/orgs.xlsx"' in page
    assert 'href="/d/1/to-mend/orgs-2.xlsx"' in page
    assert 'id="orgs-2"' in page
