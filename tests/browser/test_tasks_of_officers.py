"""What docs/tasks.md tells a quality officer to type and to click, typed and clicked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from connectors import vault
from expectations.decisions import quarantine
from expectations.decisions.people import Actor
from expectations.decisions.quarantine import Selection
from expectations.judging import judge
from pipeline.db import connect
from pipeline.settings import Settings
from portal.officer import accounts
from tests import desk, people
from tests.browser.conftest import Keep, Open
from tests.browser.taskclicks import click
from tests.checkouts import Copy
from tests.integration.portal.conftest import RunningDesk
from tests.landed import Landing
from tests.taskpage import Terminal

SCHOOL, ISLES, SILENT = "sch-lishui", "sch-zhoushan", "sch-hangzhou"
PARENT = "oneroster__orgs.parent_known"


@dataclass(frozen=True)
class Office:
    """A database with a school's wrong rows, and what an officer asks it."""

    settings: Settings
    terminal: Terminal

    def statuses(self, rule: str) -> list[str]:
        """Of the rows a rule kept back."""
        with connect(self.settings, "flyover_owner") as connection:
            found = connection.execute(
                "select status from quarantine.entry where %s = any(rule_ids) and agency_code = %s", (rule, SCHOOL)
            )
            return sorted(status for (status,) in found)


@pytest.fixture(scope="module")
def office(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Lishui's delivery with four enrolments nowhere, three mistyped schools and two in an unknown county."""
    school = people.school_bundle(tmp_path_factory.mktemp("agencies") / "school", people.make(12))
    orgs, enrolments = school / "orgs.csv", school / "enrollments.csv"
    orgs.write_text(orgs.read_text(encoding="utf-8").replace("339901", "330106"), encoding="utf-8")
    for number in range(5):
        kind, county = ("scool", "330106") if number < 3 else ("school", "330199")
        people.add_line(orgs, f"wrong-{number},,,测试学校,{kind},213300010{number},bureau-1,{county},,21,111,public")
    line = enrolments.read_text(encoding="utf-8").splitlines()[1]
    for number in range(4):
        wrong = line.replace("enrolment-0", f"enrolment-{200 + number}").replace("class-1", "class-2024-7")
        people.add_line(enrolments, wrong)
    desk.carry(settings, desk.known(settings, SCHOOL), school)
    vault.drain_vault(settings)
    Landing(settings, "oneroster", ISLES).deliver(
        {
            "orgs": [org(0, parent_sourced_id="founded-tomorrow"), *(org(number) for number in range(1, 60))],
            "categories": [
                {"sourced_id": f"c{weight}", "title": "c", "weight": weight} for weight in (*range(60), 110, 150)
            ],
        }
    )
    judge.judge_ready(settings, "oneroster")
    return Office(settings, Terminal(settings.state_dir))


def org(number: int, **other: str) -> dict[str, str]:
    return {"sourced_id": f"o{number}", "name": "学校", "type": "school", "division_code": "330902", **other}


@pytest.fixture
def signed_in(visitor: Open, running: RunningDesk) -> Page:
    """An officer at the desk."""
    page = visitor(locale="en-GB")
    page.goto(f"{running.url}/officer?lang=en")
    page.locator("#name").fill("wang.min")
    page.locator("#token").fill(accounts.add(running.settings, "wang.min", "officer", (), days=1))
    page.get_by_role("button", name="Sign in").click()
    return page


@pytest.mark.task("O1")
def test_the_worst_feed_stands_first(office: Office, signed_in: Page, running: RunningDesk, kept: Keep) -> None:
    office.terminal.do("O1")
    signed_in.goto(f"{running.url}/officer/reports/?lang=en")
    assert "Lishui" in (signed_in.locator("[data-agency]").first.text_content() or "")
    click(signed_in, "O1", running.url)
    kept(signed_in, "O1")


@pytest.mark.task("O2")
def test_a_rule_is_read_in_both_languages(office: Office) -> None:
    said = office.terminal.do("O2")
    assert re.search(r"in_quarantine\W+3\b", said)


@pytest.mark.task("O3")
def test_who_is_late_is_found(office: Office, tmp_path: Path) -> None:
    copy = Copy(tmp_path / "checkout", office.settings.state_dir)
    yml = copy.root / "connectors" / "agencies" / f"{SILENT}.yml"
    # due on New Year's Day alone, so that it is late whenever this is run
    text = re.sub(r"(?ms)^term_calendar:.*?^(?=params)", "term_calendar: []\n", yml.read_text(encoding="utf-8"))
    yml.write_text(re.sub(r"(?m)^schedule: .*$", 'schedule: "0 0 1 1 *"', text).replace('"06:00"', '"00:01"'))
    Terminal(office.settings.state_dir, copy.root).do("O3")


@pytest.mark.task("O4")
def test_rows_are_returned(office: Office) -> None:
    office.terminal.do("O4")
    assert office.statuses("oneroster__enrollments.class_known") == ["returned"] * 4


@pytest.mark.task("O5")
def test_rows_are_mended_and_replayed(office: Office) -> None:
    office.terminal.do("O5")
    desk.forward(office.settings, "oneroster")
    office.terminal.do("O5", 1)
    assert office.statuses("oneroster__orgs.type_code") == ["closed"] * 3
    with connect(office.settings, "flyover_owner") as connection:
        released = connection.execute(
            "select released, quarantined from quality.batch where replay_of is not null and agency_code = %s",
            (SCHOOL,),
        ).fetchall()
    assert released == [(3, 0)]


@pytest.mark.task("O6")
def test_a_waiver_ends_with_its_day(office: Office) -> None:
    office.terminal.do("O6")
    assert office.statuses("oneroster__orgs.division_known") == ["waived"] * 2
    after = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=32)
    assert quarantine.lapse_waivers(office.settings, after) == 2
    assert office.statuses("oneroster__orgs.division_known") == ["open"] * 2


@pytest.mark.task("O7")
def test_a_threshold_is_tried_and_nothing_written(office: Office) -> None:
    said = office.terminal.do("O7")
    assert re.search(r"fail now, would pass\W+1\b", said)
    assert re.search(r"would fail\W+1\b", said)


@pytest.mark.task("O8")
def test_false_alarms_come_first(office: Office) -> None:
    actor, tomorrow = Actor("wang.min"), dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    quarantine.waive(
        office.settings, Selection(rule=PARENT, agency=ISLES), reason="it is founded", expires_on=tomorrow, actor=actor
    )
    said = office.terminal.do("O8")
    assert re.search(rf"{PARENT}\W+rows\W+1\W+0\W+0\W+1\W+100\.0", said)


@pytest.mark.task("O10")
def test_the_scorecard_of_a_month_is_one_sheet(office: Office, visitor: Open, tmp_path: Path, kept: Keep) -> None:
    month, card = dt.datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m"), tmp_path / "card.html"
    office.terminal.do("O10", MONTH=month, CARD=card)
    page = visitor(locale="en-GB")
    page.goto(card.as_uri())
    kept(page, "O10")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
