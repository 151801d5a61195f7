"""Areas and groups side by side: figures as published, one method at a time, differences said as they are."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.site.conftest import OpenView, ServedSite

SCHOOLING = {"indicator": "mean_years_schooling", "method": "census_3plus_jc16"}
GROUP = "county_group_fixed.mountain26"


def read(site: ServedSite, path: str) -> Any:
    return json.loads((site.folder / "data" / path).read_text(encoding="utf-8"))


def table(page: Page) -> dict[str, list[str]]:
    """The chart's figures, by name."""
    page.get_by_text("As a table").first.click()
    return dict(
        page.locator(".as-table tbody tr").evaluate_all(
            "all => all.map((row) => [row.querySelector('th').innerText.trim(),"
            " [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())])"
        )
    )


def test_an_area_and_a_group_show_their_published_figures(open_view: OpenView, site: ServedSite) -> None:
    page = open_view("compare", lang="en", areas=f"330106,{GROUP}", **SCHOOLING)
    page.locator(".drawing:not(.waiting) svg").wait_for()
    file = read(site, "areas/simulated/330106.json")
    (own,) = (s["points"] for s in file["series"] if (s["indicator"], s["method"]) == tuple(SCHOOLING.values()))
    groups = read(site, "values/simulated/mean_years_schooling/census_3plus_jc16/county_group_fixed.json")
    member = groups["members"].index("mountain26")
    mountain = [row[4] for row in sorted(groups["rows"], key=lambda row: row[1]) if row[2] == member]
    words = {"published": None, "withheld": "withheld", "needs_input": "missing", "not_applicable": "n/a"}
    told = table(page)
    assert told["Xihu District"] == [words[p["status"]] or f"{p['value']:.2f} years" for p in own]
    assert told["The 26 mountain counties of 2021"] == [f"{value:.2f} years" for value in mountain]
    apart = own[-1]["value"] - mountain[-1]
    sentence = page.locator(".in-words").inner_text()
    assert f"{abs(apart):.2f} years apart" in sentence
    assert ("Xihu District was highest" in sentence) is (apart > 0)


def test_up_to_six_are_put_together_by_keyboard_and_the_address_keeps_them(open_view: OpenView) -> None:
    page = open_view("compare", lang="en", areas="330106,330127,330000,330100", **SCHOOLING)
    for typed in ("jingning", "mountain and island"):
        page.get_by_role("combobox", name="Add an area or a group").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    chips = page.locator(".chips li")
    expect(chips).to_have_count(6)
    expect(page.get_by_text("There are six")).to_be_visible()
    assert page.get_by_role("combobox", name="Add an area or a group").count() == 0
    expect(page).to_have_url(re.compile("331127%2Ccounty_group.listed"))
    looks = page.locator(".chips .swatch").evaluate_all(
        "all => all.map((each) => [each.firstElementChild.getAttribute('stroke-dasharray'),"
        " each.lastElementChild.outerHTML])"
    )
    assert len({tuple(look) for look in looks}) == 6, "lines that only a colour tells apart"
    assert len({dash for dash, _ in looks}) == 6
    page.get_by_role("button", name="Take out Xihu District").click()
    expect(chips).to_have_count(5)
    page.go_back()
    expect(chips).to_have_count(6)


def test_no_line_runs_through_what_is_not_shown_and_no_bar_stands_for_it(open_view: OpenView, site: ServedSite) -> None:
    """A county whose newest figure of an indicator is withheld: a word in its row, and a ring in the chart."""
    shown = {"indicator": "credit_transfer_rate", "method": "learners"}
    file = read(site, "values/simulated/credit_transfer_rate/learners/total.json")
    by_area: dict[str, str] = {}
    for row in sorted(file["rows"], key=lambda row: row[1]):
        by_area[file["areas"][row[0]]] = by_area.get(file["areas"][row[0]], "") + row[3]
    code = next(code for code, marks in by_area.items() if marks == "ppw" and not code.endswith("00"))
    page = open_view("compare", lang="en", areas=f"{code},330000", **shown)
    page.locator(".drawing:not(.waiting) svg").wait_for()
    assert page.locator('.chart svg path[fill="#fff"][stroke-dasharray]').count() == 1
    expect(page.get_by_text("A dotted ring: no number")).to_be_visible()
    card = page.locator(".small-one", has_text="Credit transfer rate, by learners").locator("tr").first
    assert card.locator("td").last.inner_text() == "withheld"
    assert card.locator(".stripe rect").count() == 0
    assert page.locator(".in-words").inner_text().startswith("In 2024, ")  # the newest year that both have


def test_one_chart_holds_one_method(open_view: OpenView) -> None:
    page = open_view(
        "compare", lang="en", areas="330106,330000", indicator="lifelong_learning_participation", method="sdg_4_3_1"
    )
    expect(page.get_by_text("One method alone is shown: sdg_4_3_1")).to_be_visible()
    assert page.locator(".chips li").count() == 2
    told = page.locator("main").inner_text()
    assert "administrative_12m" not in told
