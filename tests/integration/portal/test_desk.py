"""The desk over real HTTP: handing in, signing in, what is refused, and that nobody sees another's deliveries."""

from __future__ import annotations

import re
import socket
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from connectors import pull
from expectations.decisions import corrections
from pipeline.db import connect
from pipeline.errors import BadInput
from portal import limits, tokens
from tests import desk as answered
from tests import people
from tests.deliveries import files_of, pack
from tests.integration.portal.conftest import LIMIT_MB, RunningDesk

API = "/api/v1/deliveries"
OURS, THEIRS = "sch-lishui", "sch-zhoushan"
TABLE = b"sourcedId,name\no1,A\n"


def drop(running: RunningDesk, agency: str = OURS) -> set[str]:
    """Everything in an agency's drop folder, hidden things included."""
    folder = running.settings.drop_dir / agency
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def mark_of(page: str) -> str:
    found = re.search(r'name="mark" value="([^"]+)"', page)
    assert found
    return found[1]


def sign_in(running: RunningDesk, browser: httpx.Client, agency: str, token: str | None = None) -> httpx.Response:
    mark = mark_of(browser.get("/").text)
    given = {"mark": mark, "agency": agency, "token": token or running.token(agency)}
    return browser.post("/sign-in", data=given)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A school's zip in which one enrolment is in a class that nobody sent."""
    root = tmp_path_factory.mktemp("bundle")
    folder = people.school_bundle(root / "school", people.make(5))
    line = (folder / "enrollments.csv").read_text(encoding="utf-8").splitlines()[1]
    people.add_line(
        folder / "enrollments.csv", line.replace("enrolment-0", "enrolment-x").replace("class-1", "class-x")
    )
    return pack(root / "学校.zip", files_of(folder))


def test_a_file_handed_in_is_answered_with_its_receipt(running: RunningDesk, bundle: Path) -> None:
    """Over HTTP into the drop folder, through the stages, and the answer at the address that was promised."""
    agency = answered.known(running.settings, "sch-hangzhou")
    with running.machine(agency.agency_code) as machine, bundle.open("rb") as file:
        taken = machine.post(API, files={"files": (bundle.name, file, "application/zip")})
        assert taken.status_code == 201, taken.text
        told = taken.json()
        assert (told["state"], told["bytes"], told["origin"]) == ("waiting", bundle.stat().st_size, "学校.zip")
        waiting = machine.get(told["receipt"])
        assert (waiting.status_code, waiting.json()["state"]) == (202, "waiting")
        assert [line["state"] for line in machine.get(API).json()["deliveries"]] == ["waiting"]

        (origin,) = pull.pending_origins(running.settings, agency)
        assert origin.read_bytes() == bundle.read_bytes()
        staged = pull.pull(running.settings, agency, origin)
        assert machine.get(told["receipt"]).json()["state"] == "processing"
        answered.forward(running.settings, "oneroster")

        receipt = machine.get(told["receipt"]).json()
        assert receipt["receipt"] == str(staged.delivery_id)
        kept = {rule: row for row in receipt["rows"] for rule in row["rules"]}["oneroster__enrollments.class_known"]
        assert (kept["file"], kept["row"], kept["record"], kept["columns"]) == (
            "enrollments.csv", 7, "enrolment-x", ["classSourcedId"],
        )  # fmt: skip
        assert kept["problem"] == "班级须在本单位的班级表中存在"
        assert receipt["books"]["received"] == sum(list(receipt["books"].values())[1:])
        summary = machine.get(f"{API}/{told['delivery']}").json()
        assert (summary["state"], summary["to_mend"], "rows" in summary) == ("to_mend", len(receipt["rows"]), False)
        mend = machine.get(f"{API}/{told['delivery']}/to-mend/enrollments.csv", params={"language": "en"})
        assert [row["classSourcedId"] for row in answered.sheet(mend.content)] == ["class-x"]
        assert machine.get(f"{API}/{told['delivery']}/receipt", params={"format": "csv"}).status_code == 200
        again = machine.post(API, files={"files": ("待更正.csv", mend.content)})
        assert again.status_code == 201, "a file of rows to mend is handed in like any other"
        (correction,) = pull.pending_origins(running.settings, agency)
        assert corrections.take_in(running.settings, agency, correction) == ()
        told = machine.get(again.json()["receipt"]).json()
        assert (told["state"], told["correction"]["left"]) == ("to_mend", 1)


