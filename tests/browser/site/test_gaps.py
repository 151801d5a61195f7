"""Gaps between groups: each number with the sentence that uses it, the choice of list, what is withheld."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site.conftest import OpenView, ServedSite, settle

SCHOOLING = {"indicator": "mean_years_schooling", "method": "census_3plus_jc16"}
SCHOOLING_KEY = "mean_years_schooling.census_3plus_jc16"
Numbers = Callable[..., dict[str, object]]


@pytest.fixture
def numbers(site: ServedSite) -> Numbers:
    """Values and status marks of a breakdown's newest period by area and member, as they were published."""

    def read(indicator: str, method: str, dimension: str) -> dict[str, object]:
        path = site.folder / "data" / "values" / "simulated" / indicator / method / f"{dimension}.json"
        file = json.loads(path.read_text(encoding="utf-8"))
        last = len(file["periods"]) - 1
        return {
            f"{file['areas'][area]}/{file['members'][member]}": value if mark == "p" else mark
            for area, period, member, mark, value, *_ in file["rows"]
            if period == last
        }

    return read


def card(page: Page, code: str) -> str:
    """What the card of a measure says."""
    return page.locator(".measure", has=page.locator(".code").get_by_text(code, exact=True)).first.inner_text()


def test_the_mountain_gap_is_told_by_the_fixed_cohort_or_by_the_list_of_the_day(open_view: OpenView) -> None:
    page = open_view("gaps", lang="en", **SCHOOLING)
    page.get_by_role("button", name="Mountains and the rest").click()
    expect(page).to_have_url(re.compile("dimension=county_group_fixed"))
    page.get_by_text("Always the 26 counties of the list of 2021").wait_for()
    page.get_by_label("The list in force in each year").check()
    expect(page).to_have_url(re.compile(r"dimension=county_group(&|$)"))
    page.get_by_text("When counties that did well leave it, the group looks worse").wait_for()
    settle(page)
    told = page.locator("main").inner_text()
    again = open_view("gaps", **dict(pair.split("=") for pair in page.url.split("?")[1].split("&")))
    assert again.locator("main").inner_text() == told
    page.go_back()
    expect(page.get_by_label("The 26 counties of 2021")).to_be_checked()


def test_every_measure_is_a_published_number_in_a_sentence(open_view: OpenView, numbers: Numbers) -> None:
    page = open_view("gaps", lang="en", dimension="county_group_fixed", **SCHOOLING)
    parity = numbers("parity_index", "sdg_4_5_1", SCHOOLING_KEY)["330000/mountain26/rest"]
    gap = numbers("gap_absolute", "difference", SCHOOLING_KEY)["330000/mountain26/rest"]
    assert isinstance(parity, float)
    assert isinstance(gap, float)
    assert 0.9 < parity < 0.97, "the mountain counties of the generated province are behind"
    assert page.locator(".pair .sum").inner_text() == (
        f"Set the figure of the other counties at 100: that of the 26 mountain counties of 2021 is {100 * parity:.0f}. "
        "The disadvantage is on the side of the 26 mountain counties of 2021."
    )
    assert f"{parity:.3f}" in card(page, "parity_index")
    assert f"{-gap:.2f} years lower" in card(page, "gap_absolute")
    page.locator(".measure", has_text="Parity index").first.locator(".define").click()
    drawer = page.get_by_role("dialog").inner_text()
    assert SCHOOLING_KEY in drawer
    assert "SDG indicator 4.5.1" in drawer


def test_how_far_counties_are_apart_is_told_with_the_share_between_groups(
    open_view: OpenView, numbers: Numbers
) -> None:
    page = open_view("gaps", lang="en")
    key = "lifelong_learning_participation.administrative_12m"
    share = numbers("theil_between_share", "theil_t", key)["330000/prefecture"]
    gini = numbers("gini_of_counties", "lorenz", key)["330000/total"]
    assert isinstance(share, float)
    assert isinstance(gini, float)
    told = page.locator(".measure", has_text="Prefectures").inner_text()
    assert f"{share:.1f}% of the differences between counties lie between prefectures" in told
    assert f"differ by {200 * gini:.1f}% of the mean" in card(page, "gini_of_counties")
    width = page.locator(".share", has_text="Prefectures").locator(".between").get_attribute("width")
    assert float(width or 0) == pytest.approx(share)


