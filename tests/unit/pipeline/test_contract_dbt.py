"""The dbt sources are the contracts in dbt's words, and the committed files have not drifted from them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from pipeline import contract_dbt, contract_ddl, contracts

CHECKOUT = Path(__file__).resolve().parents[3]
SOURCES = sorted({source for source, _ in contracts.load_all(CHECKOUT / "contracts")})


@pytest.mark.parametrize("source", SOURCES)
def test_committed_dbt_source_is_what_the_contracts_say(source: str) -> None:
    committed = contract_dbt.path(CHECKOUT, source).read_text(encoding="utf-8")
    expected = contract_dbt.text(source, contracts.of_source(CHECKOUT / "contracts", source))
    assert committed == expected, "run `python -m pipeline.contract_dbt` and commit what it writes"


def test_write_touches_only_files_that_differ(tmp_path: Path) -> None:
    (tmp_path / "contracts").symlink_to(CHECKOUT / "contracts")
    assert contract_dbt.write(tmp_path) == [contract_dbt.path(tmp_path, source) for source in SOURCES]
    stale = contract_dbt.path(tmp_path, SOURCES[0])
    stale.write_text(stale.read_text() + "# by hand\n")
    assert contract_dbt.write(tmp_path) == [stale]
    assert contract_dbt.write(tmp_path) == []


def test_source_describes_landed_columns_and_no_identifier() -> None:
    users = contracts.load_all(CHECKOUT / "contracts")["oneroster", "users"]
    (source,) = yaml.safe_load(contract_dbt.text("oneroster", [users]))["sources"]
    (table,) = source["tables"]
    columns = {column["name"]: column for column in table["columns"]}
    assert (source["schema"], table["name"], table["identifier"]) == ("released", "users", "oneroster__users")
    assert "residence_division" in columns
    assert not {"given_name", "user_master_identifier", "password"} & set(columns)
    assert all(column["description"] for column in columns.values())


def test_pipeline_columns_are_those_of_the_released_view() -> None:
    selected = re.findall(r"l\.(_\w+)", contract_ddl._ENVELOPE)
    assert list(contract_dbt.ENVELOPE_DESCRIPTIONS) == [*selected, "_released_seq"]
