"""What is published as files: everything mart says of a release, nothing else, the same bytes each time."""

import csv
import gzip
import json
import os
import random
import re
import subprocess
import sys

import duckdb
import jsonschema
import pyarrow.parquet
import pytest

from pipeline.db import InsufficientPrivilege, connect
from pipeline.settings import CHECKOUT
from portal.publishing import questions, shelf, site
from portal.publishing.numbers import STATUS
from portal.publishing.reading import as_reader, read
from release.publish import move_back
from tests.published import POISON, fill_mart

PAGES = {"index.html": "<!doctype html>pages", "assets/main.js": "export {};" * 200}


@pytest.fixture(scope="module")
def published(settings):
    return fill_mart(settings)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    for name, text in PAGES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def shown(settings, published, built):
    """The site of the generated release."""
    return site.build(settings, built, lambda message: None).path


@pytest.fixture(scope="module")
def mart(settings, published):
    with as_reader(settings) as connection:
        return read(connection)


def load(root, path):
    return json.loads((root / path).read_text(encoding="utf-8"))


def test_the_catalogue_names_everything_that_numbers_carry(mart, shown):
    catalogue = load(shown, "data/catalogue.json")
    assert len([area for area in catalogue["areas"] if area["tile"]]) == 90
    assert {area["code"] for area in catalogue["areas"]} >= {number.area for number in mart.numbers}
    for dimension, member in {(number.dimension, number.member) for number in mart.numbers}:
        named = {known["code"]: known for known in catalogue["dimensions"][dimension]["members"]}[member]
        assert named["zh"] != member, (dimension, member)
    assert {i["subject"] for i in catalogue["indicators"]} == {
        "schools", "adults", "lifelong", "credit", "forecast", "inequality",
    }  # fmt: skip
    assert any(POISON in target["document"] for target in catalogue["targets"])
    assert catalogue["release"]["previous_id"] is not None
    assert [realm["code"] for realm in catalogue["realms"] if realm["counties"]] == ["simulated"]


def test_every_number_stands_once_in_its_breakdown_as_sql_shows_it(mart, shown):
    files, rows = {}, 0
    for path in (shown / "data" / "values").rglob("*.json"):
        document = load(path.parent, path.name)
        rows += len(document["rows"])
        files[document["indicator"], document["method"], document["realm"], document["dimension"]] = document
    assert rows == len(mart.numbers)
    for number in random.Random(1).sample(list(mart.numbers), 3000):
        file = files[number.indicator, number.method, number.realm, number.dimension]
        key = [
            file["areas"].index(number.area),
            file["periods"].index(number.period),
            file["members"].index(number.member),
        ]
        (row,) = [row for row in file["rows"] if row[:3] == key]
        assert row[3] == STATUS[number.status]
        for cell, figure in zip(row[4:10], number[9:15], strict=True):
            assert cell == (None if figure is None else pytest.approx(figure, rel=1e-5))
        if number.status != "published":
            assert row[4:10] == [None] * 6
        assert file["notes"][row[10]] == number.note if number.note else row[10] is None


def test_an_area_has_every_total_of_it_and_holdings_name_the_files_there_are(mart, shown):
    county = load(shown, "data/areas/simulated/330106.json")
    points = {(s["indicator"], s["method"], p["period"]): p for s in county["series"] for p in s["points"]}
    wanted = [n for n in mart.numbers if (n.realm, n.area, n.dimension) == ("simulated", "330106", "total")]
    assert set(points) == {(n.indicator, n.method, n.period) for n in wanted}
    for indicator in load(shown, "data/catalogue.json")["indicators"]:
        for realm, held in indicator["has"].items():
            base = shown / "data" / "values" / realm / indicator["code"] / indicator["method"]
            assert sorted(path.stem for path in base.glob("*.json")) == held["dimensions"]
            revised = shown / "data" / "revisions" / realm / f"{indicator['code']}.json"
            assert revised.exists() or not held["revised"]


def test_revisions_gaps_and_sources_are_told(shown):
    changed = load(shown, "data/revisions/simulated/mean_years_schooling.json")
    assert {change["why"] for change in changed["changes"]} == {"data", "models"}
    assert all(change["old"] != change["new"] for change in changed["changes"])
    assert any(POISON in batch["agency_name"]["en"] for batch in changed["batches"])
    gaps = load(shown, "data/gaps.json")
    assert any(gap["realm"] == "real" and not gap["areas"] for gap in gaps)
    assert any(gap["sources"] and len(gap["areas"]) > 3 for gap in gaps)
    assert load(shown, "data/traces.json")[0]["agencies"][0]["batches"] == 11


def test_writing_again_gives_the_same_bytes_and_pages_that_cannot_be_built_stay(settings, shown):
    again = site.build(settings, None, lambda message: None)
    assert again.path == shown  # its name is the digest of every file in it
    packed = shown / "data" / "catalogue.json.gz"
    assert gzip.decompress(packed.read_bytes()) == packed.with_suffix("").read_bytes()
    assert (shown / "assets" / "main.js.gz").exists()
    assert (shown / "index.html").read_text() == PAGES["index.html"]


def test_pages_follow_when_the_release_moves_back_and_forth(settings, published, shown, built):
    move_back(settings, published.first, reason="test")
    back = site.show_release(settings, lambda: built, published.first, lambda message: None)
    assert load(shelf.link(settings), "data/catalogue.json")["release"]["id"] == published.first == back.release_id
    move_back(settings, published.second, reason="test")
    there = site.show_release(settings, lambda: pytest.fail("it is kept"), published.second, lambda message: None)
    assert there.path == shown == shelf.link(settings).resolve()


