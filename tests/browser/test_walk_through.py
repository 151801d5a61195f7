"""The whole way of a failing row, as docs/how-to/walk-through.md tells it: seen, returned, mended, replayed, closed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from connectors import pull, vault
from expectations.decisions import corrections
from expectations.reports import report
from pipeline.db import connect
from portal.officer import accounts
from tests import desk, mended, people
from tests.browser.conftest import Open
from tests.deliveries import files_of, pack
from tests.integration.portal.conftest import RunningDesk

AGENCY, RULE = "sch-lishui", "oneroster__enrollments.class_known"
WRONG = 12
Take = Callable[[Page, str], None]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A school's zip with enrolments in a class that nobody sent."""
    folder = people.school_bundle(tmp_path / "school", people.make(40))
    enrolments = folder / "enrollments.csv"
    line = enrolments.read_text(encoding="utf-8").splitlines()[1]
    for number in range(WRONG):
        wrong = line.replace("enrolment-0", f"enrolment-{200 + number}").replace("class-1", "class-2024-7")
        people.add_line(enrolments, wrong)
    return pack(tmp_path / "autumn-term.zip", files_of(folder))


def carry_on(running: RunningDesk) -> None:
    """What Airflow does between two clicks: takes in what was handed in, judges it, writes the report."""
    agency = desk.known(running.settings, AGENCY)
    for origin in pull.pending_origins(running.settings, agency):
        corrections.take_in(running.settings, agency, origin)
    desk.forward(running.settings, agency.source)
    vault.drain_vault(running.settings)
    report.write(running.settings)


def hand_in(page: Page, file: Path) -> None:
    page.locator("#files").set_input_files(file)
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#told")).to_contain_text("Received")


def books(running: RunningDesk) -> list[Mapping[str, int]]:
    with connect(running.settings, "flyover_owner") as owner:
        rows = owner.execute(
            "select received, released, quarantined, duplicate, refused, held from quality.batch "
            "where agency_code = %s and source = 'oneroster' and entity = 'enrollments' order by first_landed_at",
            (AGENCY,),
        ).fetchall()
    names = ("received", "released", "quarantined", "duplicate", "refused", "held")
    return [dict(zip(names, row, strict=True)) for row in rows]


def statuses(running: RunningDesk) -> set[str]:
    """Of what the rule kept back."""
    with connect(running.settings, "flyover_owner") as owner:
        found = owner.execute("select status from quarantine.entry where %s = any(rule_ids)", (RULE,))
        return {status for (status,) in found}


def test_a_wrong_row_is_seen_returned_mended_replayed_and_closed(
    visitor: Open, running: RunningDesk, bundle: Path, tmp_path: Path, picture: Take
) -> None:
    agency, officer = visitor(locale="en-GB"), visitor(locale="en-GB")

    # The school hands in its term.
    agency.goto(f"{running.url}/?lang=en")
    agency.locator("#agency").fill(AGENCY)
    agency.locator("#token").fill(running.token(AGENCY))
    agency.get_by_role("button", name="Sign in").click()
    hand_in(agency, bundle)
    carry_on(running)

    # The officer finds it in the report: the province, the agency, the rule.
    officer.goto(f"{running.url}/officer/reports/?lang=en")
    officer.locator("#name").fill("wang.min")
    officer.locator("#token").fill(accounts.add(running.settings, "wang.min", "officer", (), days=1))
    officer.get_by_role("button", name="Sign in").click()
    expect(officer).to_have_url(re.compile("/officer/reports/"))
    picture(officer, "1-report")
    officer.locator(f'main a[href="agency/{AGENCY}.html"]').first.click()
    expect(officer.locator("main h1")).to_contain_text("Lishui")
    picture(officer, "2-agency")
    officer.locator(f'main a[href*="rule/{RULE}.html"]').first.click()
    picture(officer, "3-rule")
    officer.get_by_role("link", name="Decide at the desk").click()
    officer.get_by_role("link", name="See and decide").first.click()
    expect(officer.locator(".count")).to_have_text(f"{WRONG} rows")
    officer.get_by_label(f"All {WRONG} that match").check()
    picture(officer, "4-rows")
    officer.get_by_role("button", name="Return to the agency").click()
    officer.get_by_label("Reason").fill("class 2024-7 is in no class list; please send it or correct the number")
    picture(officer, "5-confirm")
    officer.get_by_role("button", name="Return to the agency").click()
    expect(officer.get_by_role("status")).to_have_text(f"Returned {WRONG} rows")
    picture(officer, "6-returned")
    assert statuses(running) == {"returned"}

    # The school downloads the rows, mends them in that file, and hands it in.
    agency.goto(f"{running.url}/?lang=en")
    picture(agency, "7-agency-list")
    agency.get_by_role("link", name="Receipt").first.click()
    picture(agency, "8-receipt")
    with agency.expect_download() as coming:
        agency.locator('a[href*="/to-mend/"][href$=".csv"]').first.click()
    table = mended.table_of(Path(coming.value.path()).read_bytes())
    fixed = mended.filled_in(table, lambda row: {"classSourcedId": "class-1"})
    agency.goto(f"{running.url}/?lang=en")
    hand_in(agency, mended.write(tmp_path / "mended.csv", mended.csv_of(fixed)))
    carry_on(running)

    # Judged anew, the rows are released, their entries closed, and every batch balances to the row.
    agency.goto(f"{running.url}/?lang=en")
    agency.get_by_role("link", name="Receipt").first.click()
    expect(agency.locator(".answer")).to_contain_text("Everything accepted")
    picture(agency, "9-mended")
    assert statuses(running) == {"closed"}
    first, replay = books(running)
    assert (first["received"], first["quarantined"]) == (40 + WRONG, WRONG)
    assert replay == {"received": WRONG, "released": WRONG, "quarantined": 0, "duplicate": 0, "refused": 0, "held": 0}
    assert all(batch["received"] == sum(batch.values()) - batch["received"] for batch in (first, replay))
    officer.goto(f"{running.url}/officer/rows?rule={RULE}&status=closed&lang=en")
    officer.locator("tbody a").first.click()
    expect(officer.locator("h1 .badge")).to_have_text("closed")
    expect(officer.locator(".steps")).to_contain_text("class 2024-7 is in no class list")
    picture(officer, "10-closed")
    officer.locator('dd a[href*="/officer/batches/"]').first.click()
    expect(officer.locator("main")).to_contain_text("balance to the row")
    expect(officer.locator("main")).to_contain_text(f"{WRONG} / {WRONG} rows released")
    picture(officer, "11-books")
    assert uuid.UUID(officer.url.rpartition("/")[2].partition("?")[0])
