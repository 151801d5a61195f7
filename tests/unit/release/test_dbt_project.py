"""The dbt project reads well: every model and column is described. (./flyover lint looks at its SQL.)"""

import re

import pytest
import yaml

from pipeline import contracts, names
from pipeline.settings import CHECKOUT

PROJECT = CHECKOUT / "dbt_project"
MODELS = sorted(path for path in (PROJECT / "models").rglob("*.sql") if not path.stem.startswith("base_"))
DESCRIBED = {
    node["name"]: node
    for path in (*(PROJECT / "models").rglob("_*models.yml"), *(PROJECT / "seeds").rglob("_*seeds.yml"))
    for node in (yaml.safe_load(path.read_text()) or {}).get("models", [])
    + (yaml.safe_load(path.read_text()) or {}).get("seeds", [])
}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_model_and_column_is_described(path):
    node = DESCRIBED[path.stem]
    assert node["description"].strip()
    assert node["columns"]
    assert all(column["description"].strip() for column in node["columns"])


@pytest.mark.parametrize("path", [path for path in MODELS if path.parent.name == "core"], ids=lambda path: path.stem)
def test_core_keeps_its_contract_and_says_how_to_use_it(path):
    node = DESCRIBED[path.stem]
    assert node["config"]["contract"] == {"enforced": True}
    assert all(word in node["description"] for word in ("**Grain and key**", "**Rules**", "**Example**"))


@pytest.mark.parametrize("path", [path for path in MODELS if path.stem.startswith("fct_")], ids=lambda path: path.stem)
def test_every_fact_names_agency_learner_and_event(path):
    columns = {column["name"] for column in DESCRIBED[path.stem]["columns"]}
    assert {"agency_code", "learner_key", "_event_id"} <= columns


def test_a_shared_column_is_described_once():
    blocks = re.findall(r"{% docs (\w+) %}", (PROJECT / "models" / "docs.md").read_text())
    assert len(blocks) == len(set(blocks))


@pytest.mark.parametrize("contract", contracts.load_all(CHECKOUT / "contracts").values(), ids=lambda c: c.table)
def test_every_entity_has_its_staging_models(contract):
    folder = PROJECT / "models" / "staging" / contract.source
    assert (folder / f"{names.staging_model(contract.source, contract.entity)}.sql").exists()
    assert (folder / "base" / f"base_{contract.table}.sql").exists()


LISTED = {
    path.stem: path.read_text() for path in MODELS if "parts=[" in path.read_text() or "models=[" in path.read_text()
}
ABOUT_ALL_SOURCES = {
    "int_persons__stated", "int_persons__resolved", "int_persons__attributes", "int_persons__links",
    "int_persons__aliases", "int_persons__moved",
}  # fmt: skip


def listed(name: str) -> bool:
    return any(f"'{name}'" in text for text in LISTED.values())


@pytest.mark.parametrize(
    "path", [path for path in MODELS if path.stem.endswith("__touched")], ids=lambda path: path.stem
)
def test_no_part_of_a_fact_is_forgotten(path):
    part = path.stem.removesuffix("__touched")
    assert (path.parent / f"{part}.sql").exists()
    assert listed(part), f"no fact lists {part}"


@pytest.mark.parametrize(
    "path", [path for path in MODELS if path.stem.endswith("__touched")], ids=lambda path: path.stem
)
def test_a_part_that_names_learners_is_made_again_when_links_move(path):
    part = (path.parent / f"{path.stem.removesuffix('__touched')}.sql").read_text()
    assert ("int_persons__resolved" in part) == ("int_persons__moved" in path.read_text())


@pytest.mark.parametrize("concept", ["persons", "programmes"])
def test_no_source_of_a_concept_is_forgotten(concept):
    models = {path.stem for path in MODELS if path.parent.name == concept} - ABOUT_ALL_SOURCES
    assert models
    assert not [name for name in models if not listed(name)]


def test_every_source_that_bears_persons_says_who_they_are():
    bearers = {c.source for c in contracts.load_all(CHECKOUT / "contracts").values() if c.bears_person}
    assert not [source for source in bearers if f"'int_persons__{source}'" not in LISTED["int_persons__stated"]]