def test_a_person_signs_in_hands_in_and_sees_the_list(running: RunningDesk) -> None:
    with running.browser() as browser:
        first = browser.get("/?lang=en")
        assert "Sign in" in first.text
        answer = sign_in(running, browser, OURS)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        page = browser.get("/").text
        assert "Lishui schools" in page
        sent = browser.post("/hand-in", data={"mark": mark_of(page)}, files={"files": ("a person's.csv", TABLE)})
        assert sent.status_code == 303, sent.text
        assert "a person_s.csv" in browser.get("/list").text
        assert "a person_s.csv" in drop(running)
        out = browser.post("/sign-out", data={"mark": mark_of(page)})
        assert out.status_code == 303
        assert "Sign in" in browser.get("/").text


def test_several_files_chosen_together_are_one_delivery(running: RunningDesk) -> None:
    before = drop(running)
    with running.machine(OURS) as machine:
        files = [("files", ("a.csv", TABLE)), ("files", ("a.csv", TABLE)), ("files", ("b.csv", TABLE))]
        assert machine.post(API, files=files).status_code == 201
    (folder,) = drop(running) - before
    assert {path.name for path in (running.settings.drop_dir / OURS / folder).iterdir()} == {
        "a.csv",
        "a-2.csv",
        "b.csv",
    }


def test_a_form_from_elsewhere_is_refused(running: RunningDesk) -> None:
    before = drop(running)
    with running.browser() as browser:
        sign_in(running, browser, OURS)
        stranger = mark_of(running.browser().get("/").text)
        for data in ({}, {"mark": ""}, {"mark": stranger}):
            refused = browser.post("/hand-in", data=data, files={"files": ("x.csv", TABLE)})
            assert refused.status_code == 403
        refused = browser.post("/hand-in", headers={"x-flyover-mark": stranger}, files={"files": ("x.csv", TABLE)})
        assert refused.status_code == 403
        assert browser.post("/sign-out", data={"mark": stranger}).status_code == 403
    with running.browser() as browser:
        browser.get("/")
        token = running.token(OURS)
        assert browser.post("/sign-in", data={"agency": OURS, "token": token, "mark": stranger}).status_code == 403
        assert browser.post("/hand-in", files={"files": ("x.csv", TABLE)}).status_code == 403
    assert drop(running) == before


def test_another_agencys_delivery_is_not_there(running: RunningDesk) -> None:
    with running.machine(THEIRS) as owner:
        theirs = owner.post(API, files={"files": ("theirs.csv", TABLE)}).json()["delivery"]
        assert owner.get(f"{API}/{theirs}").status_code == 200
    unknown = str(uuid.uuid4())
    with running.machine(OURS) as machine:
        for delivery in (theirs, unknown, "nonsense", "%2e%2e"):
            for place in ("", "/receipt", "/to-mend/orgs.csv"):
                answer = machine.get(f"{API}/{delivery}{place}")
                assert (answer.status_code, answer.json()["code"]) == (404, "not_here"), (delivery, place)
        assert theirs not in machine.get(API).text
    with running.browser() as browser:
        sign_in(running, browser, OURS)
        for place in ("", "/receipt.csv", "/receipt.json", "/to-mend/orgs.csv"):
            assert browser.get(f"/deliveries/{theirs}{place}").status_code == 404
        assert "theirs.csv" not in browser.get("/").text


