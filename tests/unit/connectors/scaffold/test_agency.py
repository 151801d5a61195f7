from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
import yaml

from connectors import registry
from connectors.scaffold import agency as scaffold
from pipeline.errors import BadInput, FlyoverError
from pipeline.settings import CHECKOUT

NAMES = {"name_zh": "宁波市学校信息系统", "name_en": "Ningbo schools", "area": "province"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for place in ("contracts", "connectors/agencies"):
        shutil.copytree(CHECKOUT / place, tmp_path / place)
    return tmp_path


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_one_file_is_written_and_no_other_touched(checkout: Path) -> None:
    before = hashes(checkout)
    written = scaffold.write(checkout, "sch-ningbo", "oneroster", NAMES)
    after = hashes(checkout)
    assert set(after) - set(before) == {"connectors/agencies/sch-ningbo.yml"}
    assert {name: after[name] for name in before} == before
    assert registry.load_all(written.path.parent)["sch-ningbo"] == written.agency


def test_what_sisters_have_in_common_is_taken_over(checkout: Path) -> None:
    made = scaffold.write(checkout, "sch-ningbo", "oneroster", NAMES).agency
    assert (made.sector, made.mode, made.transport, made.owner, made.time_zone) == (
        "school",
        "bulk",
        "file",
        "education-bureau-liaison",
        "Asia/Shanghai",
    )
    assert (made.realm, made.name_zh, made.schedule, made.secret_names) == ("real", NAMES["name_zh"], None, ())


def test_a_live_system_names_the_secrets_it_wants(checkout: Path) -> None:
    told = {**NAMES, "transport": "sql", "params": {"host": "127.0.0.1", "port": "5432"}, "schedule": "5 4 * * 1"}
    made = scaffold.write(checkout, "hr-ningbo", "hr", {**told, "expected_by": "06:30"}).agency
    assert (made.transport, made.secret_names, made.params["port"]) == ("sql", ("password",), "5432")
    assert (made.schedule, made.expected_by) == ("5 4 * * 1", "06:30")


@pytest.mark.parametrize(
    ("source", "transport", "mode"),
    [
        ("hr", "file", "bulk"),
        ("hr", "cdc", "delta"),
        ("oneroster", "cdc", "delta"),
        ("xapi", "rest", "append"),
        ("xapi", "file", "append"),
        ("returns", "file", "append"),
    ],
)
def test_the_mode_is_that_of_sisters_asked_in_the_same_way(
    checkout: Path, source: str, transport: str, mode: str
) -> None:
    made = scaffold.write(checkout, "new-one", source, {**NAMES, "transport": transport}).agency
    assert (made.transport, made.mode) == (transport, mode)


def test_unless_told_an_agency_delivers_files(checkout: Path) -> None:
    assert scaffold.write(checkout, "hr-ningbo", "hr", NAMES).agency.transport == "file"


def test_an_agency_that_is_there_is_left_alone(checkout: Path) -> None:
    before = hashes(checkout)
    with pytest.raises(BadInput, match=r"Edit connectors/agencies/sch-lishui\.yml"):
        scaffold.write(checkout, "sch-lishui", "oneroster", NAMES)
    assert hashes(checkout) == before


@pytest.mark.parametrize(
    ("code", "source", "changes", "words"),
    [
        ("Sch_Ningbo", "oneroster", {}, "single hyphens"),
        ("sch-ningbo", "twoposter", {}, r"no source twoposter.*census.*new-source"),
        ("sch-ningbo", "oneroster", {"area": "moon"}, "area must be one of"),
        ("sch-ningbo", "oneroster", {"mode": "full"}, "mode must be one of"),
        ("sch-ningbo", "oneroster", {"transport": "fax"}, "transport must be one of"),
        ("sch-ningbo", "oneroster", {"transport": "sql"}, "oneroster cannot be asked by sql.*rest"),
        ("sch-ningbo", "oneroster", {"schedule": "10 25 * * *"}, "is no time"),
        ("sch-ningbo", "oneroster", {"expected_by": "6:30"}, "expected_by must be a local time"),
        ("sch-ningbo", "oneroster", {"time_zone": "Asia/Ningbo"}, "is not known"),
    ],
)
def test_a_wrong_value_is_one_sentence_and_no_file(
    checkout: Path, code: str, source: str, changes: dict[str, str], words: str
) -> None:
    before = hashes(checkout)
    with pytest.raises(FlyoverError, match=words) as told:
        scaffold.write(checkout, code, source, {**NAMES, **changes})
    assert "\n" not in str(told.value)
    assert hashes(checkout) == before


def test_what_only_a_person_knows_is_asked_for_or_named(checkout: Path) -> None:
    with pytest.raises(BadInput, match="--name-zh, --name-en, --area"):
        scaffold.write(checkout, "sch-ningbo", "oneroster", {})
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "province" if question.startswith("Area") else "宁波: #1"

    made = scaffold.write(checkout, "sch-ningbo", "oneroster", {}, answer).agency
    assert (made.name_zh, made.area) == ("宁波: #1", "province")
    assert asked == [scaffold.ASKED[setting] for setting in ("name_zh", "name_en", "area")]


def test_the_file_says_what_its_settings_mean(checkout: Path) -> None:
    path = scaffold.write(checkout, "sch-ningbo", "oneroster", NAMES).path
    text = path.read_text(encoding="utf-8")
    assert all(f"# {comment}" in text for comment in scaffold._COMMENTS.values())
    assert set(yaml.safe_load(text)) <= set(registry._REQUIRED + registry._OPTIONAL)
