"""The facts about the standard hold together, and our contracts speak its words."""

from __future__ import annotations

from connectors.sources.oneroster_columns import IN_1P1, MADE_KEYS, SPELLINGS
from connectors.sources.oneroster_json import REFERENCES
from connectors.sources.oneroster_standard import EXTENSION, KEY, MODIFIED, STATUS, files
from connectors.transports.oneroster_service import SERVICES
from pipeline import contracts
from pipeline.settings import CHECKOUT

CONTRACTS = {contract.file: contract for contract in contracts.of_source(CHECKOUT / "contracts", "oneroster")}


def names(file: str) -> set[str]:
    return {column.name for column in files()[file].columns}


def test_there_are_the_standards_files_each_beginning_with_the_same_columns() -> None:
    assert len(files()) == 21
    for file in files().values():
        assert [column.name for column in file.columns[:3]] == [KEY, STATUS, MODIFIED]
        assert [column.in_delta_only for column in file.columns[:3]] == [False, True, True]


def test_every_field_of_a_contract_is_a_column_of_its_file_or_our_own() -> None:
    for name, contract in CONTRACTS.items():
        own = {field.name for field in contract.fields if field.name.startswith(EXTENSION)}
        assert {field.name for field in contract.fields} - own <= names(name.removesuffix(".csv")), name


def test_every_column_of_a_kept_file_is_in_its_contract_but_for_those_of_the_envelope() -> None:
    for name, contract in CONTRACTS.items():
        renamed = set(IN_1P1.get(name.removesuffix(".csv"), {}))
        known = {field.name for field in contract.fields}
        assert names(name.removesuffix(".csv")) - {STATUS, MODIFIED} - renamed <= known, name


def test_other_spellings_and_made_keys_mean_columns_there_are() -> None:
    for file, meant in (*SPELLINGS.items(), *IN_1P1.items()):
        assert set(meant.values()) <= names(file)
        assert not set(meant) & names(file) - set(IN_1P1.get(file, {}))
    for file, parts in MADE_KEYS.items():
        assert set(parts) <= names(file)


def test_every_reference_of_a_collection_is_one_the_service_knows() -> None:
    for name in {name for names_of in SERVICES.values() for name in names_of} | {"roles"}:
        for column in files()[name].columns:
            if column.kind in ("id", "ids") and column.name not in (KEY, "resourceSourcedIds"):
                assert column.name in REFERENCES or column.name in IN_1P1.get(name, {}), column.name


def test_versions_differ_where_the_standard_says() -> None:
    users = files()["users"]
    role, pronouns = users.column("role"), users.column("pronouns")
    assert role is not None
    assert pronouns is not None
    assert (role.is_required_in("1.1"), role.is_known_in("1.2")) == (True, False)
    assert (pronouns.is_known_in("1.1"), pronouns.is_known_in("1.2")) == (False, True)
    score = files()["results"].column("score")
    assert score is not None
    assert (score.is_required_in("1.1"), score.is_required_in("1.2")) == (True, False)
