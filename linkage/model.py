"""The model: what is compared, on which levels, and how much each level weighs; versioned data beside the code.

Fellegi–Sunter as Splink computes it: a level's weight is log2(m/u), where m is how often records of one person agree
so, and u how often records of two do. Family names are few and some given names common, so exact agreement of a name
weighs by how rare that name is (term frequency). ``linkage/models/<version>.json`` holds m, u, the prior and the
thresholds; a new version is a new file, and every link tells which one made it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import splink.comparison_level_library as levels
from splink import SettingsCreator
from splink.comparison_library import CustomComparison

from pipeline.errors import ConfigurationError

MODELS = Path(__file__).parent / "models"
CURRENT = "1"

_EXACT = "exact"
LEVELS: Mapping[str, Sequence[tuple[str, str]]] = {
    "name": (
        (_EXACT, '"name_l" = "name_r"'),
        ("same sound", '"sound_l" = "sound_r"'),
        ("same characters in another order", '"letters_l" = "letters_r"'),
        ("one character of three or more", 'length("name_l") >= 3 and damerau_levenshtein("name_l", "name_r") = 1'),
        ("same first character", 'left("name_l", 1) = left("name_r", 1)'),
    ),
    "born": (
        (_EXACT, '"born_l" = "born_r"'),
        (
            "one digit, two neighbours, or day and month exchanged",
            'damerau_levenshtein("born_l", "born_r") = 1 or '
            '"born_l"[1:4] = "born_r"[1:4] and "born_l"[9:10] = "born_r"[6:7] and "born_l"[6:7] = "born_r"[9:10]',
        ),
        ("same year", '"born_l"[1:4] = "born_r"[1:4]'),
    ),
    "sex": ((_EXACT, '"sex_l" = "sex_r"'),),
    "id_number": ((
        "the same but for one digit or two neighbours", 'damerau_levenshtein("id_number_l", "id_number_r") <= 1',
    ),),
    "division_code": (
        (_EXACT, '"division_code_l" = "division_code_r"'),
        ("same prefecture", '"division_code_l"[1:4] = "division_code_r"[1:4]'),
    ),
    "institution": ((_EXACT, '"institution_l" = "institution_r"'),),
}  # fmt: skip
"""By column: (label, condition) of each level, the strictest first; below them stand "else" and, above, null."""

ELSE = "else"
_LOOSE = '(l."person_key" is null or r."person_key" is null)'
BLOCKS = (
    f'l."name" = r."name" and l."born" = r."born" and {_LOOSE}',
    f'l."sound" = r."sound" and l."born" = r."born" and {_LOOSE}',
    f'l."born" = r."born" and l."division_code" = r."division_code" and l."sex" = r."sex" and {_LOOSE}',
    f'l."name" = r."name" and l."division_code" = r."division_code" and {_LOOSE}',
    f'l."letters" = r."letters" and l."born"[1:7] = r."born"[1:7] and {_LOOSE}',
    f'l."id_number"[1:14] = r."id_number"[1:14] and {_LOOSE}',
    f'l."id_number"[5:18] = r."id_number"[5:18] and {_LOOSE}',
    'l."name" = r."name" and l."born" = r."born" and l."sex" = r."sex" and l."person_key" <> r."person_key"',
)
"""Which records are compared at all: some of one side without a valid id. The last looks for one person, two ids."""


@dataclass(frozen=True)
class Model:
    """One version of the model."""

    version: str
    prior: float
    """probability that two records drawn at random are of one person"""
    weights: Mapping[str, Mapping[str, tuple[float, float]]]
    """(m, u) by column and level"""
    link_from: float
    """weight in bits from which a record is linked"""
    review_from: float
    """weight from which a person is asked"""
    margin: float
    """bits by which the best person must lead before the next"""


def load(version: str = CURRENT, folder: Path = MODELS) -> Model:
    """A version of the model.

    :raises ConfigurationError: when there is none, or it does not fit the levels
    """
    path = folder / f"{version}.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"there is no linkage model {version} ({path.name})") from None
    weights = {
        column: {level: (float(m), float(u)) for level, (m, u) in by_level.items()}
        for column, by_level in told["weights"].items()
    }
    for column, known in LEVELS.items():
        if set(weights.get(column, {})) != {label for label, _ in known} | {ELSE}:
            raise ConfigurationError(f"linkage model {version}: weights of {column} do not fit its levels")
    return Model(version, told["prior"], weights, told["link_from"], told["review_from"], told["margin"])


def save(model: Model, folder: Path = MODELS) -> Path:
    """Write a version; its path."""
    path = folder / f"{model.version}.json"
    told = {
        "prior": model.prior,
        "link_from": model.link_from,
        "review_from": model.review_from,
        "margin": model.margin,
        "weights": {c: {level: list(mu) for level, mu in by.items()} for c, by in model.weights.items()},
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def settings(model: Model | None) -> SettingsCreator:
    """What Splink is told; without a model its weights are still to be estimated."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="entity_no",
        probability_two_random_records_match=model.prior if model else 1e-6,
        comparisons=[_comparison(column, model) for column in LEVELS],
        blocking_rules_to_generate_predictions=list(BLOCKS),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _comparison(column: str, model: Model | None) -> CustomComparison:
    made: list[Any] = [levels.NullLevel(column)]
    for label, condition in LEVELS[column]:
        level = levels.CustomLevel(condition, label_for_charts=label)
        if column == "name" and label == _EXACT:
            level = levels.ExactMatchLevel("name").configure(
                label_for_charts=label, tf_adjustment_column="name", tf_minimum_u_value=1e-6
            )
        made.append(_weighed(level, model, column, label))
    made.append(_weighed(levels.ElseLevel(), model, column, ELSE))
    return CustomComparison(output_column_name=column, comparison_levels=made)


def _weighed(level: Any, model: Model | None, column: str, label: str) -> Any:
    if model is None:
        return level
    m, u = model.weights[column][label]
    return level.configure(m_probability=m, u_probability=u)
