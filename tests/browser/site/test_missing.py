"""What is missing: every gap that was published, by the return it waits for; and how much is withheld."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.site.conftest import OpenView, ServedSite, settle


@pytest.fixture
def gaps(site: ServedSite) -> list[dict[str, object]]:
    return list(json.loads((site.folder / "data" / "gaps.json").read_text(encoding="utf-8")))


def count(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.parametrize("realm", ["simulated", "real"])
def test_every_gap_of_the_realm_is_counted_once(realm: str, open_view: OpenView, gaps: list[dict[str, object]]) -> None:
    mine = [gap for gap in gaps if gap["realm"] == realm]
    page = open_view("missing", lang="en", realm=realm)
    rows = [row.locator("td").all_inner_texts() for row in page.locator("#returns ~ .table tbody tr").all()]
    numbers = sum(int(str(gap["numbers"])) for gap in mine)
    assert sum(count(cells[0]) for cells in rows) == numbers
    indicators = {(gap["indicator"], gap["method"]) for gap in mine}
    told = page.locator(".sum").inner_text().replace(",", "")
    assert told.startswith(
        f"{numbers} figures of {len(indicators)} indicators cannot be computed yet: {len(rows)} kinds"
    )
    subjects = [row.locator("td").all_inner_texts() for row in page.locator("#subjects ~ .table tbody tr").all()]
    assert sum(count(cells[2]) for cells in subjects) == numbers


def test_a_return_says_what_it_would_make_computable_and_how_it_is_sent(open_view: OpenView) -> None:
    page = open_view("missing", lang="en")
    page.get_by_role("link", name="School returns", exact=True).click()
    expect(page).to_have_url(re.compile("return=returns.schools"))
    details = page.locator(".return-details")
    assert page.evaluate("document.activeElement.id") == "details"
    told = details.inner_text()
    for words in ("figures can be computed", "Shortfall of school places", "Areas it is missing for",
                  "./flyover template returns.schools", "docs/how-to/send-a-spreadsheet.md"):  # fmt: skip
        assert words in told, words
    again = open_view("missing", lang="en", **{"return": "returns.schools"})
    assert again.locator(".return-details").inner_text() == told
    details.get_by_role("link", name="Close").click()
    expect(details).to_have_count(0)


def test_returns_are_sorted_by_keyboard(open_view: OpenView) -> None:
    page = open_view("missing", lang="en")
    header = page.locator("#returns ~ .table").get_by_role("button", name="Figures waiting")
    header.focus()
    page.keyboard.press("Enter")
    figures = page.locator("#returns ~ .table tbody tr td:nth-child(2)")
    down = [count(text) for text in figures.all_inner_texts()]
    page.keyboard.press("Enter")
    up = [count(text) for text in figures.all_inner_texts()]
    assert down == sorted(down, reverse=True)
    assert up == sorted(up)


def test_what_is_withheld_is_counted_and_no_cell_is_named(open_view: OpenView, site: ServedSite) -> None:
    catalogue = json.loads((site.folder / "data" / "catalogue.json").read_text(encoding="utf-8"))
    page = open_view("missing", lang="en")
    rows = page.locator("#hidden ~ .table tbody tr")
    held = [each for each in catalogue["indicators"] if each["subject"] != "inequality"]
    expected = sorted(each["has"]["simulated"]["withheld"] for each in held if "simulated" in each["has"])
    assert sorted(count(row.locator("td").nth(1).inner_text()) for row in rows.all()) == [n for n in expected if n]
    section = page.locator("section", has=page.locator("#hidden"))
    told = section.inner_text()
    assert "Withheld is neither missing nor zero" in told
    assert not [area["en"] for area in catalogue["areas"] if area["en"] in told]
    rows.first.get_by_role("link").click()
    settle(page)
    assert not [area["en"] for area in catalogue["areas"] if area["en"] in section.inner_text()]
