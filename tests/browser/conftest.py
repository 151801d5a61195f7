"""Debian's chromium, driven as a person would: pages in both languages, wide and on a phone, without a network.

``--pictures`` writes what the walk-through shows into docs/images/walk; ``--shots FOLDER`` keeps what was on the screen
at the end of each task of docs/tasks.md, for a look at it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from pipeline.settings import CHECKOUT
from tests.browser import pictures
from tests.integration.portal.conftest import running  # noqa: F401 - the desk as the integration tests start it

PICTURES = CHECKOUT / "docs" / "images" / "walk"
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
HIGHEST = 1000
"""of a picture, in pixels"""
ASKED_OF_AXE = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
Open = Callable[..., Page]
Keep = Callable[[Page, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="write the pictures of the walk-through")
    parser.addoption("--shots", type=Path, help="folder for what was on the screen at the end of each task")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as Debian packs it; nothing is ever downloaded."""
    path = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
    if path is None:
        told = "chromium is not installed; type: sudo apt-get install -y chromium fonts-noto-cjk"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Open]:
    """Opens pages, each with cookies of its own; whatever goes wrong in one fails the test."""
    wrong: list[str] = []
    with contextlib.ExitStack() as undo:

        def open_page(**wanted: object) -> Page:
            given = {"viewport": WIDE, "locale": "zh-CN", "accept_downloads": True, **wanted}
            context: BrowserContext = browser.new_context(**given)  # type: ignore[arg-type]
            undo.callback(context.close)
            context.set_default_timeout(10_000)
            page = context.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
            page.on(
                "requestfailed", lambda request: wrong.append(f"failed: {request.url}") if failed(request) else None
            )
            return page

        yield open_page
    # a refused answer (4xx) is told on the console too, and that is what some pages are for
    assert [line for line in wrong if "the server responded with a status of 4" not in line] == []


def failed(request: Request) -> list[str]:
    """A request that came to nothing, in words; a download leaves its page, which chromium calls aborted."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"failed: {request.url}"]


@pytest.fixture(scope="session")
def axe() -> str:
    """The checker of accessibility, from a package of the lock."""
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def picture(request: pytest.FixtureRequest, browser: Browser) -> Callable[[Page, str], None]:
    """Takes a picture of a page for the walk-through, where pictures are asked for."""

    def take(page: Page, name: str) -> None:
        if not request.config.getoption("--pictures"):
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        height = min(page.evaluate("document.body.scrollHeight"), HIGHEST)
        part = {"x": 0, "y": 0, "width": WIDE["width"], "height": height}
        blank = browser.new_page()
        pictures.save(blank, page.screenshot(clip=part, full_page=True), PICTURES / f"{name}.png")  # type: ignore[arg-type]
        blank.close()

    return take


@pytest.fixture
def kept(request: pytest.FixtureRequest) -> Keep:
    """Keeps what is on the screen, whole, where a folder was given for it."""

    def keep(page: Page, name: str) -> None:
        folder: Path | None = request.config.getoption("--shots")
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=folder / f"{name}.png", full_page=True)

    return keep


def violations(page: Page, axe: str) -> list[str]:
    """What a person who cannot see or cannot use a mouse would stumble over, the serious of it."""
    page.evaluate(axe)
    found = page.evaluate(ASKED_OF_AXE)["violations"]
    return [
        f"{each['id']}: {each['help']} {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
