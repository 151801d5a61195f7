"""The officer's desk in a browser: readable for everyone, wide and on a phone, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from expectations.decisions import quarantine
from expectations.decisions.people import Actor
from expectations.decisions.quarantine import Selection
from portal.officer import accounts
from tests import officers
from tests.browser.conftest import PHONE, WIDE, Open, violations
from tests.integration.portal.conftest import RunningDesk
from tests.officers import OURS, RULE, Province


@pytest.fixture(scope="module")
def province(running: RunningDesk) -> Province:
    return officers.furnish(running.settings)


@pytest.fixture(scope="module")
def token(running: RunningDesk, province: Province) -> str:
    return accounts.add(running.settings, "wang.min", "officer", (), days=1)


def entry_of(running: RunningDesk, **wanted: object) -> int:
    wanted_rows = Selection(**wanted)  # type: ignore[arg-type]
    return quarantine.list_entries(running.settings, wanted_rows, actor=Actor("test"))[0].quarantine_id


def sign_in(page: Page, running: RunningDesk, token: str, place: str = "/officer") -> None:
    page.goto(f"{running.url}{place}")
    page.locator("#name").fill("wang.min")
    page.locator("#token").fill(token)
    page.locator("button.go").click()


def places(running: RunningDesk, province: Province) -> list[str]:
    return [
        "/officer", f"/officer/agencies/{OURS}", f"/officer/rules/{RULE}", f"/officer/rows?agency={OURS}&rule={RULE}",
        f"/officer/rows/{entry_of(running, agency=OURS, rule=RULE)}", "/officer/batches",
        f"/officer/batches/{province.held}", "/officer/trail", "/officer/feeds",
        f"/officer/rows/{entry_of(running, batch=province.theirs)}",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_hold_no_serious_barrier_and_fit_a_phone(
    visitor: Open, running: RunningDesk, province: Province, token: str, axe: str, language: str
) -> None:
    page = visitor(bypass_csp=True)
    page.goto(f"{running.url}/officer?lang={language}")
    assert violations(page, axe) == []
    sign_in(page, running, token)
    for place in places(running, province):
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.goto(f"{running.url}{place}")
        assert violations(page, axe) == [], place
        assert page.title() != "taken"
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], place
        assert violations(page, axe) == [], f"{place} on a phone"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_agencies_pages_hold_no_serious_barrier(
    visitor: Open, running: RunningDesk, axe: str, language: str
) -> None:
    page = visitor(bypass_csp=True)
    page.goto(f"{running.url}/?lang={language}")
    assert violations(page, axe) == []
    page.locator("#agency").fill(OURS)
    page.locator("#token").fill(running.token(OURS))
    page.locator("button.go").click()
    expect(page.locator("#hand-in")).to_be_visible()
    assert violations(page, axe) == []


def test_the_desk_works_without_scripts_and_by_keyboard(
    visitor: Open, running: RunningDesk, province: Province, token: str
) -> None:
    page = visitor(java_script_enabled=False, locale="en-GB")
    sign_in(page, running, token, f"/officer/rows?agency={OURS}&rule={RULE}")
    expect(page).to_have_url(f"{running.url}/officer/rows?agency={OURS}&rule={RULE}")
    box = page.locator("input[name=entry]").first
    entry = int(box.get_attribute("value") or 0)
    box.focus()
    page.keyboard.press("Space")
    page.locator("button[value=return]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Return to the agency: 1 row")
    page.locator("#reason").focus()
    page.keyboard.type("typed wrong")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Returned 1 row")
    page.get_by_role("button", name="Take this decision back").click()
    page.locator("#reason").fill("only a test")
    page.locator("button.go").click()
    expect(page.get_by_role("status")).to_have_text("Taken back 1 row")
    shown = quarantine.show(running.settings, entry, actor=Actor("test"))
    assert [step.action for step in shown.history] == ["return", "reopen"]


def test_two_officers_decide_at_once_and_the_second_is_told(
    visitor: Open, running: RunningDesk, province: Province, token: str
) -> None:
    page = visitor(locale="en-GB")
    sign_in(page, running, token, f"/officer/rows?agency={OURS}&rule={RULE}")
    page.locator("#every").check()
    expect(page.locator("#chosen")).to_have_text("(50)")
    page.get_by_role("button", name="Refuse").click()
    taken = entry_of(running, agency=OURS, rule=RULE)
    quarantine.waive(
        running.settings, Selection(entries=(taken,)), reason="first", actor=Actor("li.na"),
        expires_on=quarantine.today(),  # type: ignore[attr-defined]
    )  # fmt: skip
    page.locator("#reason").fill("broken export")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("status")).to_have_text("Refused 49 rows")
    expect(page.locator("main")).to_contain_text("1 rows were left")
    expect(page.locator("main")).to_contain_text("is waived by li.na")


def test_a_held_batch_is_released_with_its_evidence_in_view(
    visitor: Open, running: RunningDesk, province: Province, token: str
) -> None:
    page = visitor(locale="en-GB")
    sign_in(page, running, token)
    page.get_by_role("link", name="Evidence and decision").click()
    expect(page.locator(".evidence")).to_be_visible()
    page.get_by_role("button", name="Release", exact=True).click()
    page.locator("#reason").fill("the school closed, confirmed by phone")
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Released")
    expect(page.locator("h1 .badge")).to_have_text("released")
