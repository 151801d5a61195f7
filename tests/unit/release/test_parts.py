"""What of the project is core, and what a build runs of a part when some entities have moved."""

from types import SimpleNamespace

import pytest

from release import parts


def node(kind, parents=(), materialized="table", tags=()):
    depends_on = SimpleNamespace(nodes=list(parents))
    if kind == "seed":
        depends_on = SimpleNamespace(macros=[])  # as dbt has it: a seed is made from nothing
    return SimpleNamespace(
        resource_type=kind, depends_on=depends_on, tags=list(tags), config=SimpleNamespace(materialized=materialized)
    )


CLICKS, RETURNS = "source.flyover.oulad.student_vle", "source.flyover.census.population"
PROJECT = SimpleNamespace(
    metadata=SimpleNamespace(project_name="flyover"),
    nodes={
        "base_clicks": node("model", [CLICKS], "incremental"),
        "stg_clicks": node("model", ["base_clicks"], "view"),
        "starts": node("seed", materialized="seed"),
        "fct": node("model", ["stg_clicks", "starts"], "incremental", ["core"]),
        "base_population": node("model", [RETURNS], "incremental"),
        "population": node("model", ["base_population"], tags=["core"]),
        "days": node("model", ["fct"], "incremental"),
        "realms": node("model", ["fct"], "view"),
        "weights": node("seed", materialized="seed"),
        "ind": node("model", ["days", "realms", "population", "weights"]),
        "test_of_stg": node("test", ["stg_clicks"], "test"),
        "test_of_both": node("test", ["fct", "ind"], "test"),
    },
)


@pytest.mark.parametrize(
    ("part", "moved", "runs"),
    [
        ("core", None, {"base_clicks", "stg_clicks", "starts", "fct", "base_population", "population", "test_of_stg"}),
        ("indicators", None, {"days", "realms", "weights", "ind", "test_of_both"}),
        ("core", ["oulad.student_vle"], {"base_clicks", "fct", "test_of_stg"}),
        ("indicators", ["oulad.student_vle"], {"days", "ind", "test_of_both"}),
        ("core", ["census.population"], {"base_population", "population"}),
        ("indicators", ["census.population"], {"ind", "test_of_both"}),
        ("core", ["hr.nothing_is_made_of_it"], set()),
        ("indicators", [], set()),
    ],
)
def test_a_part_runs_what_moved_can_reach_and_what_does_not_stand_already(part, moved, runs):
    assert parts.wanted(PROJECT, part, moved) == runs
