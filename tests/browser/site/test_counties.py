"""The counties on a map and in a list: what was published stands there, ranked as told, and nothing else does."""

from __future__ import annotations

import csv
import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open, violations
from tests.browser.site.conftest import OpenView, ServedSite, settle

SHOWN = {"indicator": "credit_transfer_rate", "method": "learners", "period": "2025"}
"""a third of its counties is withheld, and some wait for a return"""
WORDS = {"p": None, "w": "withheld", "n": "missing", "x": "n/a"}


def read(site: ServedSite, path: str) -> Any:
    return json.loads((site.folder / "data" / path).read_text(encoding="utf-8"))


def counties(site: ServedSite) -> dict[str, str]:
    """English names by code."""
    return {area["code"]: area["en"] for area in read(site, "catalogue.json")["areas"] if area["level"] == "county"}


def published(site: ServedSite, indicator: str, method: str, period: str) -> dict[str, tuple[str | None, float | None]]:
    """The word or the number of each county, as the file of the release has it."""
    file = read(site, f"values/simulated/{indicator}/{method}/total.json")
    rows = ((file["areas"][row[0]], file["periods"][row[1]], WORDS[row[3]], row[4]) for row in file["rows"])
    return {code: (word, value) for code, when, word, value in rows if when == period and code in counties(site)}


def pct(value: float | None) -> Decimal:
    """As a browser rounds it: half away from nothing."""
    assert value is not None
    return Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)


def ranks(values: dict[str, tuple[str | None, float | None]]) -> dict[str, int]:
    """1 is the highest; who shows the same number shares a rank."""
    numbers = {code: pct(value) for code, (word, value) in values.items() if word is None}
    return {code: 1 + sum(other > number for other in numbers.values()) for code, number in numbers.items()}


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^{re.escape(name)}, "))


def test_the_map_and_the_list_say_what_was_published(open_view: OpenView, site: ServedSite) -> None:
    names, values = counties(site), published(site, **SHOWN)
    expected = ranks(values)
    withheld = [code for code, (word, _) in values.items() if word == "withheld"]
    assert len(expected) > 40
    assert len(withheld) > 10
    page = open_view("counties", lang="en", **SHOWN)
    labels = page.locator(".spot").evaluate_all("all => all.map((each) => each.getAttribute('aria-label'))")
    told = {label.split(", ")[0]: label for label in labels}
    assert set(told) == set(names.values())
    for code, (word, value) in values.items():
        label = told[names[code]]
        if word is None:
            assert f"{pct(value)}%, {expected[code]} of {len(expected)}" in label
        else:
            assert label.endswith(f", {word}")
            assert " of " not in label
    rows = page.locator(".ranking tbody tr").evaluate_all(
        "all => all.map((row) => [...row.children].map((cell) => cell.innerText.trim()))"
    )
    listed = {row[1]: (row[0].rstrip("="), row[2]) for row in rows}
    assert listed == {names[code]: (str(rank), f"{pct(values[code][1])}%") for code, rank in expected.items()}
    below = page.locator(".without").inner_text()
    assert all(names[code] in below for code, (word, _) in values.items() if word is not None)
    marks = page.locator(".spot .face.withheld")
    assert marks.count() == len(withheld)
    assert set(marks.evaluate_all("all => all.map((each) => each.getAttribute('fill'))")) == {"url(#hatched)"}


def test_the_map_is_walked_and_opened_by_keyboard_and_the_address_restores_it(
    open_view: OpenView, site: ServedSite, axe: str
) -> None:
    page = open_view("counties", lang="en", indicator="mean_years_schooling", method="census_3plus_jc16")
    assert page.locator(".spot[tabindex='0']").count() == 1
    tile(page, "Xihu District").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Gongshu District, Hangzhou")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Gongshu District")).to_be_focused()
    expect(page).to_have_url(re.compile("area=330105"))
    page.locator(".county-detail .drawing:not(.waiting) svg").wait_for()
    assert "Province's target for 2027: 11.10 years" in page.locator(".county-detail").inner_text()
    assert violations(page, axe) == []
    told = page.locator(".county-detail").inner_text()
    other = open_view("counties", **dict(pair.split("=") for pair in page.url.split("?")[1].split("&")))
    other.locator(".county-detail .drawing:not(.waiting) svg").wait_for()
    assert other.locator(".county-detail").inner_text() == told
    page.get_by_role("button", name="Close").click()
    expect(tile(page, "Gongshu District")).to_be_focused()
    expect(page).not_to_have_url(re.compile("area="))


