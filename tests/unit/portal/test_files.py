from __future__ import annotations

import pytest

from portal.agency.files import LONGEST_NAME_BYTES, clean_name, kind_of, numbered


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04rest", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"a,b\n1,2\n", "text"),
        ("姓名,性别\n".encode("gb18030"), "text"),
        ("姓名,性别\n".encode("utf-16"), "text"),
        (b"\xef\xbb\xbfa,b\n", "text"),
        (b'\xef\xbb\xbf  [{"a": 1}]', "json"),
        (b'{"a": 1}', "json"),
        (b"\x7fELF\x02\x01\x01\x00", None),
        (b"MZ\x90\x00\x03", None),
        (b"#!/bin/sh\n", None),
        (b"<?xml version='1.0'?>", None),
        (b"  <html>", None),
        (b"%PDF-1.7", None),
        (b"a,b\n1,\x00\n", None),
        (b"", None),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(head: bytes, kind: str | None) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2025秋 学籍（一）.csv", "2025秋 学籍（一）.csv"),
        ("/etc/passwd", "passwd"),
        ("C:\\data\\x.xlsx", "x.xlsx"),
        ("..", "delivery"),
        ("", "delivery"),
        (None, "delivery"),
        ("...csv", "csv"),
        ("x.part.PART", "x"),
        ("a\nb\tc\x1b[2J.csv", "a_b_c_2J.csv"),
        ("{{ 7*7 }}.csv", "7_7.csv"),
        ("'; drop table x; --.csv", "drop table x_ --.csv"),
    ],
)
def test_a_name_stays_on_one_line_in_one_folder(given: str | None, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_long_name_keeps_its_ending_and_fits_a_folder() -> None:
    cleaned = clean_name("名" * 300 + ".xlsx")
    assert cleaned.endswith("名.xlsx")
    assert len(cleaned.encode()) <= LONGEST_NAME_BYTES


def test_a_name_that_is_taken_gets_a_number_before_its_ending() -> None:
    assert [numbered("a.b.csv", n) for n in (1, 2, 3)] == ["a.b.csv", "a.b-2.csv", "a.b-3.csv"]
    assert numbered("folder", 2) == "folder-2"
