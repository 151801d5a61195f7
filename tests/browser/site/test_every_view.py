"""What every view of the menu keeps to, in both languages, wide and on a phone."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.settings import CHECKOUT
from tests import evidence
from tests.browser.conftest import PHONE, WIDE, Open, violations
from tests.browser.site.conftest import OpenView, ServedSite, settle
from tests.published import POISON

LISTED = (CHECKOUT / "portal" / "site" / "src" / "views" / "index.ts").read_text(encoding="utf-8")
VIEWS = [
    view for view in re.findall(r'\{ id: "(\w+)"', LISTED)
    if (CHECKOUT / "portal" / "site" / "src" / "views" / view / "index.tsx").exists()
]  # fmt: skip
FIRST_VIEW_BYTES, DATA_BYTES = 200_000, 300_000
LANGUAGES = {"zh": "zh-CN", "en": "en"}
TakePicture = Callable[[Page, str], None]
BANNER = {"zh": "模拟数据：所有人员均为虚构", "en": "Simulated data: every person is invented"}


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def received(page: Page) -> dict[str, int]:
    """Bytes of each file the page was sent, as they were sent."""
    entries = page.evaluate("performance.getEntriesByType('resource').map((each) => [each.name, each.encodedBodySize])")
    return dict(entries)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_for_everyone(view: str, open_view: OpenView, axe: str, site_picture: TakePicture) -> None:
    """Few bytes; then, without a network, in both languages, wide and on a phone: nothing serious for axe, nothing that
    scrolls sideways, the realm told, the heading in the window's name."""
    page = open_view(view)
    page.wait_for_load_state("networkidle", timeout=60_000)
    data = {name: size for name, size in received(page).items() if "/data/" in name and "/catalogue.json" not in name}
    assert sum(data.values()) < DATA_BYTES, data
    page.context.set_offline(True)
    for kind, lang in (("wide", "zh"), ("wide", "en"), ("phone", "en"), ("phone", "zh")):
        page.set_viewport_size(WIDE if kind == "wide" else PHONE)  # type: ignore[arg-type]
        if page.locator("html").get_attribute("lang") != LANGUAGES[lang]:
            page.locator("header .language").click()
        page.locator(f"html[lang={LANGUAGES[lang]}]").wait_for()
        settle(page)
        assert violations(page, axe) == [], (view, kind, lang)
        assert not is_too_wide(page), (view, kind, lang)
        assert BANNER[lang] in page.locator(".realm").inner_text()
        expect(page).to_have_title(re.compile(re.escape(page.locator("main h1").inner_text())))
        if (kind, lang) in (("wide", "zh"), ("phone", "en")):
            site_picture(page, f"{view}-{kind}-{lang}")


def test_the_first_view_is_small_and_quick(site: ServedSite, browser: Browser) -> None:
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        page.goto(site.address("overview"))
        settle(page)
        page.locator(".card .number").first.wait_for()
        shown = page.evaluate("performance.now()")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        page.wait_for_load_state("networkidle", timeout=60_000)
        sizes = received(page)
    code = sum(size for url, size in sizes.items() if "/data/" not in url) + _packed(site.folder / "index.html")
    data = sum(size for url, size in sizes.items() if "/data/" in url)
    assert code < FIRST_VIEW_BYTES, sizes
    assert data < DATA_BYTES, sizes
    evidence.tell(
        f"first view of the pages: {code / 1000:.0f} kB of code and {data / 1000:.0f} kB of data packed, first paint "
        f"after {paint:.0f} ms, numbers there after {shown:.0f} ms"
    )


def test_the_menu_leads_to_every_view_and_the_focus_to_its_heading(open_view: OpenView) -> None:
    page = open_view("overview")
    for view in VIEWS:
        page.locator(f'header nav a[href^="#/{view}?"]').click()
        page.locator(f'header nav a[aria-current="page"][href^="#/{view}?"]').wait_for()
        settle(page)
        if view != "overview":
            expect(page.locator("main h1")).to_be_focused()


def test_an_address_restores_what_was_seen_and_back_leads_back(open_view: OpenView) -> None:
    page = open_view("overview", lang="en", subject="schools", find="size")
    told = page.locator("main").inner_text()
    assert page.get_by_role("searchbox").input_value() == "size"
    other = open_view("overview", **dict(pair.split("=") for pair in page.url.split("?")[1].split("&")))
    assert other.locator("main").inner_text() == told
    page.get_by_role("checkbox").check()
    expect(page).to_have_url(re.compile("show=revised"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("show=revised"))
    assert not page.get_by_role("checkbox").is_checked()


def test_the_content_is_one_key_away(open_view: OpenView) -> None:
    page = open_view("overview")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "H1"


def test_what_stands_behind_a_number_opens_and_closes_by_keyboard(open_view: OpenView, axe: str) -> None:
    page = open_view("overview", lang="en")
    button = page.locator(".card .define").first
    button.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    drawer.wait_for()
    assert violations(page, axe) == []
    for part in ("Formula", "Source", "Why did this change", "mart.current_indicator_value", "./flyover trace"):
        assert part in drawer.inner_text()
    page.keyboard.press("Escape")
    drawer.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.className") == "define"


@pytest.mark.parametrize("kind", ["CSV", "XLSX", "JSON"])
def test_what_is_shown_can_be_taken_along(kind: str, open_view: OpenView, tmp_path: Path) -> None:
    page = open_view("overview", lang="en")
    page.locator(".card .define").first.click()
    with page.expect_download() as caught:
        page.get_by_role("dialog").get_by_role("button", name=kind).click()
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    assert path.suffix == f".{kind.lower()}"
    content = path.read_bytes()
    assert content.startswith(b"PK") if kind == "XLSX" else "330000" in content.decode("utf-8-sig")


def test_a_name_that_would_run_is_shown_as_text(open_view: OpenView) -> None:
    page = open_view("overview")
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.locator(".card", has_text="目标").first.locator(".define").click()
    page.get_by_role("dialog").get_by_text(POISON).first.wait_for()
    assert page.locator("main script").count() == 0


def test_no_such_view_is_said_and_leads_home(open_view: OpenView) -> None:
    page = open_view("nowhere", lang="en")
    assert page.locator("main h1").inner_text() == "There is no such page"
    page.get_by_role("link", name="Back to the overview").click()
    page.locator(".card").first.wait_for()


def test_what_did_not_arrive_is_said_and_can_be_tried_again(site: ServedSite, visitor: Open) -> None:
    page = visitor()
    page.route("**/areas/**", lambda route: route.fulfill(status=418))
    page.goto(site.address("overview", lang="en"))
    page.get_by_role("alert").get_by_text("did not arrive").wait_for()
    page.unroute("**/areas/**")
    page.get_by_role("button", name="Try again").click()
    page.locator(".card").first.wait_for()


def test_the_pages_work_below_any_path_of_any_server(site: ServedSite, visitor: Open) -> None:
    base = site.url.removesuffix("numbers/")
    page = visitor()
    for_any = lambda route: route.continue_(url=route.request.url.replace("/some/where/else/", "/numbers/"))  # noqa: E731
    page.route("**/some/where/else/**", for_any)
    page.goto(f"{base}some/where/else/#/overview?lang=en&realm=simulated")
    settle(page)
    page.locator(".card .number").first.wait_for()


def _packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))
