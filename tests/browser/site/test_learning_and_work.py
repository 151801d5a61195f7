"""Where learners go, the credit bank, graduates against vacancies, places in 2030: figures as they were published."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.site.conftest import OpenView, ServedSite, settle

NEXT = ("school", "open_university", "human_resources", "senior_university", "several", "none")
WORDS = {"w": "withheld", "n": "missing", "x": "n/a"}
Row = dict[str, Any]


def rows(site: ServedSite, indicator: str, method: str, dimension: str) -> list[Row]:
    """A published breakdown, its indexes resolved."""
    path = site.folder / "data" / "values" / "simulated" / indicator / method / f"{dimension}.json"
    file = json.loads(path.read_text(encoding="utf-8"))
    return [
        {
            "area": file["areas"][area], "period": file["periods"][period], "member": file["members"][member],
            "mark": mark, "value": value, "low": low, "high": high,
        }
        for area, period, member, mark, value, low, high, *_ in file["rows"]
    ]  # fmt: skip


def told(row: Row, shape: str = "{:,.0f}") -> str:
    return WORDS.get(row["mark"]) or shape.format(row["value"])


def flow(site: ServedSite, sector: str, area: str, period: str) -> dict[str, Row]:
    found = [*rows(site, "learner_flow", f"next_24m_from_{sector}", "next_sector"),
             *rows(site, "learner_flow", f"next_24m_from_{sector}", "total")]  # fmt: skip
    return {row["member"]: row for row in found if (row["area"], row["period"]) == (area, period)}


def lines(page: Page, rows_of: str) -> dict[str, list[str]]:
    """Rows of a table, shown or folded, by what they are about."""
    return dict(
        page.locator(rows_of).evaluate_all(
            "all => all.map((row) => [row.querySelector('th').textContent.trim(),"
            " [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim())])"
        )
    )


def test_the_flow_is_drawn_told_and_tabled_as_published(open_view: OpenView, site: ServedSite) -> None:
    page = open_view("flow", lang="en")
    page.locator(".flows svg path").first.wait_for()
    shown = lines(page, ".flows .as-table tbody tr")
    for name, sector in (("Schools", "school"), ("Senior universities", "senior_university")):
        published = flow(site, sector, "330000", "2024")
        assert shown[name][:7] == [told(published[member]) for member in (*NEXT, "total")]
    total = told(flow(site, "school", "330000", "2024")["total"])
    expect(page.locator(".told-flows li").first).to_contain_text(f"Of {total} people who learnt in schools in 2024")
    expect(page.locator(".window")).to_contain_text("18 of the 24 months")
    page.get_by_label("Period").select_option("2023")
    expect(page).to_have_url(re.compile("period=2023"))
    assert page.locator(".window").count() == 0  # that window is whole


def test_a_withheld_flow_is_a_word_and_never_a_zero(open_view: OpenView, site: ServedSite) -> None:
    areas = {row["area"] for row in rows(site, "learner_flow", "next_24m_from_school", "total")} - {"330000"}
    area, hidden = next(
        (area, members) for area in sorted(areas) for members in [flow(site, "school", area, "2024")]
        if members["total"]["mark"] == "p" and any(members[each]["mark"] == "w" for each in NEXT)
    )  # fmt: skip
    page = open_view("flow", lang="en", area=area, on={"viewport": PHONE})
    published = [told(hidden[member]) for member in (*NEXT, "total")]
    assert lines(page, ".flows .as-table tbody tr")["Schools"][:7] == published
    left = hidden["total"]["value"] - sum(hidden[each]["value"] or 0 for each in NEXT)
    said = page.locator(".told-flows li").first
    expect(said).to_contain_text(f"where {left:,.0f} went is withheld")
    with page.expect_download() as download:
        page.locator(".by-area").get_by_role("button", name="Download CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        written = [row for row in csv.DictReader(file) if (row["area_code"], row["status"]) == (area, "withheld")]
    assert written
    assert {row["value"] for row in written} == {""}


def test_the_keyboard_chooses_the_sector_and_the_address_brings_it_back(open_view: OpenView) -> None:
    page = open_view("flow", lang="en")
    page.get_by_label("Sector of origin").focus()
    page.keyboard.type("Senior")
    expect(page).to_have_url(re.compile("from=senior_university"))
    caption = page.locator(".by-area caption")
    expect(caption).to_contain_text("Learners of senior universities in 2024")
    again = open_view("flow", lang="en", **{"from": "senior_university"})
    assert again.locator("main").inner_text() == page.locator("main").inner_text()


def test_the_heat_map_holds_the_published_pairs(open_view: OpenView, site: ServedSite) -> None:
    pairs = rows(site, "graduates_to_vacancies", "isced_f_crosswalk", "field_occupation")
    area = next(row["area"] for row in pairs if row["mark"] == "w" and row["period"] == "2025")
    page = open_view("labour", lang="en", area=area)
    here = {row["member"]: row for row in pairs if (row["area"], row["period"]) == (area, "2025")}
    cells = lines(page, ".heat tbody tr")
    occupations = sorted({member.split(":")[1] for member in here})
    assert cells["Education"][: len(occupations)] == [told(here[f"01:{code}"], "{:.2f}") for code in occupations]
    hatched = sum(row["mark"] in "wn" for row in here.values())
    fields = rows(site, "graduates_to_vacancies", "isced_f_crosswalk", "field")
    hatched += sum(row["mark"] in "wn" for row in fields if (row["area"], row["period"]) == (area, "2025"))
    assert page.locator(".heat td.hidden").count() == hatched
    shown = sum(row["mark"] == "p" for row in here.values())
    expect(page.get_by_text(f"{shown} of {len(here)} pairs are published")).to_be_visible()
    most = max((row for row in here.values() if row["mark"] == "p"), key=lambda row: row["value"])
    expect(page.locator("main")).to_contain_text(f"{most['value']:.2f} for each graduate. Fewest")


def test_vacancies_for_an_applicant_stand_by_year_and_by_area(open_view: OpenView, site: ServedSite) -> None:
    page = open_view("labour", lang="en")
    page.locator(".chart svg path").first.wait_for(state="attached")
    totals = rows(site, "vacancies_per_applicant", "registered_monthly_mean", "total")
    years = sorted({row["period"] for row in totals})
    own = {row["period"]: row for row in totals if row["area"] == "330000"}
    table = lines(page, ".chart .as-table tbody tr")
    assert table["All occupations"] == [told(own[year], "{:.2f}") for year in years]
    county = next(row for row in totals if (row["area"], row["period"]) == ("330106", "2025"))
    assert lines(page, ".by-area tbody tr")["Xihu District"][0] == told(county, "{:.2f}")


def test_places_in_2030_stand_with_interval_and_past_error(open_view: OpenView, site: ServedSite) -> None:
    page = open_view("places", lang="en", area="330106")
    need = {
        row["member"]: row for row in rows(site, "forecast_school_places", "least_backtest_error", "stage")
        if (row["area"], row["period"]) == ("330106", "2030")
    }  # fmt: skip
    for stage, name in (("kindergarten", "Kindergarten"), ("primary", "Primary school")):
        card = page.locator(".stages > li").filter(has=page.get_by_role("heading", name=name, exact=True)).first
        places = card.locator(".need").first
        expect(places.locator(".number")).to_have_text(f"{need[stage]['value']:,.0f} places")
        expect(places).to_contain_text(f"90% interval: {need[stage]['low']:,.0f} to {need[stage]['high']:,.0f} places")
        expect(places).to_contain_text("Such forecasts have been 4.2% off on average")
    page.get_by_label("School year beginning").select_option("2035")
    expect(page.get_by_role("heading", name="What each stage will need in 2035")).to_be_visible()
    assert page.locator(".need .none").first.inner_text() == "no such figure"  # teachers are forecast to 2030
    page.get_by_label("Stage", exact=True).select_option("senior")
    expect(page).to_have_url(re.compile("period=2035.*stage=senior"))
    expect(page.locator(".by-area caption")).to_contain_text("Senior secondary school in 2035")


def test_the_credit_bank_shows_its_rate_by_county_and_its_rules(open_view: OpenView, site: ServedSite) -> None:
    page = open_view("credit", lang="en")
    published = [row for row in rows(site, "credit_transfer_rate", "learners", "total") if row["period"] == "2025"]
    province = next(row for row in published if row["area"] == "330000")
    expect(page.locator(".pair li").first.locator(".number")).to_have_text(f"{province['value']:.1f}%")
    expect(page.locator(".rules li").first).to_contain_text("What is in the account")
    counties = {row["area"] for row in published if not row["area"].endswith("00")}
    cells = lines(page, ".by-area tbody tr")
    assert len(cells) == len(counties)
    hidden = [shown for shown in cells.values() if shown[0] == "withheld"]
    assert len(hidden) == sum(row["mark"] == "w" for row in published if row["area"] in counties)
    assert {tuple(shown[1:3]) for shown in hidden} == {("withheld", "withheld")}
    page.get_by_label("Level").select_option("prefecture")
    expect(page.locator(".by-area tbody tr")).to_have_count(len(published) - len(counties) - 1)


def test_what_no_return_has_reached_is_named_and_not_drawn(open_view: OpenView) -> None:
    for view in ("flow", "labour", "places"):
        page = open_view(view, lang="en", realm="real")
        settle(page)
        expect(page.locator("main")).to_contain_text("Waiting for:")
        assert page.locator(".chart").count() == 0, view
        page.context.close()
