"""The whole way on the real servers, held against what the simulator knows: books, defects, indicators."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import simulator
from cli import inline
from connectors import pull, registry
from pipeline.db import connect
from pipeline.settings import Settings

LEARNERS = 2_000
VLE = "student_vle"
"""Rows without a record id of their own: the truth gives the natural key that the record id begins with."""


@dataclass(frozen=True)
class Province:
    settings: Settings
    root: Path
    expected: dict[str, Any]

    def ask(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with connect(self.settings, "engineer") as connection:
            return connection.execute(query, parameters).fetchall()

    def defects(self) -> list[dict[str, str]]:
        with (self.root / "truth" / "defects.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def province(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Province:
    root = tmp_path_factory.mktemp("province")
    simulator.write_province(root, learners=LEARNERS, seed=7)
    agencies = [a for a in registry.load_all(settings.agencies_dir).values() if a.area == "simulated"]
    for agency in agencies:
        for origin in sorted((root / agency.agency_code).iterdir()):
            pull.pull(settings, agency, origin)
    said: list[str] = []
    for source in sorted({agency.source for agency in agencies}):
        inline.forward(settings, source, said.append)
    inline.close(settings, said.append, release=True)
    return Province(settings, root, json.loads((root / "truth" / "expected.json").read_text(encoding="utf-8")))


def test_books_are_those_of_the_truth(province: Province) -> None:
    found = province.ask(
        "select agency_code, entity, received, released, quarantined, duplicate, refused, held from quality.batch"
    )
    wanted = [
        (agency, entity, *(counts[word] for word in ("received", "released", "quarantined", "duplicate")), 0, 0)
        for agency, entities in province.expected["books"].items()
        for entity, counts in entities.items()
    ]
    assert sorted(found) == sorted(wanted)


def test_every_planted_defect_is_in_quarantine_and_nothing_else_is(province: Province) -> None:
    found = Counter(
        (agency, table.split("__", 1)[1], _natural(table, record), stage, rule)
        for agency, table, record, stage, rules in province.ask(
            "select agency_code, entity_table, record_id, stage, rule_ids from quarantine.entry"
        )
        for rule in rules
    )
    planted = Counter(
        (d["agency_code"], d["entity"], d["record_id"], d["stage"], d["rule_id"])
        for d in province.defects()
        if d["expected"] == "quarantined"
    )
    assert found == planted


def test_warnings_count_what_was_planted_and_let_it_through(province: Province) -> None:
    wanted = Counter(
        (d["agency_code"], d["rule_id"])
        for d in province.defects()
        if d["expected"] == "released" and d["stage"] == "edge"
    )
    found = province.ask(
        "select b.agency_code, r.rule_id, r.failed from quality.rule_result as r "
        "inner join quality.batch as b on r.batch_id = b.batch_id where r.rule_id = any(%s) and r.failed > 0",
        sorted({rule for _, rule in wanted}),
    )
    assert {(agency, rule): failed for agency, rule, failed in found} == wanted


def test_no_rule_raises_an_alarm_that_was_not_planted(province: Province) -> None:
    planted = {(d["agency_code"], d["rule_id"]) for d in province.defects()}
    alarms = province.ask(
        "select distinct b.agency_code, r.rule_id from quality.rule_result as r "
        "inner join quality.batch as b on r.batch_id = b.batch_id where not r.passed"
    )
    assert set(alarms) <= planted


def test_school_size_bands_are_those_of_the_truth(province: Province) -> None:
    wanted = {
        (county, member): bands[word]
        for county, bands in province.expected["indicators"]["school_size_bands"]["counties"].items()
        for member, word in (("lt100", "under_100"), ("100_2000", "from_100_to_2000"), ("gt2000", "over_2000"))
    }
    assert _published(province, "school_size_bands", "value") == wanted


def test_participation_is_that_of_the_truth(province: Province) -> None:
    counties = province.expected["indicators"]["lifelong_participation_25_64"]["counties"]
    found = _published(province, "lifelong_learning_participation", "numerator", dimension="total")
    withheld = {county for county, numbers in counties.items() if numbers["participants"] < 10}
    assert found == {
        (county, "total"): None if county in withheld else numbers["participants"]
        for county, numbers in counties.items()
    }


def test_mean_years_of_schooling_are_those_of_the_truth(province: Province) -> None:
    wanted = province.expected["indicators"]["mean_years_schooling"]
    found = _published(province, "mean_years_schooling", "value", dimension="total")
    assert {area for area, _ in found} == set(wanted)
    for county, numbers in wanted.items():
        assert found[county, "total"] == pytest.approx(numbers["exact"], abs=1e-9)


def test_nothing_more_happens_when_every_file_is_delivered_again(province: Province) -> None:
    before = _fingerprint(province)
    agencies = registry.load_all(province.settings.agencies_dir)
    for code in province.expected["books"]:
        for origin in sorted((province.root / code).iterdir()):
            delivery = pull.pull(province.settings, agencies[code], origin)
            again = [batch for batch in delivery.batches if batch.expected_rows - batch.rejected_rows]
            assert all(batch.entity == "student_info" for batch in again), "only a file that contradicts itself is news"
        inline.forward(province.settings, agencies[code].source, _quiet)
    inline.close(province.settings, _quiet, release=False)
    assert _fingerprint(province) == before


def _fingerprint(province: Province) -> list[tuple[Any, ...]]:
    return [
        row
        for table in ("fct_enrolment", "fct_learning_activity", "fct_learning_outcome", "dim_learner", "population")
        for row in province.ask(f"select '{table}', count(*), sum(hashtext(t::text)::bigint) from core.{table} as t")
    ]


def _published(
    province: Province, indicator: str, column: str, *, dimension: str = "size_band"
) -> dict[tuple[str, str], Any]:
    counties = set(province.expected["indicators"]["school_size_bands"]["counties"])
    found = province.ask(
        f"select area_code, member, {column} from mart.current_indicator_value "
        "where indicator_code = %s and realm = 'simulated' and area_level = 'county' and dimension = %s",
        indicator,
        dimension,
    )
    return {(area, member): value for area, member, value in found if area in counties}


def _natural(table: str, record_id: str) -> str:
    return "|".join(record_id.split("|")[:5]) if table.endswith(VLE) else record_id


_quiet: Callable[[str], None] = lambda _: None  # noqa: E731 - a word to nobody
