from __future__ import annotations

from pathlib import Path

import pytest

from connectors import sources
from connectors.sources.base import Row
from pipeline.errors import BadInput
from tests.deliveries import FIXTURES, deliver, make_agency

FIXTURE = FIXTURES / "senior" / "senior_enrolment.csv"


def test_enrolments_are_read_by_the_contracts_names() -> None:
    first, second, third = deliver("senior", FIXTURE)["enrolments"]
    assert isinstance(first, Row)
    assert (first.line, first.values["student_card_no"], first.values["status"]) == (2, "20240001", "enrolled")
    assert (second.values["withdraw_reason"], second.values["consent_80plus"]) == ("illness", "true")
    assert (third.values["birth_date"], third.values["age_band"], third.values["resident_id"]) == (None, "60-64", None)


def test_emergency_contact_is_never_picked_up() -> None:
    for row in deliver("senior", FIXTURE)["enrolments"]:
        assert isinstance(row, Row)
        assert "emergency_contact" not in row.values


@pytest.mark.parametrize("mode", ["bulk", "append"])
def test_mode_is_the_agencys(mode: str) -> None:
    with sources.load("senior").open(FIXTURE, make_agency("senior", mode=mode)) as tables:
        assert [table.mode for table in tables] == [mode]


def test_file_without_a_key_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "enrolments.csv"
    path.write_text("school_code,term,class_id\n1,2,3\n")
    with pytest.raises(BadInput, match="student_card_no"):
        deliver("senior", path)
