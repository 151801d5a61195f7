"""Files of the corpus that are too large or too dangerous to keep: each function writes one and says where."""

from __future__ import annotations

import random
from pathlib import Path

_HEADER = (
    "code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,"
    "num_of_prev_attempts,studied_credits,disability,final_result"
)
_COURSES = b"code_module,code_presentation,module_presentation_length\nAAA,2024J,268\nAAA,2025B,240\n"


def _row(number: int, region: str = "") -> str:
    return f"AAA,2024J,{number},M,{region},,,,0,60,N,Pass"


def _students(folder: Path, content: bytes) -> Path:
    path = folder / "studentInfo.csv"
    path.write_bytes(content)
    return path


def very_long_line(folder: Path) -> Path:
    """A line of two million characters."""
    return _students(folder, f"{_HEADER}\n{_row(1, 'x' * 2_000_000)}\n".encode())


def gbk_far_down(folder: Path) -> Path:
    """200 kB of ASCII, then one line in GBK."""
    lines = [_HEADER, *(_row(number) for number in range(6_000)), _row(6_000, "浙江省舟山市")]
    return _students(folder, "\n".join([*lines, ""]).encode("gbk"))


def quote_over_a_hundred_lines(folder: Path) -> Path:
    """A quote opened in the first row and closed a hundred rows later."""
    lines = [_HEADER, _row(1, '"Z'), *(_row(number) for number in range(2, 102)), _row(102, 'Z"')]
    return _students(folder, "\n".join([*lines, ""]).encode())


def clutter(folder: Path) -> Path:
    """A table among what macOS and Windows leave behind."""
    delivery = folder / "delivery"
    (delivery / "__MACOSX").mkdir(parents=True)
    for name in (".DS_Store", "Thumbs.db", "__MACOSX/._courses.csv"):
        (delivery / name).write_bytes(random.Random(1).randbytes(64))
    (delivery / "courses.csv").write_bytes(_COURSES)
    return delivery


def a_hundred_thousand_columns(folder: Path) -> Path:
    """Our columns followed by a hundred thousand others."""
    more = ",".join(f"c{number}" for number in range(100_000))
    values = ",".join("1" for _ in range(100_000))
    return _students(folder, f"{_HEADER},{more}\n{_row(1)},{values}\n{_row(2)},{values}\n".encode())


def quote_storm(folder: Path) -> Path:
    """Five thousand lines, each with a quote that is never closed."""
    lines = [_HEADER, *(_row(number, '"Z') for number in range(5_000))]
    return _students(folder, "\n".join([*lines, ""]).encode())


def hostile_file_name(folder: Path) -> Path:
    """A file whose name is SQL, HTML and a line break."""
    path = folder / "';drop table x;--<b>\n{{7*7}}$(id).csv"
    path.write_bytes(b"a,b\n1,2\n")
    return path


def deep_json(folder: Path) -> Path:
    """A line of a hundred thousand brackets between ordinary ones."""
    path = folder / "statements.jsonl"
    path.write_text('{"a":1}\n{"a":' + "[" * 100_000 + "]" * 100_000 + '}\n{"a":2}\n', encoding="utf-8")
    return path


def oversized_json(folder: Path) -> Path:
    """A line of six million characters between ordinary ones."""
    path = folder / "statements.jsonl"
    path.write_text('{"a":1}\n{"a":"' + "x" * 6_000_000 + '"}\n{"a":2}\n', encoding="utf-8")
    return path
