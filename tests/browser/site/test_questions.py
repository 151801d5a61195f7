"""The questions in SQL: each with its statement, its answer and an address; what comes from data is shown as text."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from portal.publishing import questions
from tests.browser.site.conftest import OpenView, ServedSite
from tests.published import POISON


def test_a_reader_finds_an_answer_and_takes_the_statement_along(open_view: OpenView, site: ServedSite) -> None:
    answers = json.loads((site.folder / "data" / "questions.json").read_text(encoding="utf-8"))
    page = open_view("questions", lang="en")
    assert page.locator(".questions nav a").all_inner_texts() == [each["question"]["en"] for each in answers]
    places = next(each for each in answers if each["id"] == "05_places_2030")
    page.get_by_role("link", name=places["question"]["en"]).click()
    expect(page.get_by_role("heading", name=places["question"]["en"])).to_be_visible()
    assert "question=05_places_2030" in page.url
    expect(page.locator(".questions tbody tr")).to_have_count(len(places["rows"]))
    assert page.locator(".questions .sql code").inner_text().strip() == places["sql"]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".questions .sql button").click()
    assert page.evaluate("navigator.clipboard.readText()").strip() == places["sql"]
    page.reload()
    expect(page.locator(".questions tbody tr")).to_have_count(len(places["rows"]))


def test_the_statement_on_the_page_is_the_file_and_a_title_is_never_markup(open_view: OpenView) -> None:
    first = questions.load()[0]
    page = open_view("questions", lang="zh", question=first.id)
    assert page.locator(".questions .sql code").inner_text().strip() == first.sql
    assert page.get_by_text(POISON).first.is_visible()
    assert page.locator("main script").count() == 0
