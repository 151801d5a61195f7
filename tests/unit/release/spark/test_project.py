"""Which models Spark builds, which of them it keeps, and what is written for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import BadInput
from release.spark import project
from release.spark.environment import run
from release.spark.project import Model, NoColumns
from release.spark.rules import Untranslatable


def model(name: str, *parents: str, materialized: str = "view", sql: str = "select 1 as a") -> Model:
    return Model(name, "core", materialized, sql, parents, frozenset())


MODELS = {
    one.name: one
    for one in (
        model("base", materialized="incremental"),
        model("stg", "base"),
        model("read_once", "stg"),
        model("fct", "read_once", "stg", materialized="table"),
        model("other", materialized="table"),
    )
}


def test_views_that_several_read_are_tables_and_the_others_stay_views() -> None:
    assert project.tables(MODELS) == {"base", "stg", "fct", "other"}


def test_a_model_is_built_with_what_it_is_made_from() -> None:
    assert set(project.chosen(MODELS, ["fct"])) == {"fct", "read_once", "stg", "base"}
    assert set(project.chosen(MODELS, [])) == set(MODELS)


def test_tables_that_are_held_are_not_built_again_but_those_asked_for_are() -> None:
    assert set(project.chosen(MODELS, ["fct"], ["core.stg", "core.fct"])) == {"fct", "read_once"}


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(BadInput, match="fct_nothing"):
        project.chosen(MODELS, ["fct_nothing"])


def test_a_model_is_written_with_its_order_and_types(tmp_path: Path) -> None:
    known = {f"core.{name}": {"a": "numeric"} for name in MODELS}
    project.write(tmp_path / "p", project.chosen(MODELS, ["fct"]), {"fct"}, known)
    text = (tmp_path / "p" / "models" / "core" / "fct.sql").read_text()
    assert "materialized='table'" in text
    assert "-- depends_on: {{ ref('read_once') }}" in text
    assert "cast(`a` as double) as `a`" in text
    assert "materialized='view'" in (tmp_path / "p" / "models" / "core" / "stg.sql").read_text()


def test_who_cannot_be_translated_is_named(tmp_path: Path) -> None:
    odd = {"odd": model("odd", sql="select array_agg(a order by b) from t")}
    with pytest.raises(Untranslatable, match="model odd: "):
        project.write(tmp_path / "p", odd, set(), {"core.odd": {"a": "text[]"}})
    with pytest.raises(NoColumns, match=r"core\.odd"):
        project.write(tmp_path / "p", odd, set(), {})


def test_what_spark_says_is_passed_on_without_values_and_without_the_plan() -> None:
    said = (
        "Runtime Error in model m (models/m.sql)\n  [CAST_INVALID_INPUT] The value '1893-13-45' of the type "
        '"STRING" cannot be cast to "DATE". SQLSTATE: 22018\n== plan ==\n1893-13-45'
    )
    shown = run.safe(said)
    assert shown.startswith("[CAST_INVALID_INPUT] The value")
    assert "1893" not in shown
