"""Which relation of core takes which entity: read from the models' text, and the same as dbt understands it."""

from alerting.reconcile import lineage
from pipeline import contracts
from pipeline.settings import CHECKOUT

MODELS = lineage.read(CHECKOUT / "dbt_project")


def carriers(table):
    return {relation.name for relation in MODELS.core.values() if table in relation.carries}


def test_every_contract_has_a_base_model():
    tables = {contract.table for contract in contracts.load_all(CHECKOUT / "contracts").values()}
    assert tables == set(MODELS.bases)


def test_records_are_rows_of_the_relations_that_name_them():
    assert carriers("oneroster__enrollments") == {"fct_enrolment", "learner_file"}
    assert carriers("hr__trainings") >= {"fct_enrolment", "fct_learning_outcome", "person_link", "dim_institution"}
    assert carriers("returns__graduates") == {"graduates"}
    assert carriers("census__county_yearbook") == {"population", "attainment"}


def test_entities_that_only_decide_about_others_carry_none():
    assert carriers("oneroster__classes") == set()
    assert {relation.name for relation in MODELS.reaching("oneroster__classes")} >= {"fct_enrolment"}


def test_entities_that_end_at_staging_reach_nothing():
    assert MODELS.reaching("oneroster__categories") == ()
