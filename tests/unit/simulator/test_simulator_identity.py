"""Synthetic numbers are right by checksum, wrong by area, and never given twice."""

import random
from datetime import date

import pytest
from stdnum.cn import ric, uscc

from simulator.identity import MOST_PEOPLE, birth_and_id, check_character, credit_code, mistyped, resident_id
from simulator.naming import draw_name

_PUBLISHED = ("11010519491231002X", "34052419800101001X", "339901201203150019", "33990320071231004X")


@pytest.mark.parametrize("number", _PUBLISHED)
def test_check_character_agrees_with_published_numbers(number: str) -> None:
    assert check_character(number[:17]) == number[17]


def test_resident_id_tells_sex_in_its_seventeenth_digit() -> None:
    born = date(1980, 2, 29)
    assert int(resident_id("339901", born, 498, "male")[16]) % 2 == 1
    assert int(resident_id("339901", born, 498, "female")[16]) % 2 == 0
    assert resident_id("339901", born, 0, "male")[14:17] == "001"
    assert resident_id("339901", born, 498, "female")[14:17] == "998"


def test_ids_are_distinct_even_when_everyone_is_born_within_a_year() -> None:
    # Two turns of the slots: people who share area and sequence, told apart by the birth date alone.
    rng = random.Random(7)
    slots = MOST_PEOPLE // 64
    numbers = [*range(6_000), *range(slots, slots + 6_000), *range(5 * slots, 5 * slots + 6_000)]
    ids = {birth_and_id(no, "male", date(2010, 9, 1), date(2011, 8, 31), rng)[1] for no in numbers}
    assert len(ids) == len(numbers)
    assert all(number.startswith("3399") and number[-1] == ric.calc_check_digit(number) for number in ids)


def test_birth_dates_stay_within_their_bounds_and_cover_the_year() -> None:
    rng = random.Random(1)
    first, last = date(2021, 9, 1), date(2022, 8, 31)
    born = [birth_and_id(no, "female", first, last, rng)[0] for no in range(4_000)]
    assert first <= min(born)
    assert max(born) <= last
    assert len(set(born)) > 350


def test_mistyped_id_fails_the_checksum() -> None:
    for number in _PUBLISHED:
        wrong = mistyped(number)
        assert wrong[:17] == number[:17]
        assert wrong[17] != ric.calc_check_digit(wrong)


@pytest.mark.parametrize(
    "code", ["12330000XX0000019B", "52330100XX00000277", "91330200XX00000356", "12331127XX0000043H"]
)
def test_credit_code_matches_known_synthetic_codes(code: str) -> None:
    assert credit_code(code[:2], code[2:8], int(code[10:16])) == code
    assert uscc.calc_check_digit(code[:17]) == code[17]


def test_names_include_rare_characters_and_middle_dots() -> None:
    rng = random.Random(3)
    names = [draw_name(rng, "female", 0.1) for _ in range(4_000)]
    assert any("·" in name.full for name in names)
    assert any(ord(char) > 0xFFFF for name in names for char in name.full)
    assert any(len(name.family) == 2 for name in names)
    assert all(name.family and name.given for name in names)
