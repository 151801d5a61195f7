"""A large workbook passes in little memory: only the current row and the texts that cells share are held."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline.settings import CHECKOUT
from tests.workbooks import CHINESE, record, save

_TEXTS = (
    b'<Relationship Id="texts" Target="sharedStrings.xml" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
)
_READ = """
import re, sys
from pathlib import Path
from tests.deliveries import deliver, make_agency
from connectors import sources
with sources.load("senior").open(Path(sys.argv[1]), make_agency("senior")) as (table,):
    read = sum(1 for _ in table.rows())
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())  # rusage would count its parent, too
print(read, int(peak[1]) // 1024)
"""


@pytest.mark.parametrize(
    ("rows", "more_megabytes"),
    [(15_000, 16), pytest.param(300_000, 250, marks=pytest.mark.slow)],
)
def test_a_large_workbook_takes_little_more_memory_than_a_small_one(
    tmp_path: Path, rows: int, more_megabytes: int
) -> None:
    """What grows is the list of shared texts; the rows held as well would take twice as much."""
    read, megabytes = measured(large(tmp_path, rows))
    assert read == rows
    assert megabytes - measured(large(tmp_path, 1))[1] < more_megabytes


def measured(workbook: Path) -> tuple[int, int]:
    """(rows, megabytes at the peak) of reading it in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-c", _READ, str(workbook)], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    read, megabytes = map(int, told.stdout.split())
    return read, megabytes


def large(folder: Path, rows: int) -> Path:
    """A workbook whose texts are all shared, three of them new in every row."""
    path = save(folder / "large.xlsx", [CHINESE, record()])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    relations = "xl/_rels/workbook.xml.rels"
    parts[relations] = parts[relations].replace(b"</Relationships>", _TEXTS + b"</Relationships>")
    sheet = parts.pop("xl/worksheets/sheet1.xml").decode()
    head, tail = sheet.split("<sheetData>")[0] + "<sheetData>", "</sheetData>" + sheet.split("</sheetData>")[1]
    letters = "ABCDEFGHIJK"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(head.encode())
            for row in range(rows + 1):
                own = {3: 3 * row + 19, 6: 3 * row + 20, 9: 3 * row + 21} if row else {}
                cells = "".join(
                    f'<c r="{letter}{row + 1}" t="s"><v>{own.get(n, n + 11 if row else n)}</v></c>'
                    for n, letter in enumerate(letters)
                )
                part.write(f'<row r="{row + 1}">{cells}</row>'.encode())
            part.write(tail.encode())
        with archive.open("xl/sharedStrings.xml", "w") as part:
            part.write(b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
            for text in (*CHINESE, *record()):
                part.write(f"<si><t>{text}</t></si>".encode())
            for row in range(rows):
                for text in (f"2024{row:06}", f"测试{row:06}", f"3399011958031{row:05}"[:18]):
                    part.write(f"<si><t>{text}</t></si>".encode())
            part.write(b"</sst>")
    return path
