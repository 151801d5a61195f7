from __future__ import annotations

import pytest

from expectations.decisions.people import Actor
from portal.officer import look, visitor
from portal.refusals import NotTaken


@pytest.mark.parametrize(
    "place", ["/officer", "/officer/rows?rule=a.b&status=open", "/officer/rules/a.b", "/officer/reports/"]
)
def test_signing_in_leads_back_to_a_page_of_the_desk(place: str) -> None:
    assert visitor.way_back(place) == place


@pytest.mark.parametrize(
    "place",
    ["", "/", "/officers", "//x", "https://x/officer", "/officer//x", "/officer/../", "/officer\\x", "/officer/sign-in",
     "/officer\nx", "javascript:/officer"],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(place: str) -> None:
    assert visitor.way_back(place) == "/officer"


def test_another_agency_is_not_there_and_a_low_role_is_refused() -> None:
    actor = Actor("li", "viewer", frozenset({"sch-a"}))
    visitor.need(actor, "viewer", "sch-a")
    with pytest.raises(NotTaken) as hidden:
        visitor.need(actor, "officer", "sch-b")
    assert hidden.value.status == 404
    with pytest.raises(NotTaken) as low:
        visitor.need(actor, "officer", "sch-a")
    assert low.value.status == 403


def test_links_leave_out_what_is_not_asked_and_quote_the_rest() -> None:
    assert (
        look.link("/rows", agency="a&b", table="", rule=None, status="open") == "/officer/rows?agency=a%26b&status=open"
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [(1234, "1,234"), (0.123456, "0.1235"), (12.0, "12"), (None, "…"), ("a few", "a few"), (True, "True")],
)
def test_measured_values_are_said_without_a_tail(value: object, said: str) -> None:
    assert look.measure(value) == said


def test_the_reason_for_a_threshold_is_said_in_the_language_of_the_page() -> None:
    assert look.because({"zh": "因为", "en": "because"}, "zh") == "因为"
    assert look.because("as it came", "en") == "as it came"
