from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from connectors.scaffold import invented, sample
from connectors.scaffold.sample import Column
from pipeline.errors import BadInput
from pipeline.pseudonyms import check_resident_id

TODAY = dt.date(2026, 11, 22)


def read(tmp_path: Path, *lines: str, key: str = "id") -> dict[str, Column]:
    path = tmp_path / "sample.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return {column.name: column for column in sample.read(path, key.split(","), TODAY)}


@pytest.mark.parametrize(
    ("name", "values", "pg_type"),
    [
        ("visits", ("12", "0", ""), "integer"),
        ("grams", ("12", "3000000000", "5"), "bigint"),
        ("fee", ("1.5", "2", "0"), "numeric"),
        ("day", ("2024-02-29", "2023-01-01", ""), "date"),
        ("seenAt", ("2024-02-29T08:00:00+08:00", "2023-01-01T00:00:00Z", ""), "timestamptz"),
        ("open", ("true", "false", "true"), "boolean"),
        ("colour", ("red", "", "blue"), "text"),
        ("nothing", ("", "", ""), "text"),
        ("ward", ("0012", "12", "7"), "text"),
        ("division_code", ("330106", "330102", "330106"), "text"),
        ("long", ("123456789012345", "1", "2"), "text"),
        ("mixed", ("12", "none", "3"), "text"),
    ],
)
def test_a_type_is_what_all_values_have(tmp_path: Path, name: str, values: tuple[str, ...], pg_type: str) -> None:
    found = read(tmp_path, f"id,{name}", *(f"r{at},{value}" for at, value in enumerate(values)))
    assert found[name].pg_type == pg_type
    assert found[name].classification == "internal"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("full_name", "x", "full_name"),
        ("givenName", "x", "given_name"),
        ("surname", "x", "family_name"),
        ("programme_name", "x", "full_name"),
        ("mobile", "x", "phone"),
        ("contact", "x", "phone"),
        ("e_mail", "x", "email"),
        ("home_address", "x", "other"),
        ("birth_place", "x", "other"),
        ("id_card", "x", "resident_id"),
        ("remark", "339901198001010011", "resident_id"),
        ("remark", "13812345678", "phone"),
        ("remark", "someone@example.org", "email"),
        ("reader", "王小明", "full_name"),
    ],
)
def test_what_looks_like_a_person_is_an_identifier(tmp_path: Path, name: str, value: str, kind: str) -> None:
    column = read(tmp_path, f"id,{name}", f"r1,{value}")[name]
    assert (column.classification, column.identifier, column.pg_type) == ("identifier", kind, "text")
    assert column.because


@pytest.mark.parametrize(
    ("name", "value", "is_year", "is_never_negative"),
    [("school_year", "2026", True, False), ("school_year", "7", False, True), ("visits", "2026", False, True),
     ("change", "-3", False, False)],
)  # fmt: skip
def test_a_year_is_told_from_a_count(
    tmp_path: Path, name: str, value: str, is_year: bool, is_never_negative: bool
) -> None:
    column = read(tmp_path, f"id,{name}", f"r1,{value}")[name]
    assert (column.is_year, column.is_never_negative) == (is_year, is_never_negative)


def test_a_birth_date_and_a_sex_are_kept_for_linkage(tmp_path: Path) -> None:
    found = read(tmp_path, "id,birth_date,sex", "r1,1980-01-01,female")
    assert [(c.classification, c.linkage) for c in list(found.values())[1:]] == [
        ("personal", "birth_date"),
        ("personal", "sex"),
    ]


def test_a_sex_in_digits_is_a_code_and_invented_as_one(tmp_path: Path) -> None:
    column = read(tmp_path, "id,gender", "r1,1", "r2,2")["gender"]
    assert (column.pg_type, column.linkage, column.digits) == ("text", "sex", 1)
    assert invented.value(column, 2) == "2"


def test_a_second_resident_id_is_someone_elses(tmp_path: Path) -> None:
    found = read(tmp_path, "id,resident_id,parent_id_card", "r1,x,y")
    assert [column.identifier for column in found.values()] == [None, "resident_id", "other"]


@pytest.mark.parametrize(
    ("lines", "key", "words"),
    [
        (("id,x",), "id", "no rows below its header"),
        (("id,x", "1"), "id", "record 2 has 1 fields, the header 2"),
        (("id,编号", "1,2"), "id", "Latin letters"),
        (("id,some thing", "1,2"), "id", "Latin letters"),
        (("id,Id", "1,2"), "id", "the column id is there 2 times"),
        (("id,x", "1,2"), "nr", "has no column nr"),
        (("id,x", "1,2", ",3"), "id", "a row has no id"),
        (("id,x", "1,2", "1,3"), "id", "two rows have the same id"),
        (("id,full_name", "1,x"), "full_name", "looks as if it named a person"),
        (("id,x", "339901198001010011,1"), "id", "looks as if it named a person"),
    ],
)
def test_a_sample_that_cannot_be_used_is_refused_without_its_values(
    tmp_path: Path, lines: tuple[str, ...], key: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words) as told:
        read(tmp_path, *lines, key=key)
    assert "339901198001010011" not in str(told.value)


def test_a_sample_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sample.csv").write_bytes("id,x\n1,数\n".encode("gbk"))
    with pytest.raises(BadInput, match="no CSV in UTF-8"):
        sample.read(tmp_path / "sample.csv", ["id"], TODAY)


@pytest.mark.parametrize("number", [1, 2, 9])
def test_an_invented_resident_id_holds_and_belongs_to_no_place(number: int) -> None:
    made = invented.resident_id(number)
    assert made.startswith("3399")
    assert check_resident_id(made, TODAY).status == "valid"
