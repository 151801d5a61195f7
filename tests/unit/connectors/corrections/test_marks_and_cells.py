"""Codes cannot be made up or borrowed, files are known again, and values come back as they went."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.corrections import cells, marks
from tests.mended import SECRETS


@given(st.integers(0, 2**63 - 1))
def test_a_code_stands_for_its_entry_alone(entry: int) -> None:
    code = marks.code(SECRETS, "sch-a", entry)
    assert marks.entry_of(SECRETS, "sch-a", code) == entry
    assert marks.entry_of(SECRETS, "sch-b", code) is None
    assert not code.replace("-", "").isdigit()


@pytest.mark.parametrize("as_saved", [str.lower, lambda code: f"  {code} ", lambda code: f"'{code}", "{:s}".format])
def test_a_code_is_read_as_programs_and_people_write_it(as_saved) -> None:  # type: ignore[no-untyped-def]
    code = marks.code(SECRETS, "sch-a", 4711)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    assert marks.entry_of(SECRETS, "sch-a", as_saved(code)) == 4711
    assert marks.entry_of(SECRETS, "sch-a", wide) == 4711


def test_a_forged_code_is_none() -> None:
    code = marks.code(SECRETS, "sch-a", 4711)
    other = dataclasses.replace(SECRETS, quarantine_key=b"x" * 32)
    head, entry, seal = code.split("-")
    forged = [
        "",
        "FIX-1",
        entry,
        f"{head}-{entry}-{'0' * 16}",
        f"{head}-{marks.code(SECRETS, 'sch-a', 4712).split('-')[1]}-{seal}",
        f"{code}0",
        f"{head}-{'Z' * 13}-{seal}",
        f"{head}-{'Z' * 40}-{seal}",
    ]
    assert [marks.entry_of(SECRETS, "sch-a", text) for text in forged] == [None] * len(forged)
    assert marks.entry_of(other, "sch-a", code) is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("row,file or sheet,flyover_entry,sourcedId\n", True),
        ("行号;FLYOVER_ENTRY ;名称", True),
        ("column at fault,how to mend,sourcedId\n", True),
        ("有问题的列\t如何更正\t名称", True),
        (f"1,x,{marks.code(SECRETS, 'a', 1)},y", True),
        ("sourcedId,status,row,problem\n", False),
        ("行号,问题,列,如何更正\n", False),
        ("", False),
    ],
)
def test_a_file_is_known_by_its_column_its_codes_or_its_guide(text: str, known: bool) -> None:
    assert marks.are_in(text) is known


@given(st.text(alphabet="='+-@ \n\tab1", max_size=12))
def test_no_cell_is_a_formula_and_every_value_comes_back(value: str) -> None:
    shown = cells.marked(value)
    assert not shown.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cells.unmarked(shown) == value


def test_what_a_person_types_without_a_mark_stays() -> None:
    for typed in ("-5", "=1+1", "O'Neill", "'quoted'", "'"):
        assert cells.unmarked(typed) == typed


def test_what_no_table_can_hold_is_left_out() -> None:
    assert cells.marked("a\x00b\x0bc\td") == "abc\td"
