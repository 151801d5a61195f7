from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from connectors import registry
from connectors.scaffold import source as scaffold
from expectations.rules import suites
from pipeline import contract_dbt, contracts
from pipeline.errors import BadInput, FlyoverError
from pipeline.settings import CHECKOUT

TODAY = dt.date(2026, 11, 22)
SAMPLE = """cardNo,full_name,resident_id,mobile,birth_date,sex,order,visits,fee,first_seen,active,branch_code
C-77001,欧阳娜娜,110101199003077774,13800138000,1990-03-07,女,aaa-secret,17,12.75,2024-02-03,true,330106
C-77002,司马相如,110101198502034532,13900139000,1985-02-03,男,bbb-secret,23,99.25,2023-11-30,false,330102
"""
EXPECTED = {
    "connectors/sources/library.py",
    "contracts/library/members.odcs.yaml",
    "dbt_project/models/staging/library/_library__models.yml",
    "dbt_project/models/staging/library/_library__sources.yml",
    "dbt_project/models/staging/library/base/base_library__members.sql",
    "dbt_project/models/staging/library/stg_library__members.sql",
    "expectations/suites/library__members.yaml",
    "tests/fixtures/library/invented/members.csv",
    "tests/fixtures/rules/library.yaml",
    "tests/unit/connectors/sources/test_library.py",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for place in ("contracts", "expectations/suites"):
        shutil.copytree(CHECKOUT / place, tmp_path / "checkout" / place)
    return tmp_path / "checkout"


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def write(checkout: Path, text: str = SAMPLE, name: str = "library", **more: str) -> scaffold.Written:
    sample = checkout.parent / "sample.csv"
    sample.write_text(text, encoding="utf-8")
    return scaffold.write(checkout, name, "members", ["cardNo"], sample, today=TODAY, **more)


def test_all_that_is_asked_of_a_source_is_written_and_nothing_changed(checkout: Path) -> None:
    before = files(checkout)
    written = write(checkout, zh="读者")
    after = files(checkout)
    assert set(after) - set(before) == EXPECTED == {p.relative_to(checkout).as_posix() for p in written.paths}
    assert {name: after[name] for name in before} == before
    assert registry.problems(checkout, source="library") == []
    assert written.bears_person


def test_no_value_of_the_sample_is_written_anywhere(checkout: Path) -> None:
    write(checkout)
    text = "\n".join(content.decode() for name, content in files(checkout).items() if name in EXPECTED)
    cells = {cell for line in SAMPLE.splitlines()[1:] for cell in line.split(",")} - {"true", "false", "女", "男"}
    assert [cell for cell in cells if len(cell) > 2 and cell in text] == []


def test_the_files_hold_together(checkout: Path) -> None:
    write(checkout)
    owned = contracts.of_source(checkout / "contracts", "library")
    (contract,) = owned
    assert [field.name for field in contract.identifier_fields] == ["full_name", "resident_id", "mobile"]
    assert [field.column for field in contract.key_fields] == ["card_no"]
    suite = suites.load(checkout / "expectations" / "suites", checkout / "contracts")["library__members"]
    case = yaml.safe_load((checkout / "tests/fixtures/rules/library.yaml").read_text(encoding="utf-8"))["members"]
    assert {rule.id.split(".")[1] for rule in suite.row_rules} - {"unique_key"} == set(case["failing"])
    assert {rule.severity for rule in suite.rules if not rule.id.endswith(".unique_key")} == {"warning", "info"}
    sources = contract_dbt.path(checkout, "library")
    assert sources.read_text(encoding="utf-8") == contract_dbt.text("library", owned)


def test_the_staging_model_orders_and_names_its_columns(checkout: Path) -> None:
    write(checkout)
    folder = checkout / "dbt_project/models/staging/library"
    text = (folder / "stg_library__members.sql").read_text(encoding="utf-8")
    selected = [line.strip().rstrip(",") for line in text.split("select\n")[1].split("    from latest")[0].splitlines()]
    assert selected == [
        "_agency_code as agency_code", "_record_id as record_id", "card_no as card_no_library", "sex",
        '"order" as order_library', "branch_code", "active as is_active", "visits", "fee", "birth_date",
        "first_seen as first_seen_date", "_person_key", "_id_status", "_event_id", "_batch_id", "_released_seq",
    ]  # fmt: skip
    (model,) = yaml.safe_load((folder / "_library__models.yml").read_text(encoding="utf-8"))["models"]
    assert [column["name"] for column in model["columns"]] == [line.split(" as ")[-1] for line in selected]


@pytest.mark.parametrize("place", sorted(EXPECTED))
def test_a_file_that_is_there_is_left_alone_and_nothing_written(checkout: Path, place: str) -> None:
    (checkout / place).parent.mkdir(parents=True, exist_ok=True)
    (checkout / place).write_text("mine", encoding="utf-8")
    before = files(checkout)
    with pytest.raises(BadInput, match="is there already"):
        write(checkout)
    assert files(checkout) == before


def test_what_cannot_be_written_whole_is_taken_back(checkout: Path) -> None:
    (checkout / "tests" / "unit").parent.mkdir(parents=True)
    (checkout / "tests" / "unit").write_text("no folder", encoding="utf-8")
    before = files(checkout)
    with pytest.raises(OSError, match="unit"):
        write(checkout)
    assert files(checkout) == before


def test_long_names_pass_the_linter_too(checkout: Path) -> None:
    """Names as long as they may be; what is made of shorter ones is linted by tests/integration."""
    key = "k" * 50
    name = "s" * (40 - len("__members"))
    sample = checkout.parent / "sample.csv"
    sample.write_text(f"{key},n\n1,2\n", encoding="utf-8")
    paths = scaffold.write(checkout, name, "members", [key], sample, today=TODAY).paths
    programs = [str(path) for path in paths if path.suffix == ".py"]
    shutil.copy(CHECKOUT / "pyproject.toml", checkout)
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", *programs],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_a_bad_sample_and_a_bad_name_write_nothing(checkout: Path) -> None:
    before = files(checkout)
    with pytest.raises(BadInput, match="no rows"):
        write(checkout, "cardNo\n")
    for name in ("Library", "raw", "a" * 40):
        with pytest.raises(FlyoverError, match="name"):
            write(checkout, name=name)
    assert files(checkout) == before
