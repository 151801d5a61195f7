from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.base import Rejected, Row
from connectors.sources.caliper_event import CONTEXTS, TYPES
from tests.deliveries import FIXTURES, deliver

WEEK = FIXTURES / "caliper" / "week_1"
ENVELOPE: dict[str, Any] = json.loads((WEEK / "events.jsonl").read_text(encoding="utf-8"))
EVENT = ENVELOPE["data"][0]
V1P1, V1P2 = CONTEXTS


def read(tmp_path: Path, envelope: Any) -> list[Row | Rejected]:
    (tmp_path / "events.jsonl").write_text(json.dumps(envelope, ensure_ascii=False) + "\n", encoding="utf-8")
    return deliver("caliper", tmp_path / "events.jsonl", mode="append")["events"]


def sent(tmp_path: Path, event: Any, version: str = V1P2) -> list[Row | Rejected]:
    return read(tmp_path, {**ENVELOPE, "dataVersion": version, "data": [event]})


def changed(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(EVENT), **changes}


def test_events_are_rows_and_described_entities_a_note() -> None:
    rows = deliver("caliper", WEEK, mode="append")["events"]
    assert [row.values["type"] for row in rows if isinstance(row, Row)] == ["ViewEvent", "ToolUseEvent", "GradeEvent"]
    assert isinstance(rows[0], Row)
    assert [(note.code, note.rows) for note in rows[0].repairs] == [("note.caliper_entity", 1)]
    assert (rows[0].part, rows[0].values["roles"]) == ("data[0]", "Learner")
    assert isinstance(rows[2], Row)
    assert (rows[2].values["scoreGiven"], rows[2].values["maxScore"]) == ("8", "10")


@pytest.mark.parametrize("kind", sorted(TYPES["1.2"]))
def test_every_kind_of_event_is_read_in_the_versions_that_have_it(tmp_path: Path, kind: str) -> None:
    (row,) = sent(tmp_path, changed(type=kind))
    assert isinstance(row, Row)
    (old,) = sent(tmp_path, changed(type=kind, **{"@context": V1P1}), V1P1)
    assert isinstance(old, Row if kind in TYPES["1.1"] else Rejected)


def test_a_thinned_actor_is_read(tmp_path: Path) -> None:
    (row,) = sent(tmp_path, changed(actor="https://ou.example/users/1001"))
    assert isinstance(row, Row)
    assert row.values["actor"] == "https://ou.example/users/1001"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("a word", "reader.caliper_event"),
        (changed(type="PartyEvent"), "reader.caliper_type"),
        (changed(**{"@context": V1P1}), "reader.caliper_context"),
        ({name: value for name, value in EVENT.items() if name != "@context"}, "reader.caliper_context"),
        (changed(action=""), "reader.caliper_action"),
        (changed(eventTime="2026-11-01T00:30:00Z"), "reader.caliper_time"),
        (changed(eventTime="2026-11-01T08:30:00.000+08:00"), "reader.caliper_time"),
        (changed(eventTime="2026-13-01T00:30:00.000Z"), "reader.caliper_time"),
        (changed(id="00000000-0000-4000-9000-000000000001"), "reader.caliper_id"),
        (changed(id="urn:uuid:1"), "reader.caliper_id"),
        (changed(actor=None), "reader.caliper_entity"),
        (changed(actor={"type": "Person"}), "reader.caliper_entity"),
        (changed(actor={"id": "https://ou.example/users/1001"}), "reader.caliper_entity"),
        (changed(object="unit 1"), "reader.caliper_entity"),
        (changed(type="GradeEvent", generated={"scoreGiven": "8"}), "reader.caliper_score"),
    ],
)
def test_an_event_the_standard_forbids_is_set_aside_with_its_rule(tmp_path: Path, event: Any, reason: str) -> None:
    (row,) = sent(tmp_path, event)
    assert isinstance(row, Rejected)
    assert (row.rule_id, row.part) == (reason, "data[0]")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sensor": None}, "reader.caliper_envelope"),
        ({"data": {}}, "reader.caliper_envelope"),
        ({"sendTime": "now"}, "reader.caliper_time"),
        ({"dataVersion": "http://purl.imsglobal.org/ctx/caliper/v1p0"}, "reader.caliper_version"),
    ],
)
def test_an_envelope_the_standard_forbids_is_set_aside_whole(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    (row,) = read(tmp_path, {**ENVELOPE, **change})
    assert isinstance(row, Rejected)
    assert row.rule_id == reason


def test_one_wrong_event_costs_no_other(tmp_path: Path) -> None:
    rows = read(tmp_path, {**ENVELOPE, "data": [EVENT, changed(action=None), changed(id=EVENT["id"][:-2] + "99")]})
    assert [type(row) for row in rows] == [Row, Rejected, Row]
