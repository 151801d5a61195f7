from __future__ import annotations

from pathlib import Path

import pytest

from connectors import sources
from connectors.sources.base import Rejected, Row
from pipeline.errors import BadInput
from tests.deliveries import deliver, files_of, make_agency, pack

COUNTS = {
    "assessments": 2,
    "courses": 2,
    "student_assessment": 2,
    "student_info": 2,
    "student_registration": 2,
    "student_vle": 3,
    "vle": 2,
}


def test_seven_tables_are_read_from_folder_and_zip(seven_tables: Path, tmp_path: Path) -> None:
    delivered = deliver("oulad", seven_tables)
    assert {entity: len(rows) for entity, rows in delivered.items()} == COUNTS
    assert deliver("oulad", pack(tmp_path / "o.zip", files_of(seven_tables))) == delivered


def test_question_mark_and_nothing_mean_missing(seven_tables: Path) -> None:
    delivered = deliver("oulad", seven_tables)
    assert delivered["assessments"][1].values["date"] is None
    assert delivered["student_assessment"][1].values["score"] is None
    second = delivered["student_info"][1].values
    assert (second["imd_band"], second["cn_resident_id"], second["cn_birth_date"]) == ("10-20", None, None)


def test_public_data_set_without_our_columns_is_read(seven_tables: Path) -> None:
    lines = (seven_tables / "studentInfo.csv").read_text().splitlines()
    short = [",".join(line.split(",")[:12]) for line in lines]
    (seven_tables / "studentInfo.csv").write_text("\n".join(short))
    first = deliver("oulad", seven_tables)["student_info"][0]
    assert isinstance(first, Row)
    assert first.values["final_result"] == "Pass"
    assert first.values["cn_full_name"] is None


def test_equal_rows_of_clicks_are_all_handed_on(seven_tables: Path) -> None:
    first, second, _ = deliver("oulad", seven_tables)["student_vle"]
    assert first.values == second.values
    assert (first.line, second.line) == (2, 3)


def test_clicks_are_appended_and_the_rest_is_bulk_unless_the_agency_appends(seven_tables: Path) -> None:
    reader = sources.load("oulad")
    with reader.open(seven_tables, make_agency("oulad")) as tables:
        assert {table.entity for table in tables if table.mode == "append"} == {"student_vle"}
    with reader.open(seven_tables, make_agency("oulad", mode="append")) as tables:
        assert {table.mode for table in tables} == {"append"}


def test_delivery_may_hold_some_tables_and_other_names(seven_tables: Path, tmp_path: Path) -> None:
    single = tmp_path / "STUDENTVLE.CSV"
    single.write_bytes((seven_tables / "studentVle_sample.csv").read_bytes())
    assert set(deliver("oulad", single)) == {"student_vle"}
    renamed = tmp_path / "results 2025.csv"
    renamed.write_bytes((seven_tables / "studentAssessment.csv").read_bytes())
    assert set(deliver("oulad", renamed)) == {"student_assessment"}


def test_ragged_row_is_set_aside_with_its_key_and_reading_goes_on(seven_tables: Path) -> None:
    path = seven_tables / "studentAssessment.csv"
    path.write_text("id_assessment,id_student,date_submitted,is_banked,score\n1,a,1,0,1,9\n2,b,1\n3\n4,d,1,0,50\n")
    assert deliver("oulad", seven_tables)["student_assessment"] == [
        Rejected(2, "1,a,1,0,1,9\n", "reader.ragged_row", "1|a"),
        Rejected(3, "2,b,1\n", "reader.ragged_row", "2|b"),
        Rejected(4, "3\n", "reader.ragged_row", None),
        Row(
            5,
            {"id_assessment": "4", "id_student": "d", "date_submitted": "1", "is_banked": "0", "score": "50"},
        ),
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("courses.csv", "code_module,module_presentation_length\na,1\n", "the column code_presentation is missing"),
        ("studentInfo.csv", "code_module,code_presentation,id_student\na,b,c\n", "gender, region, highest_education"),
        ("notes.csv", "a,b\n1,2\n", "neither its name nor its columns"),
        ("studentVle.csv", "code_module,code_presentation,id_student,id_site,date,sum_click\na,b,c,d,1,1\n", "same"),
        ("vle.csv", "id_site,code_module,code_presentation,activity_type,week_from,week_to\n", "a header and no rows"),
        ("vle.csv", "", "the file is empty"),
    ],
)
def test_table_that_cannot_be_used_is_refused(seven_tables: Path, name: str, text: str, words: str) -> None:
    (seven_tables / name).write_text(text)
    with pytest.raises(BadInput) as refusal:
        deliver("oulad", seven_tables)
    assert str(refusal.value).startswith("test-oulad (oulad): oulad/")
    assert words in str(refusal.value)


def test_folder_without_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("soon")
    with pytest.raises(BadInput, match="there is no CSV file in it"):
        deliver("oulad", tmp_path)
