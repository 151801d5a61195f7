from __future__ import annotations

import pytest

from expectations.rules import suites
from pipeline import contracts
from pipeline.settings import CHECKOUT
from portal.agency import columns
from portal.agency.columns import named_in, of_row, of_rule

KNOWN = contracts.load_all(CHECKOUT / "contracts")
ENROLMENTS = KNOWN["oneroster", "enrollments"]


@pytest.mark.parametrize(
    ("rule", "contract", "expected"),
    [
        ("oneroster__enrollments.role_code", ENROLMENTS, ("role",)),
        ("oneroster__enrollments.begins_before_end", ENROLMENTS, ("beginDate", "endDate")),
        ("oneroster__enrollments.class_known", ENROLMENTS, ("classSourcedId",)),
        ("oneroster__enrollments.unique_key", ENROLMENTS, ("sourcedId",)),
        ("oneroster__enrollments.mass_deletion", ENROLMENTS, ()),
        ("nothing.we_know", ENROLMENTS, ()),
    ],
)
def test_a_rule_names_its_columns_in_the_senders_words(rule: str, contract: object, expected: tuple[str, ...]) -> None:
    assert of_rule(rule, contract) == expected  # type: ignore[arg-type]


def test_every_rule_about_a_row_names_a_column() -> None:
    for suite in suites.load().values():
        for rule in suite.row_rules:
            assert columns.of_rule(rule.id, suite.contract), rule.id


def test_what_the_reader_or_the_contract_names_comes_before_what_rules_look_at() -> None:
    assert of_row(("reader.x",), "role", None, ENROLMENTS) == ("role",)
    detail = "Invalid date - at `$.data.beginDate`"
    assert of_row(("contract.type",), None, detail, ENROLMENTS) == ("beginDate",)
    assert of_row(("contract.type",), "no field of ours", None, ENROLMENTS) == ()
    both = ("oneroster__enrollments.class_known", "oneroster__enrollments.role_code")
    assert of_row(both, None, None, ENROLMENTS) == ("classSourcedId", "role")


@pytest.mark.parametrize(
    ("detail", "field"),
    [
        ("Expected `int | null`, got `str` - at `$.data.metadata.cn.code`", "metadata.cn.code"),
        ("Object missing required field `sourcedId` - at `$.data`", "sourcedId"),
        ("no payload", None),
        (None, None),
    ],
)
def test_the_decoders_complaint_names_a_field(detail: str | None, field: str | None) -> None:
    assert named_in(detail) == field
