"""The officer's desk over HTTP: who may enter, who sees what, and that decisions are the ones the terminal takes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import httpx
import pytest

from expectations.decisions import quarantine
from expectations.decisions.people import Actor
from expectations.decisions.quarantine import Selection
from expectations.reports import report
from pipeline.db import connect
from portal.officer import accounts
from tests import officers
from tests.integration.portal.conftest import RunningDesk
from tests.officers import HOSTILE, OURS, RULE, THEIRS, Province

API = "/api/v1/officer"
STEWARD = Actor("test steward")


@pytest.fixture(scope="module")
def province(running: RunningDesk) -> Province:
    return officers.furnish(running.settings)


@pytest.fixture
def officer(running: RunningDesk, province: Province) -> Iterator[httpx.Client]:
    """An officer of every agency, signed in."""
    browser = seated(running, "officer")
    yield browser
    browser.close()


def account(running: RunningDesk, role: str, *agencies: str) -> tuple[str, str]:
    name = f"{role}-{len(accounts.all_of(running.settings))}"
    return name, accounts.add(running.settings, name, role, agencies, days=1)  # type: ignore[arg-type]


def seated(running: RunningDesk, role: str, *agencies: str) -> httpx.Client:
    browser = running.browser()
    name, token = account(running, role, *agencies)
    given = {"mark": mark_of(browser.get("/officer").text), "name": name, "token": token}
    assert browser.post("/officer/sign-in", data=given).headers["location"] == "/officer"
    return browser


def machine(running: RunningDesk, role: str, *agencies: str) -> httpx.Client:
    headers = {"authorization": f"Bearer {account(running, role, *agencies)[1]}"}
    return httpx.Client(base_url=running.url, headers=headers, timeout=30)


def mark_of(page: str) -> str:
    found = re.search(r'name="mark" value="([^"]+)"', page)
    assert found, page[:400]
    return found[1]


def entries(running: RunningDesk, **wanted: object) -> list[quarantine.Entry]:
    return quarantine.list_entries(running.settings, Selection(**wanted), actor=STEWARD, limit=1000)  # type: ignore[arg-type]


def test_pages_answer_in_both_languages(officer: httpx.Client, province: Province) -> None:
    places = [
        "/officer", f"/officer/agencies/{OURS}", f"/officer/rules/{RULE}", "/officer/rows", "/officer/rows?status=any",
        f"/officer/rows?agency={OURS}&rule={RULE}", "/officer/batches", "/officer/batches?status=held",
        f"/officer/batches/{province.held}", f"/officer/batches/{province.wrong}", "/officer/trail", "/officer/feeds",
    ]  # fmt: skip
    for place in places:
        for language in ("zh", "en"):
            answer = officer.get(place, params={"lang": language} if "?" not in place else None)
            assert answer.status_code == 200, (place, answer.text[:500])
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_which_numbers_a_held_batch_holds_back_is_one_click(officer: httpx.Client, province: Province) -> None:
    batch = officer.get(f"/officer/batches/{province.held}", params={"lang": "en"}).text
    place = f"/officer/batches/{province.held}/impact"
    assert f'href="{place}' in batch
    page = officer.get(place, params={"lang": "en"}, timeout=120)  # the first look at dbt's lineage takes seconds
    assert page.status_code == 200
    assert "Which published numbers this batch holds back" in page.text


def test_rows_are_returned_in_bulk_after_a_question_and_can_be_taken_back(
    running: RunningDesk, officer: httpx.Client, province: Province
) -> None:
    page = officer.get("/officer/rows", params={"agency": OURS, "rule": RULE, "lang": "en"}).text
    assert f"All {province.rows} that match" in page
    form = {
        "mark": mark_of(page), "agency": OURS, "rule": RULE, "status": "open", "total": str(province.rows),
        "scope": "all", "action": "return",
    }  # fmt: skip
    asked = officer.post("/officer/rows/confirm", data=form).text
    assert f"<b>{province.rows}</b>" in asked
    assert not entries(running, status="returned"), "nothing is decided before it is confirmed"
    assert officer.post("/officer/rows/decide", data={**form, "reason": " "}).status_code == 400
    someone = entries(running, agency=OURS, rule=RULE)[0].quarantine_id
    chosen = Selection(entries=(someone,))
    quarantine.refuse(running.settings, chosen, reason="other desk", actor=STEWARD)
    form["entry"] = [str(entry.quarantine_id) for entry in entries(running, agency=OURS, rule=RULE)[:2]] + [
        str(someone)
    ]
    told = officer.post("/officer/rows/decide", data={**form, "scope": "chosen", "reason": "typing error"}).text
    assert "Returned 2 rows" in told
    assert "1 rows were left" in told
    assert "is refused by test steward" in told
    undo = re.search(r'action="(/officer/decisions/\d+/undo)"', told)
    assert undo
    assert "<b>2</b>" in officer.post(undo[1], data={"mark": form["mark"]}).text
    done = officer.post(undo[1], data={"mark": form["mark"], "reason": "wrong rows"}).text
    assert "Taken back 2 rows" in done
    quarantine.reopen(running.settings, chosen, reason="again", actor=STEWARD)
    assert len(entries(running, agency=OURS, rule=RULE)) == province.rows
    trail = officer.get("/officer/trail").text
    assert "typing error" in trail
    assert "wrong rows" in trail


def test_a_row_is_mended_field_by_field(running: RunningDesk, officer: httpx.Client, province: Province) -> None:
    entry = entries(running, agency=OURS, rule=RULE)[5].quarantine_id
    page = officer.get(f"/officer/rows/{entry}", params={"lang": "en"}).text
    assert 'name="new:type" value="scool"' in page
    assert 'class="faulty"><th scope="row"><code>type</code>' in page
    mark = mark_of(page)
    asked = officer.post(f"/officer/rows/{entry}/check", data={"mark": mark, "new:type": "school", "new:name": "学校"})
    assert "<ins>school</ins>" in asked.text
    assert "new:name" not in asked.text, "a field that stays the same is not sent"
    told = officer.post(f"/officer/rows/{entry}/mend", data={"mark": mark, "new:type": "school", "reason": "typo"}).text
    assert "The correction is kept" in told
    shown = quarantine.show(running.settings, entry, actor=STEWARD)
    assert shown.mended is not None
    assert (shown.entry.status, shown.mended["type"], shown.payload and shown.payload["type"]) == (
        "mended", "school", "scool",
    )  # fmt: skip
    assert (
        officer.post(f"/officer/rows/{entry}/mend", data={"mark": mark, "new:type": "x", "reason": "y"}).status_code
        == 409
    )
    quarantine.reopen(running.settings, Selection(entries=(entry,)), reason="again", actor=STEWARD)


def test_personal_values_are_masked_but_for_a_steward(
    running: RunningDesk, officer: httpx.Client, province: Province
) -> None:
    (entry,) = entries(running, batch=province.personal)
    seen = officer.get(f"/officer/rows/{entry.quarantine_id}").text
    assert "1890-02-01" not in seen
    assert ">femal<" not in seen
    assert "●●●" in seen
    mark = mark_of(seen)
    blank = officer.post(f"/officer/rows/{entry.quarantine_id}/check", data={"mark": mark, "new:birthDate": ""})
    assert blank.status_code == 400, "a masked field that was left alone is no change"
    with contextlib.closing(seated(running, "steward")) as steward:
        assert "1890-02-01" in steward.get(f"/officer/rows/{entry.quarantine_id}").text
    with connect(running.settings, "flyover_owner") as owner:
        looked = owner.execute(
            "select count(*) from audit.entry where action = 'quarantine show' and object = %s",
            (str(entry.quarantine_id),),
        ).fetchone()
    assert looked
    assert looked[0] >= 2


def test_payloads_are_hostile_text(running: RunningDesk, officer: httpx.Client, province: Province) -> None:
    (entry,) = entries(running, batch=province.theirs)
    page = officer.get(f"/officer/rows/{entry.quarantine_id}").text
    assert "<script>document" not in page
    assert "onerror=alert" not in page.replace("onerror=alert(1)&gt;", "")
    assert "&lt;script&gt;document" in page
    changed = officer.post(
        f"/officer/rows/{entry.quarantine_id}/check", data={"mark": mark_of(page), "new:name": HOSTILE + "x"}
    )
    assert "<script>document" not in changed.text


def test_a_viewer_counts_and_an_officer_of_one_agency_sees_no_other(running: RunningDesk, province: Province) -> None:
    (theirs,) = entries(running, batch=province.theirs)
    ours = entries(running, agency=OURS, rule=RULE)[0]
    with contextlib.closing(seated(running, "viewer")) as viewer:
        assert viewer.get("/officer").status_code == 200
        assert viewer.get(f"/officer/batches/{province.held}").status_code == 200
        for place in ("/officer/rows", f"/officer/rows/{ours.quarantine_id}"):
            assert viewer.get(place).status_code == 403
        mark = mark_of(viewer.get("/officer").text)
        form = {"mark": mark, "entry": str(ours.quarantine_id), "action": "refuse", "reason": "x"}
        assert viewer.post("/officer/rows/decide", data=form).status_code == 403
        form = {"mark": mark, "action": "release", "reason": "x"}
        assert viewer.post(f"/officer/batches/{province.held}/decide", data=form).status_code == 403
    with contextlib.closing(seated(running, "officer", THEIRS)) as other:
        home = other.get("/officer?lang=en").text
        assert OURS not in home
        assert "Lishui" not in home
        for place in (
            f"/officer/rows/{ours.quarantine_id}", f"/officer/rows?agency={OURS}",
            f"/officer/rows?batch={ours.batch_id}",
            f"/officer/batches/{province.held}", f"/officer/agencies/{OURS}", f"/officer/batches?agency={OURS}",
        ):  # fmt: skip
            assert other.get(place).status_code == 404, place
        form = {"mark": mark_of(home), "entry": str(ours.quarantine_id), "action": "refuse", "reason": "x"}
        assert other.post("/officer/rows/decide", data=form).status_code == 404
        assert other.post("/officer/rows/confirm", data=form).status_code == 404
        form = {"mark": mark_of(home), "action": "refuse", "reason": "x"}
        assert other.post(f"/officer/batches/{province.held}/decide", data=form).status_code == 404
        form = {"mark": mark_of(home), "new:type": "school", "reason": "x"}
        assert other.post(f"/officer/rows/{ours.quarantine_id}/mend", data=form).status_code == 404
        assert str(theirs.quarantine_id) in other.get("/officer/rows").text
        assert "test steward" not in other.get("/officer/trail").text
    assert entries(running, agency=OURS, rule=RULE)[0] == ours


def test_a_form_from_elsewhere_is_refused(running: RunningDesk, officer: httpx.Client, province: Province) -> None:
    stranger = mark_of(running.browser().get("/officer").text)
    entry = str(entries(running, agency=OURS, rule=RULE)[0].quarantine_id)
    for mark in (stranger, "", None):
        form = {"entry": entry, "action": "refuse", "reason": "x", **({"mark": mark} if mark is not None else {})}
        for place in ("/officer/rows/confirm", "/officer/rows/decide", "/officer/sign-out"):
            assert officer.post(place, data=form).status_code == 403
    nobody = running.browser()
    form = {"mark": mark_of(nobody.get("/officer").text), "entry": entry, "action": "refuse", "reason": "x"}
    assert nobody.post("/officer/rows/decide", data=form).status_code == 403
    assert entries(running, agency=OURS, rule=RULE)[0].status == "open"


def test_tokens_of_one_desk_open_nothing_at_the_other(running: RunningDesk, province: Province) -> None:
    name, token = account(running, "steward")
    agency = running.token(OURS)
    with httpx.Client(base_url=running.url) as caller:
        for path, wrong, right in (
            (f"{API}/waiting", agency, token), ("/api/v1/deliveries", token, agency),
        ):  # fmt: skip
            assert caller.get(path, headers={"authorization": f"Bearer {wrong}"}).status_code == 401
            assert caller.get(path, headers={"authorization": f"Bearer {right}"}).status_code == 200
    with running.browser() as browser:
        mark = mark_of(browser.get("/officer").text)
        assert browser.post("/officer/sign-in", data={"mark": mark, "name": OURS, "token": agency}).status_code == 401
        mark = mark_of(browser.get("/").text)
        assert browser.post("/sign-in", data={"mark": mark, "agency": name, "token": token}).status_code == 401
        browser.post("/sign-in", data={"mark": mark, "agency": OURS, "token": agency})
        cookie = browser.cookies["flyover_desk"]
        browser.cookies.set("flyover_officer", cookie)
        assert 'name="token"' in browser.get("/officer").text, "an agency's cookie under the officer's name"


def test_a_revoked_account_ends_at_once_and_a_renewed_one_needs_its_new_token(running: RunningDesk) -> None:
    name, token = account(running, "officer")
    with httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {token}"}) as caller:
        assert caller.get(f"{API}/waiting").status_code == 200
        renewed = accounts.renew(running.settings, name, days=1)
        assert caller.get(f"{API}/waiting").status_code == 401
        caller.headers["authorization"] = f"Bearer {renewed}"
        assert caller.get(f"{API}/waiting").status_code == 200
        accounts.revoke(running.settings, name)
        assert caller.get(f"{API}/waiting").status_code == 401


@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.invalid/", "//elsewhere.invalid", "/\\elsewhere.invalid", "/officer/../..//x", "/officerx",
     "javascript:alert(1)",
     "/officer\r\nset-cookie:a=b", "https:/officer", "/"],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(running: RunningDesk, wanted: str) -> None:
    name, token = account(running, "officer")
    with running.browser() as browser:
        given = {"mark": mark_of(browser.get("/officer").text), "name": name, "token": token, "wanted": wanted}
        assert browser.post("/officer/sign-in", data=given).headers["location"] in ("/officer",)


def test_signing_in_leads_to_the_page_that_was_asked_for(running: RunningDesk, province: Province) -> None:
    name, token = account(running, "officer")
    with running.browser() as browser:
        page = browser.get(f"/officer/rows?rule={RULE}&status=open").text
        wanted = re.search(r'name="wanted" value="([^"]+)"', page)
        assert wanted
        given = {"mark": mark_of(page), "name": name, "token": token, "wanted": wanted[1].replace("&amp;", "&")}
        assert (
            browser.post("/officer/sign-in", data=given).headers["location"] == f"/officer/rows?rule={RULE}&status=open"
        )


def test_machines_decide_as_pages_do(running: RunningDesk, province: Province) -> None:
    with machine(running, "officer") as caller:
        waits = caller.get(f"{API}/waiting").json()
        assert {"agency_code": OURS, "rule_id": RULE, "status": "open"}.items() <= waits["piles"][0].items()
        assert [batch["batch_id"] for batch in waits["held"]] == [str(province.held)]
        page = caller.get(f"{API}/rows", params={"agency": OURS, "rule": RULE, "limit": 2}).json()
        assert (page["total"], len(page["rows"])) == (province.rows, 2)
        further = caller.get(
            f"{API}/rows", params={"agency": OURS, "rule": RULE, "limit": 2, "after": page["next"]}
        ).json()
        first = page["rows"][0]["quarantine_id"]
        assert further["rows"][0]["quarantine_id"] > first
        shown = caller.get(f"{API}/rows/{first}").json()
        assert shown["payload"]["type"] == "scool"
        ask = {"action": "waive", "reason": "pilot", "entries": [first], "until": "2999-12-31"}
        done = caller.post(f"{API}/rows/decide", json=ask).json()
        assert (done["decided"], done["left"]) == (1, [])
        assert caller.post(f"{API}/rows/decide", json=ask).json()["left"][0]["entry"] == first
        undone = {"action": "reopen", "reason": "enough", "entries": [first]}
        assert caller.post(f"{API}/rows/decide", json=undone).json()["decided"] == 1
        for wrong in (
            {"action": "waive", "reason": "x", "entries": [first]}, {"action": "return", "reason": "x"},
            {"action": "return", "reason": "", "entries": [first]}, {"action": "delete", "reason": "x", "entries": [1]},
        ):  # fmt: skip
            assert caller.post(f"{API}/rows/decide", json=wrong).status_code == 422
        evidence = caller.get(f"{API}/batches/{province.held}").json()["evidence"]
        assert evidence["failed"][0]["holds"]
        assert caller.get(f"{API}/trail").json()["decisions"][0]["reason"] == "enough"
    with machine(running, "officer", THEIRS) as other:
        assert other.get(f"{API}/rows/{first}").status_code == 404
        assert other.get(f"{API}/batches/{province.held}").status_code == 404
        assert other.post(f"{API}/rows/decide", json=ask).status_code == 404
        decision = {"action": "release", "reason": "x"}
        assert other.post(f"{API}/batches/{province.held}/decide", json=decision).status_code == 404
        assert other.get(f"{API}/waiting").json()["held"] == []


def test_what_no_column_can_hold_is_not_there(running: RunningDesk, officer: httpx.Client, province: Province) -> None:
    for place in (
        "/officer/rows?agency=%00", "/officer/rules/%00", "/officer/agencies/%00", "/officer/trail?actor=%00",
        f"/officer/rows/{10**30}", f"/officer/rows?after={10**30}", "/officer/rows?batch=x", "/officer/batches/x",
        "/officer/reports/..%2f..%2fsecrets.json", "/officer/reports/%00.html", "/officer/decisions/1",
    ):  # fmt: skip
        assert officer.get(place).status_code in (200, 404, 405), place
    mark = mark_of(officer.get("/officer").text)
    entry = str(entries(running, agency=OURS, rule=RULE)[0].quarantine_id)
    form = {"mark": mark, "entry": entry, "action": "return", "reason": "\0"}
    assert officer.post("/officer/rows/decide", data=form).status_code == 404
    with machine(running, "officer") as caller:
        wrong = {"action": "return", "reason": "\0", "entries": [int(entry)]}
        assert caller.post(f"{API}/rows/decide", json=wrong).status_code == 404
    assert entries(running, agency=OURS, rule=RULE)[0].status == "open"


def test_the_report_is_shown_with_a_way_to_the_desk(
    running: RunningDesk, officer: httpx.Client, province: Province
) -> None:
    assert officer.get("/officer/reports/").status_code == 404
    report.write(running.settings)
    assert "Back to the desk" in officer.get("/officer/reports/").text
    page = officer.get(f"/officer/reports/agency/{OURS}.html")
    assert f'href="/officer/agencies/{OURS}"' in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert officer.get("/officer/reports/assets/report.css").status_code == 200
    assert officer.get("/officer/reports/.pages.json").status_code == 404
    assert f"/officer/reports/agency/{OURS}.html" in officer.get(f"/officer/agencies/{OURS}").text
    for role, agencies in (("viewer", ()), ("officer", (OURS,))):
        with contextlib.closing(seated(running, role, *agencies)) as other:
            assert other.get(f"/officer/reports/agency/{OURS}.html").status_code == 404


def test_a_held_batch_is_released_once_with_a_reason(
    running: RunningDesk, officer: httpx.Client, province: Province
) -> None:
    page = officer.get(f"/officer/batches/{province.held}", params={"lang": "en"}).text
    assert "Why it is on hold" in page
    mark, place = mark_of(page), f"/officer/batches/{province.held}"
    asked = officer.post(f"{place}/confirm", data={"mark": mark, "action": "release_with_waiver"}).text
    assert 'name="until"' in asked
    late = {"mark": mark, "action": "release_with_waiver", "until": "2020-01-01", "reason": "x"}
    assert officer.post(f"{place}/decide", data=late).status_code == 400
    told = officer.post(f"{place}/decide", data={"mark": mark, "action": "release", "reason": "school closed"})
    assert 'class="told good"' in told.text
    again = officer.post(f"{place}/decide", data={"mark": mark, "action": "release", "reason": "once more"})
    assert again.status_code == 409
    assert "school closed" in officer.get("/officer/trail").text


def test_the_role_behind_the_pages_can_write_and_read_nothing_else(running: RunningDesk) -> None:
    with connect(running.settings, "flyover_owner") as owner:
        rights = owner.execute(
            "select table_schema, table_name, privilege_type from information_schema.role_table_grants "
            "where grantee = 'flyover_officer' order by 1, 2, 3"
        ).fetchall()
    # of other tables it may read some columns, and rows of the agencies it names alone (tests/security)
    assert {(schema, right) for schema, _, right in rights} == {("portal", "SELECT"), ("audit", "INSERT")}
    assert {name for schema, name, _ in rights if schema == "portal" and not name.startswith("officer")} == set()
    with connect(running.settings, "flyover_officer") as connection:
        assert connection.execute("select count(*) from portal.officer_batches").fetchone() == (0,)
