"""What stands behind a number, and what becomes of it when a batch is taken away: by the real build and release."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from expectations.decisions import batches
from expectations.decisions.people import HOUSE
from pipeline.db import connect
from pipeline.errors import BadInput
from release import build, catalogue, context, impact, publish, revisions, trace
from release.build import build_warehouse
from release.candidates import Slice
from release.publish import publish_release

VALUES = json.loads((Path(__file__).parents[2] / "golden" / "values.json").read_text())
CLASSES = tuple(VALUES["mean_years_schooling"]["zhejiang_counts"])
STATS = "stats-zj"


def yearbook(code: str, prefecture: str, persons: int) -> dict[str, object]:
    """One county of the census yearbook with so many persons of every class and sex."""
    return {
        "reference_date": "2020-11-01", "base": "resident", "level": "county", "code": code,
        "prefecture_zh": prefecture, "county_zh": code,
        **{f"edu_{name}_{sex}": persons for name in CLASSES for sex in ("m", "f")},
    }  # fmt: skip


@pytest.fixture(scope="module")
def published(warehouse):
    """Two counties of two batches, published; and a release after the second batch was taken away."""
    first = warehouse.release("census__county_yearbook", STATS, [yearbook("330106", "杭州市", 700)])
    second = warehouse.release(
        "census__county_yearbook", STATS, [yearbook("331102", "丽水市", 900), yearbook("331121", "丽水市", 1)]
    )
    build_warehouse(warehouse.settings)
    before = publish_release(warehouse.settings)
    foretold = impact.withdrawn(warehouse.settings, second)
    tried = impact.withdrawn(warehouse.settings, second, exact=True)
    batches.withdraw(warehouse.settings, second, reason="the wrong year", actor=HOUSE)
    build_warehouse(warehouse.settings)
    after = publish_release(warehouse.settings)
    return warehouse, first, second, before, after, foretold, tried


def number(area: str, dimension: str = "total", member: str = "total") -> Slice:
    return Slice("mean_years_schooling", "census_3plus_jc16", "real", area, "2020", dimension, member)


def test_a_number_leads_to_the_batch_that_brought_its_rows(published):
    warehouse, first, second, before, *_ = published
    # what was withdrawn since is no longer behind anything that can be counted
    found = trace.behind(warehouse.settings, number("330106"), before.release_id)
    assert [(b.batch_id, b.basis, b.rows, b.agency_code) for b in found.batches] == [(first, "exact", 1, STATS)]
    assert found.batches[0].contract_version
    assert found.agencies == (STATS,)
    assert found.definition["sentence_en"]
    assert found.number.project_digest
    assert second not in {batch.batch_id for batch in found.batches}


def test_behind_a_withheld_number_stands_the_word_alone(published):
    warehouse, *_, before, _, _, _ = published
    found = trace.behind(warehouse.settings, number("331121", "sex", "male"), before.release_id)
    assert (found.number.status, found.number.value, found.number.denominator) == ("withheld", None, None)
    assert (found.batches, found.rules, found.links, found.agencies) == ((), (), (), ())


def test_a_figure_of_figures_leads_to_what_they_rest_on(published):
    warehouse, first, *_, after, _, _ = published
    where = Slice(
        "parity_index", "sdg_4_5_1", "real", "330106", "2020", "mean_years_schooling.census_3plus_jc16", "female/male"
    )
    found = trace.behind(warehouse.settings, where, after.release_id)
    assert (found.number.value, found.made_of) == (1.0, where.dimension)
    assert [batch.batch_id for batch in found.batches] == [first]


def test_behind_credits_stand_the_rules_that_recognised_them(published):
    warehouse, *_, before, _, _, _ = published
    found = trace.behind(warehouse.settings, number("330106"), before.release_id)
    assert found.credit_rules == ()
    of_bank = [replace(found.batches[0], agency_code="bank", table="credit_bank__conversions")]
    entry = """
        insert into core.fct_credit_entry (
            credit_entry_key, posting_id, entry_line, posting_kind_code, agency_code, owner_id, source_entity,
            record_id, account_key, account_kind_code, account_owner_id, rule_version, amount_credits,
            credit_unit_code, effective_on, recorded_at, _event_id, _released_seq
        ) values (
            gen_random_uuid(), 1, %s, 'recognised', 'bank', 'o', 'credit_bank__conversions', 'r', gen_random_uuid(),
            'holder', 'o', %s, 1, 'credit', '2025-01-01', now(), gen_random_uuid(), 0
        )
    """
    with connect(warehouse.settings, "flyover_dbt") as connection:
        for line, version in enumerate(("v2", "v1", "v2", None)):
            connection.execute(entry, (line, version))
    with connect(warehouse.settings, trace.READER) as connection:
        assert trace._credit_rules(connection, found.number, of_bank) == ("v1", "v2")
        assert trace._credit_rules(connection, found.number, found.batches) == ()


def test_an_unclear_question_says_what_tells_the_answers_apart(published):
    warehouse, *_ = published
    wanted = {"indicator_code": "mean_years_schooling", "area_code": "330000", "dimension": "total"}
    with pytest.raises(BadInput, match="no release shows"):
        trace.find(warehouse.settings, None, **wanted, period="1066")
    with pytest.raises(BadInput, match=r"--method census_3plus_jc15.*--method census_3plus_jc16"):
        trace.find(warehouse.settings, None, **wanted, period="2020", realm="real")


def test_a_withdrawn_batch_leaves_the_numbers_as_impact_said(published):
    warehouse, _, second, before, after, foretold, _ = published
    found = revisions.between(warehouse.settings, before.release_id, after.release_id, indicator="mean_years_schooling")
    moved = {each.change.slice: each for each in found.revisions if each.change.before is not None}
    assert number("331102") in moved
    assert moved[number("331102")].change.after is None
    assert {where for where in moved if where.period == "2020"} <= {each.slice for each in foretold.numbers}
    assert number("330106") not in moved
    of_province = moved[number("330000")]
    assert of_province.because == "data"
    assert [(batch.batch_id, batch.status) for batch in of_province.batches] == [(second, "refused")]


def test_what_was_tried_on_a_copy_is_what_came(published):
    warehouse, _, _, before, after, foretold, tried = published
    found = revisions.between(warehouse.settings, before.release_id, after.release_id)
    came = {each.change.slice: (each.change.before, each.change.after) for each in found.revisions}
    assert {change.slice: (change.before, change.after) for change in tried.numbers} == came
    told = {change.slice for change in foretold.numbers}
    assert {where for where, (shown, _) in came.items() if shown is not None} <= told
    assert any(where.dimension.startswith("mean_years_schooling.") for where in came), "derived figures move, too"


def test_nothing_is_revised_between_a_release_and_itself(published):
    warehouse, *_, after, _, _ = published
    assert revisions.between(warehouse.settings, after.release_id, after.release_id).revisions == ()
    with pytest.raises(BadInput, match="no release 9999"):
        revisions.between(warehouse.settings, 9999, after.release_id)


def test_what_is_missing_is_listed_with_where_to_send_it(published):
    warehouse, *_ = published
    missing = {(gap.indicator_code, gap.method, gap.realm): gap for gap in catalogue.gaps(warehouse.settings)}
    gap = missing["school_size_bands", "active_pupils_1sep", "real"]
    assert "OneRoster" in gap.missing_return
    assert "oneroster" in gap.send_to_sources


def test_every_indicator_of_the_province_is_listed_once_a_realm_and_method(published):
    warehouse, *_ = published
    rows = catalogue.standing(warehouse.settings)
    standing = {(row.indicator_code, row.method, row.realm): row for row in rows}
    assert standing["mean_years_schooling", "census_3plus_jc16", "real"].status == "published"
    assert standing["lifelong_learning_participation", "administrative_12m", "real"].status == "needs_input"


def test_a_target_stands_beside_the_methods_of_its_unit_alone(published):
    warehouse, *_ = published
    at = "insert into core.indicator_target (realm, indicator_code, method, area_code, target_year, document_no, "
    at += "direction_code, target_value, unit_code, comparison_code, document_title, _released_seq) values "
    at += "('real', 'mean_years_schooling', %s, '330000', 2027, 'd', 'at_least', 10.2, %s, %s, 'A plan', 1)"
    with connect(warehouse.settings, "flyover_dbt") as connection:
        connection.execute(at, ("census_3plus_jc16", "years", "compared"))
        connection.execute(at, ("census_3plus_jc15", "pct", "other_unit"))
    with connect(warehouse.settings, publish.ROLE) as connection:
        context.write(connection)
    standing = {row.method: row for row in catalogue.standing(warehouse.settings) if row.realm == "real"
                and row.indicator_code == "mean_years_schooling"}  # fmt: skip
    assert standing["census_3plus_jc16"].target == catalogue.Target(10.2, 2027, "A plan")
    assert standing["census_3plus_jc15"].target is None


def test_the_warehouse_writes_one_page_about_itself(published):
    warehouse, *_ = published
    page = build.write_page(warehouse.settings).read_text()
    assert "ind_mean_years_schooling" in page
    assert "population_by_age" in page


def test_what_the_project_holds_is_counted(published):
    warehouse, *_ = published
    counted = build.inventory(warehouse.settings)
    assert counted.models > 100
    assert counted.data_tests > 20
    assert counted.unit_tests > 5
    assert counted.described_columns == counted.columns
