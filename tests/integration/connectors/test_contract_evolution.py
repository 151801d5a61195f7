"""A changed contract or a changed export stops its own feed, says so, and loses nothing."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from connectors import drift, outbox, producer, sink
from connectors.sources.base import Row
from pipeline import contracts, migrations
from pipeline.db import connect
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import Settings
from tests.staged import new_agency, org, short, stage, table


@pytest.fixture
def changing(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings whose contracts a test may change; what it changed is in force no longer afterwards."""
    shutil.copytree(settings.contracts_dir, tmp_path / "contracts")
    yield dataclasses.replace(settings, contracts_dir=tmp_path / "contracts")
    contracts.load_all.cache_clear()
    migrations.apply(settings)


def rewrite(settings: Settings, entity: str, edit: dict[str, object], *, property_name: str) -> None:
    path = settings.contracts_dir / "oneroster" / f"{entity}.odcs.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    (prop,) = (p for p in document["schema"][0]["properties"] if p["name"] == property_name)
    prop.update(edit)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    contracts.load_all.cache_clear()
    migrations.apply(settings)


def land(settings: Settings) -> int:
    producer.publish(settings, source="oneroster")
    return sink.drain(settings, sink.topics_of(settings, "oneroster")).rows


def test_a_breaking_change_stops_its_feed_alone_and_taking_it_back_starts_it(changing: Settings) -> None:
    agency = new_agency()
    stage(changing, agency, table("orgs", org(1)))
    land(changing)
    stage(changing, agency, table("orgs", org(1), org(2)))
    rewrite(changing, "orgs", {"physicalType": "integer", "logicalType": "integer"}, property_name="identifier")
    with pytest.raises(ConfigurationError, match=r"orgs\.odcs\.yaml was changed.*identifier: text became integer"):
        stage(changing, agency, table("orgs", org(3)))
    courses = table("courses", Row(2, {"sourcedId": "c1", "title": "语文", "orgSourcedId": "o1"}))
    assert stage(changing, new_agency(), courses).batches[0].expected_rows == 1
    assert land(changing) == 1, "what waits in the stopped topic was landed by a contract it was not written by"
    rewrite(changing, "orgs", {"physicalType": "text", "logicalType": "string"}, property_name="identifier")
    assert land(changing) == 1
    assert short(changing, stage(changing, agency, table("orgs", org(1), org(2), org(3)))) == [("o3", 1, "upsert")]


def test_an_optional_field_passes_and_gets_its_column(new_database: Callable[[], Settings], tmp_path: Path) -> None:
    settings = new_database()
    shutil.copytree(settings.contracts_dir, tmp_path / "contracts")
    settings = dataclasses.replace(settings, contracts_dir=tmp_path / "contracts")
    path = settings.contracts_dir / "oneroster" / "orgs.odcs.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    properties = document["schema"][0]["properties"]
    (like,) = (p for p in properties if p["name"] == "name")
    properties.insert(2, {**like, "name": "campus", "physicalName": "campus", "required": False})
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    contracts.load_all.cache_clear()
    migrations.apply(settings)
    agency = new_agency()
    stage(settings, agency, table("orgs", org(1, campus="西湖")))
    land(settings)
    with connect(settings, "engineer") as connection:
        assert connection.execute("select campus from landing.oneroster__orgs").fetchall() == [("西湖",)]
        assert connection.execute("select campus from released.oneroster__orgs").fetchall() == []


def test_two_major_versions_land_side_by_side(new_database: Callable[[], Settings], tmp_path: Path) -> None:
    settings = new_database()
    shutil.copytree(settings.contracts_dir, tmp_path / "contracts")
    settings = dataclasses.replace(settings, contracts_dir=tmp_path / "contracts")
    first = settings.contracts_dir / "oneroster" / "orgs.odcs.yaml"
    document = yaml.safe_load(first.read_text(encoding="utf-8"))
    document["version"] = "2.0.0"
    document["schema"][0]["physicalName"] = "oneroster__orgs_v2"
    for item in document["customProperties"]:
        item["value"] = "orgs_v2" if item["property"] == "entity" else item["value"]
    (kind,) = (p for p in document["schema"][0]["properties"] if p["name"] == "type")
    kind.update(name="orgType", physicalName="org_type")
    (first.parent / "orgs_v2.odcs.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    contracts.load_all.cache_clear()
    migrations.apply(settings)
    stage(settings, new_agency(), table("orgs", org(1)))
    stage(settings, new_agency(), table("orgs_v2", Row(2, {"sourcedId": "o1", "name": "校", "orgType": "school"})))
    land(settings)
    with connect(settings, "engineer") as connection:
        first_rows = connection.execute("select _record_id, type from landing.oneroster__orgs").fetchall()
        second_rows = connection.execute("select _record_id, org_type from landing.oneroster__orgs_v2").fetchall()
    assert first_rows == second_rows == [("o1", "school")]


def test_a_column_that_disappears_stops_the_feed_until_someone_accepts_it(settings: Settings) -> None:
    agency = new_agency()
    whole = dataclasses.replace(table("orgs", org(1)), columns=("sourcedId", "name", "type", "identifier", "odd"))
    less = dataclasses.replace(whole, columns=("sourcedId", "name", "type"), rows=table("orgs", org(2)).rows)
    stage(settings, agency, whole)
    with pytest.raises(BadInput, match="identifier of orgs was there in the last delivery") as error:
        stage(settings, agency, less)
    assert error.value.code == "refused.column_gone"
    stage(settings, new_agency(), less)
    with connect(settings, outbox.ROLE) as connection:
        assert drift.accept(connection, agency.agency_code, "oneroster", "orgs")
    assert short(settings, stage(settings, agency, less)) == [("o2", 1, "upsert"), ("o1", 2, "delete")]


def test_a_column_of_another_type_stops_the_feed_and_single_wrong_values_do_not(settings: Settings) -> None:
    def enrolment(number: int, begin: str) -> Row:
        values = {"sourcedId": f"e{number}", "classSourcedId": "k", "schoolSourcedId": "o", "userSourcedId": "u"}
        return Row(2, {**values, "role": "student", "beginDate": begin})

    agency = new_agency()
    wrong = [enrolment(number, "1. September") for number in range(drift.FEWEST_VALUES)]
    with pytest.raises(
        BadInput, match=r"values in the column beginDate of enrollments is of its type \(date\)"
    ) as error:
        stage(settings, agency, table("enrollments", *wrong))
    assert error.value.code == "refused.column_retyped"
    mixed = [*wrong, enrolment(99, "2026-09-01")]
    assert stage(settings, agency, table("enrollments", *mixed)).read_rows == len(mixed)
    few = wrong[: drift.FEWEST_VALUES - 1]
    assert stage(settings, new_agency(), table("enrollments", *few)).read_rows == len(few)
