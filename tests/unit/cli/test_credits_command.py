"""./flyover credits: what it asks of the ledger for the days it is given, and the rules as they stand."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from cli import credits_command, main
from ledger import asking
from ledger.conversion import STEPS
from pipeline.zone import ZONE


@pytest.fixture
def asked(monkeypatch):
    """What the ledger was asked; it answers with one balance and one line."""
    seen = {}
    monkeypatch.setattr(credits_command, "load", lambda: "settings")

    def account(settings, who, on, known):
        seen.update(who=who, on=on, known=known)
        return asking.Statement(
            held=[("bank", "A-1", None, None, None, None, Decimal("4.5"), "credits")],
            posted=[],
        )

    def explain(settings, application, today):
        seen.update(application=application)
        steps = dict.fromkeys(STEPS, Decimal(2))
        return [asking.Explained("o-1", "Welding", "v2", Decimal(3), Decimal(2), steps, Decimal(2), "capped online")]

    monkeypatch.setattr(asking, "account", account)
    monkeypatch.setattr(asking, "explain", explain)
    return seen


def invoke(*arguments):
    return CliRunner().invoke(main.build(["credits"]), ["credits", *arguments])


def test_a_balance_is_asked_for_as_of_a_day_and_as_known_at_the_end_of_another(asked):
    done = invoke("account", "A-1", "--on", "2025-06-30", "--known", "2025-07-01", "--json")
    assert done.exit_code == 0, done.output
    assert asked == {
        "who": "A-1",
        "on": dt.date(2025, 6, 30),
        "known": dt.datetime(2025, 7, 2, tzinfo=ZONE),
    }
    told = json.loads(done.stdout)
    assert (told["on"], told["known"]) == ("2025-06-30", "2025-07-01")
    assert float(told["balances"][0]["amount"]) == 4.5


def test_without_a_day_it_is_today_as_known_now(asked):
    assert invoke("account", "A-1", "--json").exit_code == 0
    assert asked["on"] == dt.datetime.now(ZONE).date()
    assert asked["known"] is None


def test_an_application_is_explained_by_its_rule_and_what_bit(asked):
    done = invoke("explain", "AP-7", "--json")
    assert asked["application"] == "AP-7"
    (line,) = json.loads(done.stdout)
    assert (line["rule"], line["why"], float(line["recognised"])) == ("v2", "capped online", 2.0)


def test_every_version_of_the_rules_is_listed_with_its_caps():
    rows = json.loads(invoke("rules", "--json").stdout)
    assert rows
    assert all(float(row["total cap %"]) <= 50 and float(row["online cap %"]) <= 25 for row in rows)
