"""What a release changed and why: each figure before and now, by how much, because of whom."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.site.conftest import OpenView, ServedSite, settle
from tests.published import POISON

SCHOOLING = {"indicator": "mean_years_schooling", "method": "census_3plus_jc16"}


@pytest.fixture
def revisions(site: ServedSite) -> dict[str, Any]:
    path = site.folder / "data" / "revisions" / "simulated" / "mean_years_schooling.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def moved(change: dict[str, Any]) -> float | None:
    old, new = ((change[side] or {}).get("value") for side in ("old", "new"))
    return None if old is None or new is None else float(new - old)


def test_every_revised_indicator_is_listed_with_its_count(open_view: OpenView, site: ServedSite) -> None:
    catalogue = json.loads((site.folder / "data" / "catalogue.json").read_text(encoding="utf-8"))
    held = [each["has"]["simulated"]["revised"] for each in catalogue["indicators"] if "simulated" in each["has"]]
    page = open_view("changes", lang="en")
    told = [
        int(text.replace(",", "")) for text in page.locator("#indicators ~ .table td:nth-child(3)").all_inner_texts()
    ]
    assert told == sorted((number for number in held if number), reverse=True)
    assert f"changed {sum(told):,} figures of {len(told)} indicators" in page.locator(".sum").inner_text()


def test_an_indicator_tells_each_figure_before_and_now_and_whose_deliveries(
    open_view: OpenView, revisions: dict[str, Any]
) -> None:
    page = open_view("changes", lang="en", **SCHOOLING)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    rows = page.locator("#every ~ .table tbody tr")
    assert rows.count() == len(revisions["changes"])
    largest = max(
        (change for change in revisions["changes"] if moved(change) is not None), key=lambda c: abs(moved(c) or 0)
    )
    first = rows.first.locator("td").all_inner_texts()
    assert first[1] == f"{largest['old']['value']:.2f} years"
    assert first[2] == f"{largest['new']['value']:.2f} years"
    assert re.fullmatch(r"[+−]\d+\.\d\d years", first[3])
    withheld = next(row for row in rows.all() if "withheld" in row.inner_text())
    assert "now shown" in withheld.inner_text()
    assert not re.search(r"\b0(\.0+)? years", withheld.inner_text())
    assert POISON in page.locator(".deliveries").inner_text()
    assert "3 taken in" in page.locator(".deliveries").inner_text()


def test_a_reason_narrows_the_list_and_stands_in_the_address(open_view: OpenView, revisions: dict[str, Any]) -> None:
    models = [change for change in revisions["changes"] if change["why"] == "models"]
    page = open_view("changes", lang="en", **SCHOOLING)
    page.get_by_role("button", name=f"the way it is computed: {len(models)}").click()
    expect(page).to_have_url(re.compile("why=models"))
    expect(page.locator("#every ~ .table tbody tr")).to_have_count(len(models))
    assert "the models that compute them changed" in page.locator(".reasons-told").inner_text()
    assert page.locator(".deliveries").count() == 0


def test_old_and_new_definition_stand_beside_each_other(open_view: OpenView, revisions: dict[str, Any]) -> None:
    """Published where a definition is the reason; here the file says so for the change of a year."""
    page = open_view("overview", lang="en")
    sentence = {"zh": "以前的说法", "en": "What it meant before"}
    now = {"zh": "现在的说法", "en": "What it means now"}
    file = revisions | {
        "changes": [change | {"why": "definition"} for change in revisions["changes"]],
        "definitions": [
            {
                "method": SCHOOLING["method"],
                "old": {"version": 1, "sentence": sentence},
                "new": {"version": 2, "sentence": now},
            }
        ],
    }  # fmt: skip
    page.route("**/revisions/**", lambda route: route.fulfill(json=file))
    page.goto(page.url.replace("overview", "changes") + "&" + "&".join(f"{k}={v}" for k, v in SCHOOLING.items()))
    settle(page)
    assert page.locator(".definitions del").inner_text() == "What it meant before"
    assert page.locator(".definitions ins").inner_text() == "What it means now"


def test_a_changed_number_says_why_wherever_it_stands(open_view: OpenView, revisions: dict[str, Any]) -> None:
    change = next(
        each for each in revisions["changes"]
        if each["method"] == SCHOOLING["method"] and each["dimension"] == "sex" and moved(each) is not None
    )  # fmt: skip
    page = open_view("gaps", lang="en", dimension="sex", area=change["area"], period=change["period"], **SCHOOLING)
    page.locator(f".two .{'one' if change['member'] == 'female' else 'other'} .define").click()
    why = page.get_by_role("dialog").locator(".why")
    why.wait_for()
    assert f"{change['old']['value']:.2f} years → {change['new']['value']:.2f} years (+" in why.inner_text()
    why.get_by_role("link", name="All changes of this indicator").click()
    page.get_by_role("heading", name="What changed, and why").wait_for()
