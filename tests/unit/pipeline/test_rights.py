"""The decisions about rights: how they are read, which line decides, and that the page follows from them."""

from __future__ import annotations

import re

import pytest

from pipeline.errors import ConfigurationError
from pipeline.rights import decisions, page, rows
from pipeline.rights.decisions import Right, Undecided
from pipeline.rights.matrix import letters
from pipeline.settings import CHECKOUT, DATABASE_ROLES

HEAD = """
database: {temporary: [worker]}
people: [reader]
roles: {worker: {why: Works.}, reader: {why: Reads.}}
schemas: {house: {why: Ours.}, made: {why: Built., built: true}}
groups:
"""


def decided(*groups: str) -> decisions.Decisions:
    return decisions.parse(HEAD + "\n".join(f"- {{{group}}}" for group in groups))


def test_every_role_of_the_house_is_decided_about():
    assert tuple(decisions.load().roles) == DATABASE_ROLES


def test_an_exact_name_goes_before_a_pattern_and_a_longer_pattern_before_a_shorter():
    found = decided(
        "relations: ['house.*'], why: All., may: {worker: select}",
        "relations: ['house.a_*'], why: Some., may: {worker: insert}",
        "relations: [house.a_one], why: One., may: {worker: delete}",
    )
    told = [found.group_of("relations", name).why for name in ("house.b", "house.a_two", "house.a_one")]
    assert told == ["All.", "Some.", "One."]


def test_what_no_line_names_is_refused_in_one_sentence():
    found = decided("relations: [house.known], why: Known., may: {}")
    with pytest.raises(Undecided, match=r"table or view house\.new\. Add it to a group of pipeline/rights/decisions"):
        found.group_of("relations", "house.new")
    with pytest.raises(Undecided, match="partition"):
        found.group_of("partitions", "house.known")
    with pytest.raises(Undecided, match="schema attic"):
        found.schema("attic")


def test_rights_to_some_columns_stand_beside_rights_to_the_whole():
    (group,) = decided("relations: [house.t], why: It., may: {worker: 'select(a, b) insert update(b)'}").groups
    assert group.rights == {
        Right("worker", "select", "a"), Right("worker", "select", "b"), Right("worker", "insert"),
        Right("worker", "update", "b"),
    }  # fmt: skip
    assert letters(group.rights) == {"worker": "s*iu*"}


def test_a_schema_is_open_to_who_may_use_something_in_it():
    found = decided("relations: [house.t], why: It., may: {worker: select}")
    assert found.usage("house") == {Right("worker", "usage")}
    assert found.usage("made") == {Right("flyover_dbt", "usage"), Right("flyover_dbt", "create")}


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("relations: [house.t], why: It., may: {worker: truncate}", "cannot be given 'truncate'"),
        ("relations: [house.t], why: It., may: {worker: execute}", "cannot be given 'execute'"),
        ("relations: [house.t], why: It., may: {stranger: select}", "stranger is no role"),
        ("relations: [attic.t], why: It., may: {}", "attic.t lies in no schema"),
        ("relations: [house.t], may: {worker: select}", "a plain sentence of why is missing"),
        ("relations: [house.t], functions: [house.f], why: It., may: {}", "exactly one kind"),
    ],
)
def test_a_line_that_is_not_well_formed_is_refused(group, said):
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        decided(group)


def test_no_object_is_decided_twice():
    line = "relations: [house.t], why: It., may: {}"
    with pytest.raises(ConfigurationError, match=r"house\.t is decided twice"):
        decided(line, line)


def test_people_never_reach_what_no_policy_keeps_or_what_is_sealed():
    found = decisions.load()
    people = {"flyover_portal", "flyover_officer", "quality_officer", "policymaker"}
    for group in found.groups:
        reached = {right for right in group.rights if right.role in people and right.privilege == "select"}
        columns = {right.column for right in reached}
        assert not columns & {"sealed", "identifiers", "payload", "mended", "sealed_value", "sealed_key"}, group.names
        if reached and any(name.startswith(("connect.", "quarantine.")) for name in group.names):
            assert group.by_agency, group.names
        if any(name.startswith(("landing.", "vault.", "released.", "persons.", "core.")) for name in group.names):
            assert not reached, group.names


def test_every_condition_on_a_row_asks_a_table_that_is_kept_by_agency():
    found = decisions.load()
    kept = {name for group in found.groups if group.by_agency for name in group.names}
    for group in found.groups:
        asked = set(re.findall(r"from (\w+\.\w+)", group.by_agency))
        assert asked <= kept, group.names
    assert {policy.table for policy in rows.policies(found)} == kept


def test_the_page_follows_from_the_decisions():
    written = (CHECKOUT / page.PAGE).read_text(encoding="utf-8")
    assert written == page.render(decisions.load()), "run ./flyover docs"


def test_models_that_give_rights_themselves_give_what_was_decided():
    """So that a table keeps its readers from the moment dbt puts it in place of the old one."""
    found = decisions.load()
    given = 0
    for model in (CHECKOUT / "dbt_project" / "models").rglob("*.sql"):
        if said := re.search(r"grants=\{'select': \[([^\]]*)\]\}", model.read_text(encoding="utf-8")):
            schema = "core" if "marts" in model.parts else "intermediate"
            readers = {right.role for right in found.group_of("relations", f"{schema}.{model.stem}").rights}
            assert set(re.findall(r"'(\w+)'", said[1])) == readers, model.name
            given += 1
    assert given == 6
