from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from connectors import registry, sources
from connectors.registry import Term
from pipeline import contracts
from pipeline.errors import ConfigurationError

CHECKOUT = Path(__file__).resolve().parents[3]
AGENCIES = CHECKOUT / "connectors" / "agencies"

FULL = """
agency_code: sch-test
name_zh: 测试学校
name_en: Test schools
sector: school
source: oneroster
area: simulated
mode: bulk
schedule: "10 2 * * *"
expected_by: "06:00"
time_zone: Asia/Shanghai
owner: tests
paused: true
term_calendar:
  - {name: 2025-autumn, begins: 2025-09-01, ends: 2026-02-01}
params: {strict: "true"}
secret_names: [upload-token]
"""


def written(tmp_path: Path, text: str, name: str = "sch-test.yml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_agencies_of_part_one_are_all_there_in_their_worlds() -> None:
    agencies = registry.load_all(AGENCIES)
    worlds = {code: agency.realm for code, agency in agencies.items()}
    assert (
        worlds.items()
        >= {
            "ou-ningbo": "simulated",
            "ou-uk": None,
            "ou-zhejiang": "simulated",
            "sch-hangzhou": "simulated",
            "sch-lishui": "simulated",
            "sch-zhoushan": "simulated",
            "stats-sim-north": "simulated",
            "stats-sim-south": "simulated",
            "stats-zj": "real",
        }.items()
    )
    assert set(registry.sources(AGENCIES)) >= {"census", "oneroster", "oulad"}
    assert [a.agency_code for a in registry.of_source(AGENCIES, "census")] == [
        "stats-sim-north",
        "stats-sim-south",
        "stats-zj",
    ]
    assert agencies["stats-zj"].params == {"reference_date": "2020-11-01", "base": "resident"}


@pytest.mark.parametrize("code", sorted(registry.load_all(AGENCIES)))
def test_every_agency_has_a_reader_and_contracts_for_its_source(code: str) -> None:
    agency = registry.load_all(AGENCIES)[code]
    assert sources.load(agency.source).name == agency.source
    assert contracts.of_source(CHECKOUT / "contracts", agency.source)


@pytest.mark.parametrize("name", ["base", "package", "delimited", "nowhere"])
def test_source_without_a_reader_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"connectors/sources/{name}\.py with a SOURCE"):
        sources.load(name)


def test_every_setting_is_read(tmp_path: Path) -> None:
    agency = registry.read(written(tmp_path, FULL))
    assert agency.term_calendar == (Term("2025-autumn", dt.date(2025, 9, 1), dt.date(2026, 2, 1)),)
    assert (agency.schedule, agency.expected_by, agency.paused) == ("10 2 * * *", "06:00", True)
    assert (agency.params, agency.secret_names) == ({"strict": "true"}, ("upload-token",))
    assert hash(agency)


def test_what_may_be_left_out_has_a_quiet_meaning(tmp_path: Path) -> None:
    agency = registry.read(
        written(tmp_path, FULL[: FULL.index("schedule")] + "time_zone: Asia/Shanghai\nowner: tests\n")
    )
    assert (agency.schedule, agency.expected_by, agency.paused) == (None, None, False)
    assert (agency.term_calendar, agency.params, agency.secret_names) == ((), {}, ())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("name_zh: 测试学校\n", "", "name_zh is missing"),
        ("owner: tests", "ower: tests", "owner is missing"),
        ("paused: true", "pause: true", "pause is not a setting we know"),
        ("sector: school", "sector: schools", "sector must be one of school, open_university"),
        ("area: simulated", "area: moon", "area must be one of province, simulated, outside"),
        ("mode: bulk", "mode: full", "mode must be one of bulk, delta, append"),
        ("agency_code: sch-test", "agency_code: sch-other", "agency_code must be sch-test"),
        ("agency_code: sch-test", "agency_code: Sch_Test", "single hyphens"),
        ("source: oneroster", "source: One Roster", "single underscores"),
        ("Asia/Shanghai", "Asia/Hangzhou", "time_zone 'Asia/Hangzhou' is not known"),
        ('"10 2 * * *"', '"10 2 * *"', "five cron fields"),
        ('"06:00"', "16:00", 'expected_by must be a local time in quotes, like "06:30"'),
        ("paused: true", "paused: soon", "paused must be true or false"),
        ('{strict: "true"}', "[strict]", "params must be names and values"),
        ("2026-02-01", "2025-02-01", "term '2025-autumn' must begin before it ends"),
        ("ends: 2026", "stops: 2026", "name, begins and ends"),
        ("agency_code: sch-test", "agency_code: [sch-test", "cannot be read as YAML"),
        (FULL, "just words", "one setting a line"),
    ],
)
def test_wrong_yml_is_refused_with_its_name_and_the_setting(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in FULL
    with pytest.raises(ConfigurationError) as refusal:
        registry.read(written(tmp_path, FULL.replace(old, new)))
    assert words in str(refusal.value)


def test_folder_without_agencies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no agencies under"):
        registry.load_all(tmp_path)


@pytest.fixture
def small_checkout(tmp_path: Path) -> Path:
    """A checkout with one agency on one whole source of one entity."""
    (tmp_path / "connectors" / "agencies").mkdir(parents=True)
    written(tmp_path / "connectors" / "agencies", FULL)
    (tmp_path / "contracts" / "oneroster").mkdir(parents=True)
    shutil.copy(CHECKOUT / "contracts" / "oneroster" / "orgs.odcs.yaml", tmp_path / "contracts" / "oneroster")
    for place in (
        "connectors/sources/oneroster.py",
        "expectations/suites/oneroster__orgs.yaml",
        "dbt_project/models/staging/oneroster/stg_oneroster__orgs.sql",
        "tests/fixtures/oneroster/orgs.csv",
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    return tmp_path


def test_whole_source_has_no_problems(small_checkout: Path) -> None:
    assert registry.problems(small_checkout) == []
    assert registry.problems(small_checkout, agency="sch-test") == []
    assert registry.problems(small_checkout, source="oneroster") == []


@pytest.mark.parametrize(
    ("place", "subject"),
    [
        ("contracts/oneroster", "oneroster"),
        ("connectors/sources/oneroster.py", "oneroster"),
        ("expectations/suites/oneroster__orgs.yaml", "oneroster.orgs"),
        ("dbt_project/models/staging/oneroster/stg_oneroster__orgs.sql", "oneroster.orgs"),
        ("tests/fixtures/oneroster", "oneroster"),
    ],
)
def test_each_missing_part_is_named_with_what_to_do(small_checkout: Path, place: str, subject: str) -> None:
    path = small_checkout / place
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    (problem,) = registry.problems(small_checkout, agency="sch-test")
    assert (problem.subject, problem.missing) == (subject, f"{place} is missing")
    assert problem.advice.endswith(".")


def test_wrong_yml_and_unknown_agency_are_problems_not_exceptions(small_checkout: Path) -> None:
    written(small_checkout / "connectors" / "agencies", FULL.replace("bulk", "full"))
    (problem,) = registry.problems(small_checkout)
    assert str(problem).startswith("sch-test: sch-test.yml: mode must be one of bulk, delta, append")
    contract = small_checkout / "contracts" / "oneroster" / "orgs.odcs.yaml"
    contract.write_text(contract.read_text().replace("physicalType: text", "physicalType: varchar", 1))
    assert "physicalType 'varchar' is not one of ours" in registry.problems(small_checkout)[-1].missing
    (problem,) = registry.problems(small_checkout, agency="sch-gone")
    assert (problem.subject, problem.missing) == ("sch-gone", "no such agency")