def test_women_and_men_are_counted_per_hundred_in_both_languages(open_view: OpenView, numbers: Numbers) -> None:
    parity = numbers("parity_index", "sdg_4_5_1", "lifelong_learning_participation.administrative_12m")
    value = parity["330000/female/male"]
    assert isinstance(value, float)
    said = {"en": f"For every 100 men there are {100 * value:.0f} women", "zh": f"就有{100 * value:.0f}名女性"}
    for lang, words in said.items():
        assert words in open_view("gaps", lang=lang, dimension="sex").locator(".pair .sum").inner_text()


def test_a_gap_with_a_withheld_part_is_withheld_and_not_drawn(open_view: OpenView, numbers: Numbers) -> None:
    values = numbers("lifelong_learning_participation", "administrative_12m", "sex")
    county = next(
        area for area in sorted({key[:6] for key in values})
        if values[f"{area}/female"] == "w" and isinstance(values[f"{area}/male"], float)
    )  # fmt: skip
    page = open_view("gaps", lang="en", dimension="sex", area=county)
    assert page.locator(".pair .sum").inner_text() == "A part of it is withheld, so it is too."
    assert page.locator(".pair .one .figure").inner_text().startswith("withheld")
    assert "withheld" in card(page, "gap_absolute")
    row = page.locator("#where ~ .table tbody tr", has=page.locator(f'a[href*="area={county}"]'))
    assert (
        row.get_by_text("withheld").count() == 3
    )  # the group, the gap and the parity; the other group shows its number
    assert row.locator("svg .one, svg .bar").count() == 0
    assert row.locator("svg .other").count() == 1
    last = page.locator("#where ~ .table tbody tr").last.inner_text()
    assert "withheld" in last or "missing" in last


def test_counties_of_each_group_are_drawn_and_listed(open_view: OpenView) -> None:
    page = open_view("gaps", lang="en", dimension="county_group_fixed", **SCHOOLING)
    drawing = page.locator("#every ~ .chart .drawing")
    assert re.search(
        r"26 counties of the 26 mountain counties of 2021, 64 of the other", drawing.get_attribute("aria-label") or ""
    )
    page.locator("#every ~ .chart summary").click()
    assert page.locator("#every ~ .chart tbody tr").count() == 90


def test_correlations_stand_with_their_number_of_counties_and_the_caveat(open_view: OpenView, numbers: Numbers) -> None:
    page = open_view("gaps", lang="en", indicator="senior_participation", method="any_source")
    pairs = page.locator("#together ~ .table tbody tr")
    assert pairs.count() > 0
    assert "Correlation is not cause" in page.locator(".caveat").inner_text()
    for cells in (row.locator("td").all_inner_texts() for row in pairs.all()):
        assert re.fullmatch(r"[−-]?\d\.\d{3}", cells[0])
        assert 10 <= int(cells[2]) <= 90
        assert cells[3].startswith(("Where one is higher", "They hardly"))


def test_an_indicator_without_groups_says_so(open_view: OpenView) -> None:
    page = open_view("gaps", lang="en", indicator="gross_enrolment_higher_education", method="uis")
    page.get_by_text("so there is no gap to show").wait_for()
    page.get_by_role("combobox", name="Indicator").fill("small schools")
    page.keyboard.press("Enter")
    settle(page)
    expect(page.get_by_role("button", name="Women and men")).to_be_disabled()
    assert page.locator(".pair .sum").inner_text() != ""


def test_the_same_groups_are_compared_in_every_indicator_farthest_from_parity_first(
    open_view: OpenView, site: ServedSite
) -> None:
    file = json.loads((site.folder / "data" / "parities" / "simulated.json").read_text(encoding="utf-8"))
    parities = [row["parity"] for row in file["rows"] if row["pair"] == "mountain26/rest" and row["parity"] is not None]
    page = open_view("gaps", lang="en", dimension="county_group_fixed")
    rows = page.locator("#everything ~ .table tbody tr")
    told = [float(text) / 100 for text in rows.locator("td:nth-child(2)").all_inner_texts()]
    assert told == pytest.approx(sorted(parities, key=lambda p: -abs(1 - min(p, 1 / p))), abs=0.001)
    other = rows.nth(1).get_by_role("link")
    name = other.inner_text()
    other.click()
    page.get_by_role("heading", name=f"{name}: Zhejiang Province").wait_for()
    expect(page).to_have_url(re.compile("dimension=county_group_fixed"))
