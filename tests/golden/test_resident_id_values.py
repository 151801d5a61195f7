"""The edge's check of resident ids against the worked values of the standard."""

import datetime as dt
import json
from pathlib import Path

import pytest

from pipeline.pseudonyms import check_resident_id

VALUES = json.loads((Path(__file__).parent / "values.json").read_text())["resident_id"]
TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize("number", VALUES["valid"])
def test_valid_numbers_hold_also_with_retired_area_codes(number):
    assert check_resident_id(number, TODAY).number == number


@pytest.mark.parametrize(("number", "why"), VALUES["invalid"].items())
def test_invalid_numbers_are_told_apart(number, why):
    assert (check_resident_id(number, TODAY).status, check_resident_id(number, TODAY).number) == ("invalid", None), why


def test_a_number_of_the_first_generation_becomes_one_of_the_second():
    assert check_resident_id(VALUES["fifteen_to_eighteen"]["in"], TODAY).number == VALUES["fifteen_to_eighteen"]["out"]