def test_without_a_token_there_is_nothing(running: RunningDesk) -> None:
    with httpx.Client(base_url=running.url) as nobody:
        for method, path in (("GET", API), ("POST", API), ("GET", f"{API}/{uuid.uuid4()}/receipt")):
            answer = nobody.request(method, path, content=TABLE if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (401, "wrong_token")
            assert answer.headers["www-authenticate"] == "Bearer"
        assert nobody.get("/list").status_code == 403
        assert nobody.get(f"/deliveries/{uuid.uuid4()}/receipt.csv").status_code == 403


def test_tokens_are_changed_without_a_stop_and_revoked_at_once(running: RunningDesk) -> None:
    old, new = running.token(OURS), running.token(OURS)
    with running.machine(OURS, old) as first, running.machine(OURS, new) as second, running.browser() as browser:
        assert first.get(API).status_code == second.get(API).status_code == 200
        sign_in(running, browser, OURS, old)
        assert browser.get("/list").status_code == 200
        assert tokens.revoke(running.settings, OURS, old.split("-")[1])
        assert (first.get(API).status_code, second.get(API).status_code) == (401, 200)
        assert browser.get("/list").status_code == 403
    with connect(running.settings, "flyover_owner") as owner:
        owner.execute("update portal.token set expires_at = now() where token_id = %s", (new.split("-")[1],))
    with running.machine(OURS, new) as expired:
        assert expired.get(API).status_code == 401
    with running.browser() as browser:
        assert sign_in(running, browser, THEIRS, running.token(OURS)).status_code == 401


def test_a_token_is_kept_nowhere_and_each_use_is_noted(running: RunningDesk) -> None:
    token = running.token(OURS)
    with running.machine(OURS, token) as machine:
        machine.get(API)
    with connect(running.settings, "flyover_owner") as owner:
        kept = owner.execute("select token::text from portal.token as token").fetchall()
        noted = owner.execute("select entry::text from audit.entry as entry where object like 'token %%'").fetchall()
    assert any(token.split("-")[1] in row for (row,) in noted)
    secret = token.split("-", 2)[2]
    for (row,) in [*kept, *noted]:
        assert secret not in row
        assert secret.encode().hex() not in row
    files = [path for path in running.settings.state_dir.rglob("*") if path.is_file()]
    assert not [path for path in files if secret.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pupils.csv", Path("/bin/true").read_bytes()[:20_000]),
        ("pupils.csv", b"#!/bin/sh\nrm -rf /\n"),
        ("pupils.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("pupils.csv", b"%PDF-1.7\n1 0 obj\n"),
        ("pupils.csv", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("pupils.csv", b"a,b\n1,\x00\n"),
    ],
    ids=["program", "script", "web page", "pdf", "picture", "nul"],
)
def test_kinds_are_told_by_content_not_by_name(running: RunningDesk, name: str, content: bytes) -> None:
    before = drop(running)
    with running.machine(OURS) as machine:
        refused = machine.post(API, files={"files": (name, content)})
    assert (refused.status_code, refused.json()["code"]) == (415, "kind")
    assert drop(running) == before


def test_empty_files_and_forms_without_a_file_are_refused(running: RunningDesk) -> None:
    before = drop(running)
    with running.machine(OURS) as machine:
        assert machine.post(API, files={"files": ("empty.csv", b"")}).json()["code"] == "empty"
        assert machine.post(API, content=b"", params={"filename": "empty.csv"}).json()["code"] == "empty"
        assert machine.post(API, files={"other": (None, "no file")}).json()["code"] == "no_file"
        torn = machine.post(
            API, content=b"--x\r\nnonsense", headers={"content-type": "multipart/form-data; boundary=x"}
        )
        assert torn.json()["code"] == "broken_off"
    assert drop(running) == before


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "found out"])
def test_what_is_too_large_is_refused_and_leaves_nothing(running: RunningDesk, announced: bool) -> None:
    before = drop(running)
    line = b"a,b,c,d,e,f,g,h\n" * 4096

    def endless() -> object:
        yield from (line for _ in range(LIMIT_MB * 2**20 // len(line) + 2))

    content = b"".join(endless()) if announced else endless()  # type: ignore[arg-type]
    with running.machine(OURS) as machine:
        refused = machine.post(API, content=content, params={"filename": "large.csv"})  # type: ignore[arg-type]
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    assert drop(running) == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../../../tmp/out.csv", "out.csv"),
        ("..\\..\\windows\\win.csv", "win.csv"),
        (".hidden.csv", "hidden.csv"),
        ("late.csv.part", "late.csv"),
        ("a\x00b\nc<script>.csv", "a_b_c_script.csv"),
        ("..", "delivery"),
        ("名" * 200 + ".csv", "名" * 58 + ".csv"),
    ],
)
def test_names_are_cleaned_and_stay_in_the_folder(running: RunningDesk, given: str, kept: str) -> None:
    before = drop(running)
    with running.machine(OURS) as machine:
        taken = machine.post(API, content=TABLE, params={"filename": given})
    assert taken.status_code == 201, taken.text
    assert drop(running) - before == {taken.json()["origin"]} == {kept}


