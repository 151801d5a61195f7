"""What PostgreSQL's COPY writes is read back as the same values: nothing is not an empty text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb

from release.spark.export import csv_query

KINDS = {
    "name": "text", "credits": "numeric(14,4)", "share": "numeric", "seen_at": "timestamp with time zone",
    "ids": "text[]", "is_live": "boolean",
}  # fmt: skip
COPIED = (
    '"a ""quoted"", 县",12.5000,0.1,2025-03-01 08:00:00.123456+00,"[""x"",""y""]",t\n'
    '"",\\N,\\N,\\N,\\N,\\N\n'
    '"\\N",0.0000,1e-3,2025-03-01 08:00:00+00,[],f\n'
    '"two\nlines",1.0000,2,2025-03-01 08:00:00+00,[],f\n'
)


def test_a_copied_text_keeps_its_values(tmp_path: Path) -> None:
    text = tmp_path / "rows.csv"
    text.write_text(COPIED, encoding="utf-8")
    with duckdb.connect() as engine:
        engine.execute("set timezone = 'UTC'")
        rows = engine.execute(csv_query(text, KINDS)).fetchall()
    assert [row[0] for row in rows] == ['a "quoted", 县', "", "\\N", "two\nlines"]
    first, second = rows[0], rows[1]
    assert first[1:3] == (Decimal("12.5000"), 0.1)
    assert first[3].astimezone(dt.UTC) == dt.datetime(2025, 3, 1, 8, 0, 0, 123456, tzinfo=dt.UTC)
    assert first[4:] == (["x", "y"], True)
    assert second[1:] == (None,) * 5
    assert rows[2][4] == []
