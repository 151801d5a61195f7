"""Every file of the corpus meets the real readers and the edge, and becomes what its golden verdict says."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors import messages
from tests.verdicts import CORPUS, Case, cases, read, reader_cases

_KEYS = {
    "proves", "verdict", "rows", "repairs", "set_aside", "refused", "values", "strict", "edge", "record_ids", "hints",
    "fields", "tables", "source", "as", "as_is", "recipe", "says", "quarantined", "reported", "message",
    "undecodable", "stray", "refused_by", "duplicate",
}  # fmt: skip


def _id(case: Case) -> str:
    return f"{case.group}/{case.name}"


@pytest.mark.parametrize("case", reader_cases(), ids=_id)
def test_file_becomes_what_its_verdict_says(case: Case, tmp_path: Path) -> None:
    golden, found = case.golden, read(case, tmp_path)
    assert (found.verdict, found.refused) == (golden["verdict"], golden.get("refused")), found.sentence
    if found.refused:
        assert "\n" not in found.sentence
        assert golden.get("says", "") in found.sentence
        return
    set_aside = golden.get("set_aside", {})
    if isinstance(set_aside, str):  # every row of the file, for one reason
        set_aside = dict.fromkeys(range(2, golden["rows"] + 2), set_aside)
    assert {line: row.rule_id for line, row in found.rejected.items()} == set_aside
    assert sorted(found.repairs) == sorted(golden.get("repairs", []))
    assert found.read == golden["rows"]
    for line, values in golden.get("values", {}).items():
        assert {name: found.rows[line].values[name] for name in values} == values
    assert {line: found.rejected[line].record_hint for line in golden.get("hints", {})} == golden.get("hints", {})
    assert {line: found.rejected[line].field for line in golden.get("fields", {})} == golden.get("fields", {})
    assert {line: found.edged[line].id_status for line in golden.get("edge", {})} == golden.get("edge", {})
    assert {line: found.edged[line].record_id for line in golden.get("record_ids", {})} == golden.get("record_ids", {})
    assert golden.get("tables", found.tables) == found.tables


@pytest.mark.parametrize("case", [case for case in reader_cases() if "strict" in case.golden], ids=_id)
def test_strict_sender_gets_no_repairs(case: Case, tmp_path: Path) -> None:
    found = read(case, tmp_path, tolerance="strict")
    assert (found.refused or found.verdict) == case.golden["strict"], found.sentence
    assert not found.repairs


@pytest.mark.parametrize("case", [case for case in reader_cases() if case.golden["verdict"] == "accept"], ids=_id)
def test_strict_and_lenient_agree_on_sound_files(case: Case, tmp_path: Path) -> None:
    strict_folder, lenient_folder = tmp_path / "strict", tmp_path / "lenient"
    strict_folder.mkdir()
    lenient_folder.mkdir()
    strict = read(case, strict_folder, tolerance="strict")
    if strict.verdict == "accept":
        assert strict.rows == read(case, lenient_folder).rows


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.group == "semantic" and "edge" in case.golden], ids=_id
)
def test_resident_id_is_found_what_it_is(case: Case, tmp_path: Path) -> None:
    found = read(case, tmp_path)
    assert {line: found.edged[line].id_status for line in case.golden["edge"]} == case.golden["edge"]


def test_corpus_is_large_whole_and_says_what_it_proves() -> None:
    assert len(cases()) >= 150
    known = messages.load()
    for case in cases():
        golden = case.golden
        assert set(golden) <= _KEYS, case
        assert golden["proves"]
        assert ("refused" in golden or "refused_by" in golden) == (golden["verdict"] == "refuse")
        set_aside = golden.get("set_aside", {})
        reasons = {set_aside} if isinstance(set_aside, str) else set(set_aside.values())
        told = {*golden.get("repairs", []), *reasons, golden.get("refused")} - {None}
        assert told <= set(known), case
        assert "recipe" in golden or "message" in golden or (CORPUS / case.group / case.name).exists(), case
    for path in CORPUS.glob("*/*"):
        if path.name != "verdicts.yaml" and path.parent.name != "__pycache__":
            assert any((case.group, case.name) == (path.parent.name, path.name) for case in cases()), path


def test_every_group_says_what_it_proves() -> None:
    table = (CORPUS / "README.md").read_text(encoding="utf-8")
    for group in {case.group for case in cases()}:
        assert f"| `{group}` |" in table, group
