"""What docs/tasks.md tells a policymaker to click, clicked on a generated release; and what it tells them to type."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.browser.conftest import Keep, Open
from tests.browser.site.conftest import ServedSite, settle
from tests.browser.taskclicks import click
from tests.taskpage import Terminal

Reader = Callable[[str], Page]


@pytest.fixture
def reader(visitor: Open, site: ServedSite, kept: Keep) -> Reader:
    """Takes the steps of a task in a browser of its own; the page it ends on."""

    def takes(task: str) -> Page:
        page = visitor(locale="en-GB")
        click(page, task, site.url.removesuffix("/numbers/"))
        settle(page)
        kept(page, task)
        return page

    return takes


@pytest.fixture(scope="module")
def terminal(site: ServedSite) -> Terminal:
    return Terminal(site.settings.state_dir)


@pytest.mark.task("P1")
def test_a_headline_stands_against_its_target(reader: Reader, terminal: Terminal) -> None:
    page = reader("P1")
    card = page.locator(".card", has_text="Participation of seniors in any learning")
    assert re.search(r"30\.0%\s*3\.4 points to go", card.inner_text())
    terminal.do("P1")


@pytest.mark.task("P2")
def test_the_counties_are_ranked(reader: Reader) -> None:
    assert "area=330703" in reader("P2").url


@pytest.mark.task("P3")
def test_the_mountain_gap_is_read_by_a_fixed_list(reader: Reader) -> None:
    assert "dimension=county_group_fixed" in reader("P3").url


@pytest.mark.task("P4")
def test_why_a_number_changed_is_told(reader: Reader, terminal: Terminal) -> None:
    reader("P4")
    terminal.do("P4")


@pytest.mark.task("P5")
def test_a_table_is_taken_along_as_a_workbook(visitor: Open, site: ServedSite, kept: Keep, tmp_path: Path) -> None:
    page = visitor(locale="en-GB")
    with page.expect_download() as coming:
        click(page, "P5", site.url.removesuffix("/numbers/"))
    kept(page, "P5")
    coming.value.save_as(tmp_path / "counties.xlsx")
    sheet = load_workbook(tmp_path / "counties.xlsx").worksheets[0]
    told = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None}
    assert {"330106", "withheld"} & told or any("Xihu" in cell for cell in told)
    assert sheet.max_row > 90


@pytest.mark.task("P6")
def test_places_in_2030_stand_with_their_interval(reader: Reader) -> None:
    assert len(re.findall(r"90% interval: [\d,]+ to [\d,]+ places", reader("P6").locator("main").inner_text())) >= 4


@pytest.mark.task("P7")
def test_graduates_stand_against_vacancies(reader: Reader) -> None:
    assert re.search(r"Fewest: .+, \d\.\d\d for each graduate", reader("P7").locator("main").inner_text())


@pytest.mark.task("P8")
def test_senior_participation_has_its_bound(reader: Reader) -> None:
    assert re.search(r"between 21\.1 and 32\.1 learnt", reader("P8").locator("main").inner_text())


@pytest.mark.task("P9")
def test_a_county_brief_is_one_sheet(reader: Reader) -> None:
    page = reader("P9")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True))) == 1


@pytest.mark.task("P10")
def test_what_is_missing_is_named(reader: Reader, terminal: Terminal) -> None:
    reader("P10")
    terminal.do("P10")
