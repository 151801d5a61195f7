"""One county on one sheet: it prints on a page, its ranks and its rule hold, and it says what it does not know."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE
from tests.browser.site.conftest import OpenView, ServedSite

LEAST = 5


def read(site: ServedSite, path: str) -> Any:
    return json.loads((site.folder / "data" / path).read_text(encoding="utf-8"))


def rounded(value: float, digits: int) -> Decimal:
    """As a browser does it: half away from nothing."""
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def whole(page: Page) -> Page:
    page.locator(".sheet[data-complete=true]").wait_for()
    return page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_county_prints_on_one_page(lang: str, open_view: OpenView) -> None:
    """A district, the longest name of all, an island, a county of the mountains."""
    page = open_view("brief", lang=lang, area="330106")
    for area in ("330106", "331127", "330921", "330127"):
        page.evaluate(f"location.hash = location.hash.replace(/area=\\d+/, 'area={area}')")
        page.locator(f'.sheet .ways a[href*="area={area}"]').wait_for(state="attached")
        whole(page)
        paper = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, area
        (box,) = set(re.findall(rb"/MediaBox\s*\[([^\]]+)\]", paper))
        assert [round(float(side)) for side in box.split()] == [0, 0, 595, 842]  # A4
    page.emulate_media(media="print")
    assert page.get_by_text({"zh": "人员均为虚构，不得引用", "en": "everyone in it is invented"}[lang]).is_visible()
    assert not page.locator(".sheet .define").first.is_visible()
    assert "area=330127" in page.locator(".address").inner_text()


def test_ranks_strengths_and_weaknesses_follow_the_stated_rule(open_view: OpenView, site: ServedSite) -> None:
    """Worked out again from the release's files: by hand, as a reader would check it."""
    catalogue = read(site, "catalogue.json")
    counties = {area["code"] for area in catalogue["areas"] if area["level"] == "county"}
    page = whole(open_view("brief", lang="en", area="330127"))
    rows = page.locator(".sheet tbody tr").evaluate_all(
        "all => all.map((row) => [row.querySelector('th').firstChild.textContent.trim(),"
        " row.querySelector('th .soft').innerText.slice(1, -1),"
        " ...[...row.querySelectorAll('td')].slice(0, 3).map((cell) => cell.innerText.split('\\n')[0].trim())])"
    )
    assert len(rows) == 12
    held = {
        indicator["en"]: indicator for indicator in catalogue["indicators"]
        if "total" in indicator["has"]["simulated"]["dimensions"]
    }  # fmt: skip
    places: dict[str, tuple[float, str]] = {}
    for name, period, own, province, rank in rows:
        indicator = held[name]
        file = read(site, f"values/simulated/{indicator['code']}/{indicator['method']}/total.json")
        values = {file["areas"][r[0]]: r for r in file["rows"] if file["periods"][r[1]] == period}
        digits = {"years": 2, "ratio": 2, "index": 3, "places": 0, "cny": 0, "persons": 0}.get(file["unit"], 1)
        numbers = {
            code: rounded(r[4], digits) for code, r in values.items() if code in counties and r[3] == "p"
        }  # fmt: skip
        if "330127" not in numbers:
            assert (own, rank) == ({"w": "withheld", "n": "missing", "x": "n/a"}[values["330127"][3]], "—")
            continue
        assert f"{rounded(values['330127'][4], digits):,}" in own
        assert f"{rounded(values['330000'][4], digits):,}" in province
        mine, sign = numbers["330127"], 1 if indicator["better"] == "lower" else -1
        place = 1 + sum(sign * other < sign * mine for other in numbers.values())
        shared = "=" if sum(other == mine for other in numbers.values()) > 1 else ""
        assert rank == f"{place}{shared} of {len(numbers)}", name
        if indicator["better"] != "neither" and len(numbers) >= LEAST:
            places[name] = ((place - 1) / (len(numbers) - 1), rank)
    best = sorted((share, name) for name, (share, _) in places.items() if share < 0.5)[:3]
    worst = sorted((-share, name) for name, (share, _) in places.items() if share > 0.5)[:3]
    for title, expected in (("Three strengths", best), ("Three weaknesses", worst)):
        section = page.locator(".two section", has=page.get_by_role("heading", name=title))
        told = section.locator("li").evaluate_all("all => all.map((each) => each.innerText)")
        assert sorted(line.split(": ")[0] for line in told) == sorted(name for _, name in expected)
    assert f"in at least {LEAST} counties" in page.locator(".sheet").inner_text()


def test_it_names_what_is_missing_and_from_whom(open_view: OpenView, site: ServedSite) -> None:
    codes = [area["code"] for area in read(site, "catalogue.json")["areas"] if area["level"] == "county"]
    files = {code: read(site, f"areas/simulated/{code}.json")["series"] for code in codes}
    gaps = {code: [s for s in file if s["points"][-1]["status"] == "needs_input"] for code, file in files.items()}
    code = max(gaps, key=lambda each: len(gaps[each]))
    page = whole(open_view("brief", lang="en", area=code))
    told = page.locator("section", has=page.locator("#missing")).inner_text()
    assert gaps[code][0]["points"][-1]["note"] in told
    assert "浙江省" not in page.locator("section", has=page.locator("#sources")).inner_text()
    assert "Zhejiang Bureau of Statistics" in page.locator("section", has=page.locator("#sources")).inner_text()


def test_it_opens_without_being_asked_for_a_county_and_is_found_by_typing(open_view: OpenView) -> None:
    page = whole(open_view("brief", on={"viewport": PHONE}, lang="en"))
    field = page.get_by_role("combobox", name="County")
    field.click()
    page.keyboard.type("yiwu")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Yiwu City: lifelong learning on a page").wait_for()
    assert "area=330782" in page.url
