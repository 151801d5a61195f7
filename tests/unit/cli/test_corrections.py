"""What to correct, as a person gives it."""

from pathlib import Path

import pytest

from cli import corrections
from pipeline.errors import BadInput


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "c.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_values_are_read_and_an_empty_one_empties_the_field() -> None:
    assert corrections.fields(["a=1", "b=", "c=x=y"], None) == {"a": "1", "b": None, "c": "x=y"}


def test_an_empty_cell_leaves_a_field_as_it_is(tmp_path: Path) -> None:
    given = corrections.table(table(tmp_path, "entry,sex,name\r\n7,female,\r\n8,,王\r\n", "utf-8-sig"))
    assert [(c.entry, dict(c.fields)) for c in given] == [(7, {"sex": "female"}), (8, {"name": "王"})]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,sex\n7,female\n", "has no column entry"),
        ("", "has no column entry"),
        ("entry,sex\nseven,female\n", "line 2: names no entry"),
        ("entry,sex\n7,\n", "line 2: corrects nothing"),
        ("entry,sex\n7,female,more\n", "line 2: has more cells"),
    ],
)
def test_a_table_that_cannot_be_used_names_the_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        corrections.table(table(tmp_path, text))


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="UTF-8"):
        corrections.table(table(tmp_path, "entry,name\n7,王小明\n", "gbk"))


@pytest.mark.parametrize("values", [[], ["sex"]])
def test_nothing_to_correct_is_refused(values: list[str]) -> None:
    with pytest.raises(BadInput):
        corrections.fields(values, None)
