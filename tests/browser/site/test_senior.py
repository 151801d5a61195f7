"""Senior learning: the range and why it is one, the target, the counties."""

from __future__ import annotations

import json
import re

import pytest

from tests.browser.site.conftest import OpenView, ServedSite


@pytest.fixture
def province(site: ServedSite) -> dict[str, float]:
    """The newest number of the province."""
    file = json.loads((site.folder / "data" / "areas" / "simulated" / "330000.json").read_text(encoding="utf-8"))
    series = {(each["indicator"], each["method"]): each["points"] for each in file["series"]}
    return dict(series["senior_participation", "any_source"][-1])


def test_participation_is_told_with_its_range_and_the_range_is_explained(
    open_view: OpenView, province: dict[str, float]
) -> None:
    low, high = round(province["low"], 1), round(province["high"], 1)
    said = {
        "en": f"between {low:g} and {high:g} learnt on at least one day",
        "zh": f"{low:g}至{high:g}人在过去十二个月",
    }
    why = {"en": "Some records of learning cannot be put to a person yet", "zh": "有些学习记录还不能归到某一个人名下"}
    for lang, words in said.items():
        page = open_view("senior", lang=lang)
        assert words in page.locator(".way").first.inner_text()
        assert words in (page.locator(".way .range-mark").first.get_attribute("aria-label") or "")
        assert page.get_by_text(why[lang]).is_visible()


def test_the_target_is_told_in_points_and_in_people(open_view: OpenView, province: dict[str, float]) -> None:
    told = open_view("senior", lang="en").locator(".way .aiming").first.inner_text()
    assert "Target for 2027: 30.0%" in told
    assert f"{30 - province['value']:.1f} points to go" in told
    people = int(re.search(r"about ([\d,]+) more people", told)[1].replace(",", ""))  # type: ignore[index]
    assert people == pytest.approx((30 - province["value"]) / 100 * province["denominator"], abs=1)


def test_counties_without_a_number_have_neither_mark_nor_rank(open_view: OpenView) -> None:
    page = open_view("senior", lang="en")
    rows = page.locator("#where ~ .table tbody tr")
    assert rows.count() == 90
    told = [row.locator("td").nth(1).inner_text() for row in rows.all()]
    numbers = [float(each.rstrip("%")) for each in told if each.endswith("%")]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) < 90
    for row in rows.all()[len(numbers) :]:
        assert row.locator("td").nth(1).inner_text() in ("withheld", "missing", "n/a")
        assert row.locator("svg .dot, svg .bar").count() == 0
        assert row.locator("td").nth(2).inner_text() == "—"


def test_a_county_has_its_groups_and_another_is_one_key_away(open_view: OpenView) -> None:
    page = open_view("senior", lang="en", area="330106")
    page.get_by_role("heading", name="Do the old learn in Xihu District?").wait_for()
    assert page.locator("#who ~ div .table").count() == 2
    page.locator("#where ~ .table tbody a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=re.compile("Do the old learn in (?!Xihu)")).wait_for()


def test_a_forecast_that_is_not_there_is_said(open_view: OpenView) -> None:
    page = open_view("senior", lang="en")
    assert page.locator("#demand ~ *").first.inner_text() == "There is no forecast here yet."
