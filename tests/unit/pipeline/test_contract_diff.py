"""Which changes of a contract a feed survives, and which need a major version of their own."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline import contracts
from pipeline.contract_diff import as_document, breaking, changes, from_document
from pipeline.contracts import Contract, Field
from pipeline.errors import ConfigurationError
from pipeline.settings import CHECKOUT

BEFORE = contracts.read(CHECKOUT / "contracts" / "oneroster" / "enrollments.odcs.yaml")
OPTIONAL = Field("campus", "campus", "text", False, "internal", "Campus.", max_length=20)


def with_fields(edit: Callable[[list[Field]], list[Field]]) -> Contract:
    return dataclasses.replace(BEFORE, fields=tuple(edit(list(BEFORE.fields))))


def changed(field_name: str, /, **what: Any) -> Contract:
    return with_fields(lambda fields: [dataclasses.replace(f, **what) if f.name == field_name else f for f in fields])


@pytest.mark.parametrize(
    ("after", "field", "what"),
    [
        (with_fields(lambda fields: [*fields, OPTIONAL]), "campus", "added, optional"),
        (changed("role", max_length=128), "role", "length 64 became 128"),
        (changed("role", required=False), "role", "no longer required"),
        (changed("role", classification="personal"), "role", "class internal became personal"),
    ],
)
def test_what_a_feed_survives(after: Contract, field: str, what: str) -> None:
    assert [(c.field, c.what, c.breaks) for c in changes(BEFORE, after)] == [(field, what, False)]
    assert breaking(BEFORE, after) == []


@pytest.mark.parametrize(
    ("after", "field", "what"),
    [
        (with_fields(lambda fields: [f for f in fields if f.name != "role"]), "role", "removed"),
        (
            with_fields(lambda fields: [*fields, dataclasses.replace(OPTIONAL, required=True)]),
            "campus",
            "added, required",
        ),
        (changed("role", name="roleCode"), "roleCode", "renamed from role"),
        (changed("role", column="role_code"), "role", "column role became role_code"),
        (changed("beginDate", pg_type="text"), "beginDate", "date became text"),
        (changed("beginDate", required=True), "beginDate", "now required"),
        (changed("role", max_length=8), "role", "length 64 became 8"),
        (changed("role", classification="dropped"), "role", "class internal became dropped"),
        (changed("userSourcedId", reference=None), "userSourcedId", "is linked otherwise"),
        (changed("sourcedId", key_position=None), "", "key (sourcedId) became ()"),
        (dataclasses.replace(BEFORE, identity="occurrence"), "", "records are told apart by occurrence, not key"),
        (
            dataclasses.replace(BEFORE, entity="joins"),
            "",
            "another entity: oneroster.enrollments became oneroster.joins",
        ),
    ],
)
def test_what_stops_a_feed(after: Contract, field: str, what: str) -> None:
    assert (field, what) in [(c.field, c.what) for c in breaking(BEFORE, after)]


def test_an_unchanged_contract_and_better_words_are_no_change() -> None:
    assert changes(BEFORE, BEFORE) == []
    assert changes(BEFORE, changed("role", description="Said better.")) == []


@pytest.mark.parametrize("path", sorted((CHECKOUT / "contracts").glob("*/*.odcs.yaml")), ids=lambda path: path.stem)
def test_what_is_kept_of_a_contract_is_enough_to_compare_with(path: Path) -> None:
    contract = contracts.read(path)
    kept = from_document(json.loads(json.dumps(as_document(contract))), contract)
    assert changes(kept, contract) == [] == changes(contract, kept)


def write(folder: Path, entity: str, version: str) -> Path:
    document = yaml.safe_load(BEFORE.path.read_text(encoding="utf-8"))
    document["version"] = version
    document["schema"][0]["physicalName"] = f"oneroster__{entity}"
    for item in document["customProperties"]:
        if item["property"] == "entity":
            item["value"] = entity
    path = folder / "oneroster" / f"{entity}.odcs.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


def test_two_major_versions_live_side_by_side(tmp_path: Path) -> None:
    write(tmp_path, "enrollments", "1.3.0")
    write(tmp_path, "enrollments_v2", "2.0.0")
    first, second = contracts.of_source(tmp_path, "oneroster")
    assert (first.topic, first.table) == ("oneroster.enrollments.v1", "oneroster__enrollments")
    assert (second.topic, second.table) == ("oneroster.enrollments.v2", "oneroster__enrollments_v2")
    assert second.concept == "enrollments"
    assert contracts.spoken(tmp_path, "oneroster", {}) == (first,)
    assert contracts.spoken(tmp_path, "oneroster", {"enrollments": 2}) == (second,)
    with pytest.raises(ConfigurationError, match="no version 3"):
        contracts.spoken(tmp_path, "oneroster", {"enrollments": 3})


@pytest.mark.parametrize(("entity", "version"), [("enrollments", "2.0.0"), ("enrollments_v3", "2.0.0")])
def test_a_major_version_under_a_wrong_name_is_refused(tmp_path: Path, entity: str, version: str) -> None:
    with pytest.raises(ConfigurationError, match="must be called"):
        contracts.read(write(tmp_path, entity, version))
