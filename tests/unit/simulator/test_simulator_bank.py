"""The credit bank's delivery: of people others know, whole, and told of in the truth to the credit."""

import csv
from collections import Counter

import pytest

from simulator.divisions import BANK_AGENCY

KINDS = ("available", "recognised", "expired", "revoked")


@pytest.fixture(scope="module")
def tables(written):
    (folder,) = (written.root / BANK_AGENCY).iterdir()
    return {
        path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) for path in folder.glob("*.csv")
    }


def test_holders_are_known_to_other_agencies(written):
    agencies = {}
    for row in written.truth("people"):
        agencies.setdefault(row["person_no"], set()).add(row["agency_code"])
    holders = {row["person_no"] for row in written.truth("people") if row["agency_code"] == BANK_AGENCY}
    assert len(holders) > 100
    assert all(agencies[holder] - {BANK_AGENCY} for holder in holders)


def test_every_deposit_and_application_is_of_an_outcome_that_was_sent(tables):
    outcomes = {row["outcome_id"] for row in tables["learning_outcomes"]}
    assert {row["outcome_id"] for row in tables["deposits"]} == outcomes
    assert {row["outcome_id"] for row in tables["applications"]} <= outcomes


def test_all_that_was_laid_in_is_somewhere_in_the_end(written, tables):
    worth = {row["outcome_id"]: int(row["credits"]) for row in tables["deposits"]}
    worth |= {row["enrolment_id"]: int(row["credits_awarded"]) for row in tables["cross_enrolments"]}
    held = {row["outcome_id"]: sum(int(row[kind]) for kind in KINDS) for row in written.truth("credit_balances")}
    assert held == worth


def test_every_way_an_outcome_can_go_is_there(written, tables):
    totals = Counter()
    for row in written.truth("credit_balances"):
        totals.update({kind: int(row[kind]) for kind in KINDS})
    assert min(totals[kind] for kind in KINDS) > 0
    assert {row["decision"] for row in tables["applications"]} == {"recognised", "partly", "refused"}
    too_much = [row for row in tables["applications"] if int(row["credits_recognised"]) > int(row["credits_applied"])]
    assert too_much == []


def test_a_later_day_brings_nothing(days):
    assert not (days[2].root / BANK_AGENCY).exists()
    assert "credits" not in days[2].expected