@pytest.mark.parametrize("name", ["index", "indicators", "areas", "indicator"])
def test_every_document_of_the_public_interface_keeps_its_schema(shown, name):
    api = shown / "api" / "v1"
    schema = load(api, f"schema/{name}.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    if name == "indicator":
        found = [path for path in api.glob("indicators/*.json") if not path.name.endswith("csv-metadata.json")]
        found += list(api.glob("releases/*/indicators/learner_flow.json"))
    else:
        found = list(api.rglob(f"{name}.json"))
    assert found
    for path in found:
        document = load(path.parent, path.name)
        if name == "indicator":  # the shape of one row in twenty, and of the whole around them
            document["observations"] = document["observations"][::20]
        validator.validate(document)


def test_a_withheld_figure_fails_the_schema(shown):
    schema = load(shown, "api/v1/schema/indicator.schema.json")
    document = load(shown, "api/v1/indicators/credit_transfer_rate.json")
    status, value = (document["columns"].index(name) for name in ("status", "value"))
    row = next(row for row in document["observations"] if row[status] == "withheld")
    document["observations"] = [[*row[:value], 0, *row[value + 1 :]]]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_csv_and_its_metadata_say_the_same_as_json(shown):
    api = shown / "api" / "v1"
    document = load(api, "indicators/senior_participation.json")
    with (api / "indicators" / "senior_participation.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == document["columns"]
    assert rows == [["" if cell is None else str(cell) for cell in row] for row in document["observations"]]
    told = load(api, "indicators/senior_participation.csv-metadata.json")
    assert told["@context"] == "http://www.w3.org/ns/csvw"
    assert [column["name"] for column in told["tableSchema"]["columns"]] == head
    assert all(len(column["dc:description"]) > 5 for column in told["tableSchema"]["columns"])
    key = [head.index(name) for name in told["tableSchema"]["primaryKey"]]
    assert len({tuple(row[at] for at in key) for row in rows}) == len(rows)


def test_past_releases_keep_their_addresses(published, shown):
    index = load(shown, "api/v1/index.json")
    assert [release["id"] for release in index["releases"]] == [published.second, published.first]
    old = load(shown, f"api/v1/releases/{published.first}/indicators/mean_years_schooling.json")
    new = load(shown, f"api/v1/releases/{published.second}/indicators/mean_years_schooling.json")
    assert (old["release"]["id"], new["release"]["id"]) == (published.first, published.second)
    assert old["observations"] != new["observations"]
    assert load(shown, "api/v1/indicators/mean_years_schooling.json") == new
    for link in index["links"]["schema"].values():
        assert (shown / "api" / "v1" / link).exists()


def test_parquet_holds_every_relation_of_mart_with_types_and_comments(settings, published, shown):
    with connect(settings, "policymaker") as connection:
        relations = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'mart' and table_name <> 'explained'"
        ).fetchall()
        for (name,) in relations:
            file = pyarrow.parquet.ParquetFile(shown / "parquet" / f"{name}.parquet")
            count = connection.execute(f"select count(*) from mart.{name}").fetchone()[0]
            assert file.metadata.num_rows == count, name
            assert all(len(field.metadata[b"comment"]) > 5 for field in file.schema_arrow), name
    schema = pyarrow.parquet.read_schema(shown / "parquet" / "current_indicator_value.parquet")
    types = {name: str(schema.field(name).type) for name in ("value", "as_of", "release_id", "area_code")}
    assert types == {"value": "double", "as_of": "date32[day]", "release_id": "int32", "area_code": "string"}


def blocks(language):
    text = (CHECKOUT / "docs" / "how-to" / "numbers-as-files.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("statement", blocks("sql"))
def test_the_how_to_works_in_duckdb(shown, statement, monkeypatch):
    monkeypatch.chdir(shown)
    assert duckdb.sql(statement).fetchall()


@pytest.mark.parametrize("line", blocks("python"))
def test_the_how_to_works_in_pandas(shown, line):
    done = subprocess.run([sys.executable, "-c", line], cwd=shown, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 50


@pytest.mark.parametrize("question", questions.load(), ids=lambda question: question.id)
def test_a_policymaker_can_ask_each_question_and_gets_the_answer_on_the_page(settings, shown, question):
    with connect(settings, "policymaker") as connection:
        cursor = connection.execute(question.sql)
        rows = cursor.fetchall()
    assert rows
    answer = {each["id"]: each for each in load(shown, "data/questions.json")}[question.id]
    assert answer["columns"] == [column.name for column in cursor.description]
    assert len(answer["rows"]) == min(len(rows), questions.MOST_ROWS)
    assert answer["question"]["zh"] != answer["question"]["en"]


def test_there_are_ten_questions():
    assert len(questions.load()) == 10


def test_nothing_else_can_be_read_by_whom_the_pages_are_written(settings):
    with connect(settings, "policymaker") as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("select * from quality.batch")


def test_no_file_is_large_and_nothing_of_it_is_hidden(shown):
    data = {path: path.stat().st_size for path in (shown / "data").rglob("*.json")}
    assert max(data.values()) < 300_000
    assert not [path for path in shown.rglob(".*") if not os.path.isdir(path)]