def test_what_is_shown_is_chosen_by_indicator_breakdown_group_and_period(open_view: OpenView, site: ServedSite) -> None:
    page = open_view("counties", lang="en", indicator="mean_years_schooling", method="census_3plus_jc16")
    page.get_by_label("Breakdown").select_option(label="Sex")
    page.get_by_label("Group").select_option("female")
    page.get_by_label("Period").select_option("2019")
    expect(page).to_have_url(re.compile("dimension=sex.*member=female.*period=2019"))
    file = read(site, "values/simulated/mean_years_schooling/census_3plus_jc16/sex.json")
    place = file["areas"].index("330106"), file["periods"].index("2019"), file["members"].index("female")
    (value,) = (row[4] for row in file["rows"] if tuple(row[:3]) == place)
    expect(tile(page, "Xihu District")).to_have_attribute("aria-label", re.compile(f"{value:.2f} years"))
    # an indicator of the province alone leads to one that counties have, and says so
    page = open_view("counties", lang="en", indicator="gross_enrolment_higher_education", method="uis")
    expect(page.get_by_text("has no figures by county; shown is")).to_be_visible()


@pytest.mark.parametrize("kind", ["CSV", "JSON"])
def test_what_is_taken_along_holds_the_words_and_no_zero(
    kind: str, open_view: OpenView, site: ServedSite, tmp_path: Path
) -> None:
    page = open_view("counties", lang="en", **SHOWN)
    with page.expect_download() as caught:
        page.locator(".headline").get_by_role("button", name=kind).click()
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines())) if kind == "CSV" else json.loads(text)
    values = published(site, **SHOWN)
    assert {row["area_code"] for row in rows} == set(values)
    for row in rows:
        word, value = values[row["area_code"]]
        assert row["status"] == (word or "published")
        assert (row["value"] in ("", None)) is (word is not None)
        assert word is not None or float(row["value"]) == pytest.approx(value)


def squares(site: ServedSite) -> str:
    """A map of squares in degrees, under both names of the property, and a place that is none of ours."""
    places = [area for area in read(site, "catalogue.json")["areas"] if area["tile"]]
    features: list[dict[str, Any]] = []
    for at, area in enumerate(places):
        west, south = 118 + area["tile"]["column"] / 4, 31 - area["tile"]["row"] / 4
        ring = [[west, south], [west + 0.25, south], [west + 0.25, south + 0.25], [west, south + 0.25], [west, south]]
        code = {"code": area["code"]} if at % 2 else {"adcode": int(area["code"])}
        features.append({"type": "Feature", "properties": code, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    features.append({"type": "Feature", "properties": {"adcode": 110101}, "geometry": None})
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_an_operator_may_bring_a_map_along(open_view: OpenView, site: ServedSite, tmp_path: Path, axe: str) -> None:
    page = open_view("counties", lang="en", **SHOWN)
    colours = "all => all.map((each) => [each.dataset.code, each.querySelector('.face').getAttribute('fill')])"
    as_tiles = dict(page.locator(".spot").evaluate_all(colours))
    page.get_by_text("Use a map of your own").click()
    bad, good = tmp_path / "bad.geojson", tmp_path / "zhejiang.geojson"
    bad.write_text('{"type": "FeatureCollection", "features": [{"properties": {"name": "<script>"}}]}')
    good.write_text(squares(site))
    page.get_by_label("Map file").set_input_files(bad)
    expect(page.locator(".own-map [role=alert]")).to_have_text(
        "No feature is a county of the province: each needs a property code or adcode such as 330106."
    )
    page.get_by_label("Map file").set_input_files(good)
    page.locator("svg.shapes").wait_for()
    assert dict(page.locator(".spot").evaluate_all(colours)) == as_tiles
    assert page.locator("svg.shapes .spot").count() == 90
    assert violations(page, axe) == []
    page.reload()
    settle(page)
    page.locator("svg.shapes").wait_for()
    page.get_by_role("button", name="Tiles").click()
    page.locator("svg.tiles").wait_for()


def test_a_map_beside_the_pages_is_every_readers(site: ServedSite, visitor: Open) -> None:
    page = visitor()
    page.route("**/numbers/geo/counties.geojson", lambda route: route.fulfill(status=200, body=squares(site)))
    page.goto(site.address("counties"))
    page.locator("svg.shapes").wait_for()
