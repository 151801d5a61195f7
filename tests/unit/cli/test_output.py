import datetime as dt
import json
from decimal import Decimal

import pytest

from cli.output import Table, emit_table, emit_tables, say


def test_json_is_one_document_and_progress_stays_off_it(capsys: pytest.CaptureFixture[str]) -> None:
    say("working")
    emit_table("Books", ("agency", "rows", "at"), [("学校", Decimal("1.5"), dt.date(2026, 1, 2))], as_json=True)
    shown = capsys.readouterr()
    assert json.loads(shown.out) == [{"agency": "学校", "rows": "1.5", "at": "2026-01-02"}]
    assert "working" in shown.err


def test_several_tables_are_still_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    emit_tables([Table("books", "Books", ("n",), [(1,)]), Table("stages", "Stages", ("n",), [])], True, seed=7)
    assert json.loads(capsys.readouterr().out) == {"seed": 7, "books": [{"n": 1}], "stages": []}


def test_a_value_is_never_read_as_markup_nor_cut(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 150
    emit_table("T", ("a", "b"), [("[red]bold[/red]", long), (None, True)], as_json=False)
    shown = capsys.readouterr().out
    assert "[red]bold[/red]" in shown
    assert long in shown
    assert "yes" in shown


def test_numbers_are_grouped(capsys: pytest.CaptureFixture[str]) -> None:
    emit_table("T", ("rows",), [(1234567,)], as_json=False)
    assert "1,234,567" in capsys.readouterr().out
