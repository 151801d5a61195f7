"""The published pages as they are sent: to everyone, packed, with a strict policy, and nothing beside them."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pipeline.settings import Secrets, Settings
from portal import app, numbers
from portal.config import Config
from portal.publishing import shelf

PAGE, SCRIPT = b"<!DOCTYPE html><title>numbers</title>", b"export const numbers = 1;" * 40
LIKE_A_BROWSER = {"accept": "text/html", "accept-encoding": "gzip, br"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    secrets = Secrets(
        pg_passwords={}, hmac_keys={}, hmac_active="1", vault_master_key=b"", intake_key=b"", quarantine_key=b"",
        portal_key=b"k" * 32,
    )  # fmt: skip
    return Settings(tmp_path, "none:1", "none", 1, "none", secrets)


@pytest.fixture
def visitor(settings: Settings) -> Iterator[TestClient]:
    with TestClient(app.create(settings, Config()), headers=LIKE_A_BROWSER) as client:
        yield client


@pytest.fixture
def published(settings: Settings) -> Path:
    release = settings.state_dir / "site" / "release-1"
    for name, content in {
        "index.html": PAGE,
        "assets/index-abc.js": SCRIPT,
        "data/catalogue.json": b"{}",
        "data/areas/real/330000.json": b'{"area": "330000"}',
        "api/v1/values.csv": b"a,b\n",
        "parquet/values.parquet": b"PAR1",
        ".hidden.json": b"{}",
        "notes": b"no ending",
    }.items():
        path = release / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (release / "assets/index-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    (settings.state_dir / "secrets.json").write_text("{}")
    (release / "data" / "secrets.json").symlink_to(settings.state_dir / "secrets.json")
    shelf.link(settings).symlink_to(release)
    return release


def test_everyone_reads_the_pages_without_signing_in(visitor: TestClient, published: Path) -> None:
    answer = visitor.get("/numbers/")
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "set-cookie" not in answer.headers
    assert visitor.get("/numbers", follow_redirects=False).headers["location"] == "/numbers/"
    head = visitor.head("/numbers/")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PAGE)))


def test_the_policy_allows_what_the_pages_need_and_no_more(visitor: TestClient, published: Path) -> None:
    headers = visitor.get("/numbers/").headers
    assert headers["content-security-policy"] == numbers.POLICY
    assert "unsafe" not in numbers.POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"


def test_what_lies_there_packed_is_sent_packed_to_whom_takes_it(visitor: TestClient, published: Path) -> None:
    packed = visitor.get("/numbers/assets/index-abc.js")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == SCRIPT
    plain = visitor.get("/numbers/assets/index-abc.js", headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == SCRIPT
    assert packed.headers["etag"] != plain.headers["etag"]
    assert {each.headers["vary"] for each in (packed, plain)} == {"accept-encoding"}
    assert "immutable" in packed.headers["cache-control"]


def test_what_did_not_change_is_not_sent_again_and_a_new_release_is(
    visitor: TestClient, settings: Settings, published: Path
) -> None:
    first = visitor.get("/numbers/data/catalogue.json")
    again = visitor.get("/numbers/data/catalogue.json", headers={"if-none-match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == numbers.POLICY
    following = published.with_name("release-2")
    (following / "data").mkdir(parents=True)
    (following / "data" / "catalogue.json").write_bytes(b"[]")
    draft = published.with_name(".current")
    draft.symlink_to(following)
    os.replace(draft, shelf.link(settings))
    swapped = visitor.get("/numbers/data/catalogue.json", headers={"if-none-match": first.headers["etag"]})
    assert (swapped.status_code, swapped.content) == (200, b"[]")


@pytest.mark.parametrize(
    ("name", "kind", "is_shared"),
    [
        ("data/areas/real/330000.json", "application/json", True),
        ("api/v1/values.csv", "text/csv; charset=utf-8", True),
        ("parquet/values.parquet", "application/vnd.apache.parquet", True),
        ("assets/index-abc.js", "text/javascript; charset=utf-8", False),
    ],
)
def test_every_file_says_what_it_is_and_who_may_read_it(
    visitor: TestClient, published: Path, name: str, kind: str, is_shared: bool
) -> None:
    answer = visitor.get(f"/numbers/{name}")
    assert answer.headers["content-type"] == kind
    assert (answer.headers.get("access-control-allow-origin") == "*") is is_shared


@pytest.mark.parametrize(
    "name",
    ["../../secrets.json", "..%2f..%2fsecrets.json", "%2e%2e/%2e%2e/secrets.json",
     "data/%2e%2e/%2e%2e/%2e%2e/secrets.json", "%2fetc/passwd", "data/secrets.json",
     ".hidden.json", "notes", "assets", "data/", "index.html/", "nothing.json",
     "data/catalogue.json%00.html", "..%5c..%5csecrets.json", "assets/index-abc.js.gz"],
)  # fmt: skip
def test_nothing_else_can_be_had(visitor: TestClient, published: Path, name: str) -> None:
    answer = visitor.get(f"/numbers/{name}", follow_redirects=False)
    assert answer.status_code == 404
    assert PAGE not in answer.content


def test_nobody_writes_there(visitor: TestClient, published: Path) -> None:
    assert {visitor.request(method, "/numbers/").status_code for method in ("POST", "PUT", "DELETE")} == {405}


def test_before_a_first_release_it_is_said_in_words(visitor: TestClient) -> None:
    answer = visitor.get("/numbers/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "No numbers have been published here yet." in answer.text


def test_the_way_in_for_agencies_leads_to_the_numbers_too(visitor: TestClient) -> None:
    assert 'href="/numbers/' in visitor.get("/").text
