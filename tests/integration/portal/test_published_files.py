"""What is published as files: everything mart says, nothing else, whole or not at all."""

import json

import pytest

from portal.publishing.data import write_data
from portal.publishing.files import Folder
from portal.publishing.reading import as_reader, read
from tests.published import POISON, fill_mart


@pytest.fixture(scope="module")
def published(settings):
    return fill_mart(settings)


@pytest.fixture(scope="module")
def mart(settings, published):
    with as_reader(settings) as connection:
        return read(connection)


@pytest.fixture(scope="module")
def data(mart, tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("site"))
    write_data(mart, folder)
    return folder.root


def load(data, path):
    return json.loads((data / "data" / path).read_text(encoding="utf-8"))


def test_the_catalogue_names_everything_that_numbers_carry(mart, data):
    catalogue = load(data, "catalogue.json")
    assert len([area for area in catalogue["areas"] if area["tile"]]) == 90
    assert {area["code"] for area in catalogue["areas"]} >= {number.area for number in mart.numbers}
    for dimension, member in {(number.dimension, number.member) for number in mart.numbers}:
        named = {known["code"]: known for known in catalogue["dimensions"][dimension]["members"]}[member]
        assert named["zh"] != member, (dimension, member)
    assert any(POISON in target["document"] for target in catalogue["targets"])
    assert catalogue["release"]["previous_id"] is not None
