"""The published pages as everyone reads them: a generated release, written by publishing, served by the portal.

Tests of views stand beside this file. ``site`` is shared by all of them; ``open_view`` opens a view in a browser of its
own and waits until it has its numbers; ``--pictures`` writes what a minister would see into docs/images/site.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.errors import SystemTrouble
from pipeline.settings import CHECKOUT, Settings
from portal.publishing import site as publishing
from stack import site as built_site
from tests.browser import pictures
from tests.browser.conftest import WIDE, Open
from tests.conftest import databases
from tests.integration.portal.conftest import serving
from tests.published import Published, fill_mart

PICTURES = CHECKOUT / "docs" / "images" / "site"
HIGHEST = 1600
"""of a picture, in pixels"""
OpenView = Callable[..., Page]


@dataclass(frozen=True)
class ServedSite:
    """Where the pages are read, what lies behind them, and in which folder they stand."""

    url: str
    settings: Settings
    published: Published
    folder: Path

    def address(self, view: str, **terms: str) -> str:
        """Of a view: ``lang`` and ``realm`` are terms like area, indicator, method, …"""
        return f"{self.url}#/{view}?{urlencode({'lang': 'zh', 'realm': 'simulated', **terms})}"


@pytest.fixture(scope="session")
def site(stack_services: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    try:
        pages = built_site.built(print)
    except SystemTrouble as trouble:
        pytest.fail(str(trouble)) if os.environ.get("CI") else pytest.skip(str(trouble))
    with databases(stack_services, tmp_path_factory) as make:
        settings = make()
        published = fill_mart(settings)
        shown = publishing.build(settings, pages, print)
        with serving(settings, tmp_path_factory.mktemp("site") / "portal.log") as desk:
            yield ServedSite(f"{desk.url}/numbers/", settings, published, shown.path)


@pytest.fixture
def open_view(site: ServedSite, visitor: Open) -> Iterator[OpenView]:
    """Opens a view and waits until nothing in it is loading any more; nothing may be asked of any other place."""
    elsewhere: list[str] = []

    def opened(view: str, *, on: dict[str, object] | None = None, **terms: str) -> Page:
        page = visitor(**(on or {}))
        page.on("request", lambda request: elsewhere.append(request.url) if _is_elsewhere(request.url, site) else None)
        page.goto(site.address(view, **terms))
        settle(page)
        return page

    yield opened
    assert elsewhere == []


def settle(page: Page) -> None:
    """Wait until the view has come: its heading is there, and nothing says that it is loading."""
    page.locator("main h1").wait_for()
    expect(page.locator("main .waiting")).to_have_count(0, timeout=30_000)


@pytest.fixture
def site_picture(request: pytest.FixtureRequest, browser: Browser) -> Callable[[Page, str], None]:
    """Takes a picture of a view for the docs, where pictures are asked for."""

    def take(page: Page, name: str) -> None:
        if not request.config.getoption("--pictures"):
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        size = page.viewport_size or WIDE
        height = min(page.evaluate("document.documentElement.scrollHeight"), HIGHEST)
        part = {"x": 0, "y": 0, "width": size["width"], "height": height}
        blank = browser.new_page()
        pictures.save(blank, page.screenshot(clip=part, full_page=True), PICTURES / f"{name}.png")  # type: ignore[arg-type]
        blank.close()

    return take


def _is_elsewhere(url: str, site: ServedSite) -> bool:
    asked, own = urlsplit(url), urlsplit(site.url)
    return asked.scheme in ("http", "https", "ws", "wss") and asked.netloc != own.netloc
