"""The data dictionary: every table a policymaker can ask is in it with Chinese words, and no row of any table."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import contracts
from pipeline.db import connect
from pipeline.settings import Settings
from portal.publishing import dictionary
from release import described

MOST_BYTES = 300_000
"""of a view's data, packed as it is sent"""


@pytest.fixture(scope="module")
def folder(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site") / "data" / "dictionary"
    dictionary.write(settings, made)
    return made


def part(folder: Path, name: str) -> list[dict[str, Any]]:
    tables: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["tables"]
    return tables


def test_every_table_and_column_of_mart_is_there_with_words_in_chinese(settings: Settings, folder: Path) -> None:
    with connect(settings, "policymaker") as connection:
        known = {
            (f"mart.{table}", column)
            for table, column in connection.execute(
                "select table_name, column_name from information_schema.columns where table_schema = 'mart'"
            )
        }
    tables = part(folder, "mart")
    assert {(table["name"], column["name"]) for table in tables for column in table["columns"]} == known
    assert [table["name"] for table in tables if "zh" not in table] == []
    assert [(table["name"], c["name"]) for table in tables for c in table["columns"] if "zh" not in c] == []


def test_core_is_described_and_marked_as_closed(settings: Settings, folder: Path) -> None:
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert [each["id"] for each in index["parts"] if each["is_open"]] == ["mart"]
    assert all(each["zh"] and each["en"] and each["note_zh"] and each["note_en"] for each in index["parts"])
    listed = {table["name"] for name in ("core", "indicators", "seeds") for table in part(folder, name)}
    assert listed == {f"core.{table.name}" for table in described.core(settings.checkout)}
    told = {c["name"]: c for table in part(folder, "core") for c in table["columns"]}
    assert "{{" not in json.dumps(told), "a shared description is said, not called"
    assert told["learner_key"]["en"]
    assert any(table.get("notes") for table in part(folder, "core"))


def test_what_agencies_send_says_what_is_personal(settings: Settings, folder: Path) -> None:
    for (source, _), contract in contracts.load_all(settings.contracts_dir).items():
        (table,) = [each for each in part(folder, source) if each["name"] == contract.name]
        assert {c["name"]: c["class"] for c in table["columns"]} == {
            f.column: f.classification for f in contract.fields
        }
        assert table["key"] == [f.column for f in contract.key_fields]
    spoken = [c for table in part(folder, "hr") for c in table["columns"] if "zh" in c]
    assert spoken, "offices' own words are the Chinese of it"


def test_documents_are_small_and_come_out_the_same_each_time(settings: Settings, folder: Path, tmp_path: Path) -> None:
    dictionary.write(settings, tmp_path)
    files = sorted(path.name for path in folder.iterdir())
    assert files == sorted(path.name for path in tmp_path.iterdir())
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in files)
    sent = sum(len(gzip.compress((folder / name).read_bytes(), mtime=0)) for name in files)
    assert sent < MOST_BYTES, "a search reads all of it"
