"""Clicks what docs/tasks.md tells a person to click: by the words they read, never by what only a program sees."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Locator, Page, expect

from tests.taskpage import fill, tasks

_STEP = re.compile(
    r"Open `(?P<open>[^`]+)`|Click \*\*(?P<click>[^*]+)\*\*|Press \*\*(?P<press>[^*]+)\*\*"
    r"|(?:Choose|Write) \*\*(?P<say>[^*]+)\*\* in \*\*(?P<field>[^*]+)\*\*"
)
PATIENCE_MS: Final = 20_000
"""A view of the pages is drawn once its data has come; other tests may be using the machine meanwhile."""
_CLICKABLE: Final = ("link", "button", "tab", "radio", "checkbox", "option")


def click(page: Page, task: str, url: str, block: int = 0, **filled: object) -> None:
    """Take the steps of a task's numbered list, each with one thing to do, and see what the page says is then seen.

    :raises AssertionError: a step tells nothing to do, or something was not seen
    """
    wanted = tasks()[task].clicked()[block]
    for step in fill(wanted.lines, filled):
        found = list(_STEP.finditer(step))
        assert found, f"{task}: nothing to do in {step!r}"
        for each in found:
            _do(page, url, {name: said for name, said in each.groupdict().items() if said is not None})
    for seen in fill(wanted.seen, filled):
        try:
            expect(page.locator("body")).to_contain_text(seen, timeout=PATIENCE_MS)
        except AssertionError:  # which would quote the whole page
            raise AssertionError(f"{task}: {seen!r} is not to be seen at {page.url}") from None


def _do(page: Page, url: str, told: dict[str, str]) -> None:
    if "open" in told:
        page.goto(url + told["open"])
    elif "click" in told:
        _clickable(page, told["click"]).click()
    elif "press" in told:
        page.keyboard.press(told["press"])
    else:
        field = page.get_by_label(told["field"], exact=True).first
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(label=told["say"])
        else:
            field.fill(told["say"])


def _clickable(page: Page, name: str) -> Locator:
    """The first thing of that name that can be clicked and is shown."""
    any_role = page.get_by_role("link", name=name, exact=True)
    for role in _CLICKABLE[1:]:
        any_role = any_role.or_(page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]
    return any_role.or_(page.locator("summary").get_by_text(name, exact=True)).locator("visible=true").first