def test_nothing_is_overwritten(running: RunningDesk) -> None:
    with running.machine(OURS) as machine:
        names = [
            machine.post(API, content=TABLE + b"o%d,B\n" % n, params={"filename": "same.csv"}).json()["origin"]
            for n in range(3)
        ]
    assert names == ["same.csv", "same-2.csv", "same-3.csv"]
    folder = running.settings.drop_dir / OURS
    assert [(folder / name).read_bytes()[-5:-3] for name in names] == [b"o0", b"o1", b"o2"]


def test_an_upload_that_breaks_off_leaves_nothing(running: RunningDesk) -> None:
    before, place = drop(running), urlsplit(running.url)
    head = (
        f"POST {API}?filename=half.csv HTTP/1.1\r\nhost: {place.netloc}\r\n"
        f"authorization: Bearer {running.token(OURS)}\r\ncontent-length: 1000000\r\n\r\n"
    )
    with socket.create_connection((place.hostname or "", place.port or 0)) as link:
        link.sendall(head.encode() + TABLE * 1000)
        deadline = time.monotonic() + 10
        while drop(running) == before:  # until it has begun
            assert time.monotonic() < deadline
            time.sleep(0.02)
        (begun,) = drop(running) - before
        assert begun.startswith(".")
        assert begun.endswith(".part")
        assert pull.pending_origins(running.settings, answered.known(running.settings, "sch-hangzhou")) == []
    while drop(running) != before:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_uploads_are_never_held_in_memory(running: RunningDesk) -> None:
    def peak_kb() -> int:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{running.pid}/status").read_text())
        assert found
        return int(found[1])

    line = b"x" * 1023 + b"\n"

    def body() -> object:
        yield from (line * 64 for _ in range((LIMIT_MB - 1) * 16))

    with running.machine(OURS) as machine:
        machine.post(API, content=TABLE, params={"filename": "warm.csv"})
        before = peak_kb()
        for _ in range(4):
            taken = machine.post(API, content=body(), params={"filename": "big.csv"})  # type: ignore[arg-type]
            assert taken.json()["bytes"] == (LIMIT_MB - 1) * 2**20
    assert peak_kb() - before < (LIMIT_MB - 1) * 1024


@pytest.mark.parametrize(
    "path", ["/", "/health", "/static/desk.js", "/static/desk.css", API, "/nowhere", f"/deliveries/{uuid.UUID(int=1)}"]
)
def test_every_answer_carries_the_security_headers(running: RunningDesk, path: str) -> None:
    with running.browser() as browser:
        headers = browser.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_a_receipts_own_style_is_allowed_and_nothing_else(running: RunningDesk, tmp_path: Path) -> None:
    agency = answered.known(running.settings, THEIRS)
    poisoned = tmp_path / "<script>alert(1)<"
    poisoned.write_bytes(b"PK no zip")
    with pytest.raises(BadInput):
        pull.pull(running.settings, agency, poisoned)
    with running.browser() as browser:
        sign_in(running, browser, THEIRS)
        listed = browser.get("/").text
        assert "<script>alert" not in listed
        assert "&lt;script&gt;alert" in listed
        place = re.search(r'href="(/deliveries/[0-9a-f-]+)"', listed)
        assert place
        page = browser.get(place[1])
        assert "<script" not in page.text
        assert "style-src 'sha256-" in page.headers["content-security-policy"]
        assert page.text.count("<style>") == 1
        assert " style=" not in page.text


def test_guessing_is_slowed_down(running: RunningDesk) -> None:
    """Last: this caller is locked out afterwards, and a right token does not help it."""
    wrong = tokens.make(running.settings, OURS, label="x", days=1)[:-4] + "AAAA"
    with running.machine(OURS, wrong) as guesser:
        answers = [guesser.get(API) for _ in range(limits.MOST_FAILURES + 1)]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert int(answers[-1].headers["retry-after"]) > 0
    with running.machine(OURS) as right:
        assert right.get(API).status_code == 429
    with running.browser() as browser:
        assert sign_in(running, browser, OURS).status_code == 429
