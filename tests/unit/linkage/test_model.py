"""Versions of the model: complete, and refused where they do not fit the levels."""

import dataclasses

import pytest

from linkage import model
from linkage.training import train
from pipeline.errors import ConfigurationError
from tests.statements import statements


def test_the_current_version_weighs_agreement_up_and_else_down():
    current = model.load()
    for column, weights in current.weights.items():
        (m, u), (m_else, u_else) = weights[model.LEVELS[column][0][0]], weights[model.ELSE]
        assert m > 2 * u or column == "sex", column
        assert m_else < u_else, column


def test_a_version_that_is_not_there_is_named():
    with pytest.raises(ConfigurationError, match=r"no linkage model 99 \(99.json\)"):
        model.load("99")


def test_a_version_that_lacks_a_level_is_refused(tmp_path):
    current = model.load()
    lame = dataclasses.replace(current, weights={**current.weights, "sex": {"exact": (0.9, 0.5)}})
    model.save(lame, tmp_path)
    with pytest.raises(ConfigurationError, match="weights of sex do not fit its levels"):
        model.load(current.version, tmp_path)


def test_what_is_saved_is_what_is_loaded(tmp_path):
    current = model.load()
    model.save(dataclasses.replace(current, version="2"), tmp_path)
    assert model.load("2", tmp_path) == dataclasses.replace(current, version="2")


def test_training_finds_weights_like_the_current_ones_in_registers_of_the_same_kind():
    trained = train(statements(5_000, seed=5), "t", link_from=8, review_from=0, margin=4, random_pairs=200_000)
    current = model.load()
    for column in ("name", "born", "sex", "division_code"):
        label = model.LEVELS[column][0][0]
        assert trained.weights[column][label][0] == pytest.approx(current.weights[column][label][0], abs=0.03)
