"""The client against real servers on this machine: in trouble, strict, slow, hostile."""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import gzip
import itertools
import json
import logging
import socket
import traceback
import urllib.parse
from collections.abc import Iterable
from pathlib import Path

import pytest

from connectors.http import Client
from connectors.http_logins import Basic, Bearer, ClientCredentials, Login, NoLogin
from pipeline.errors import BadInput, ConfigurationError, FlyoverError, SystemTrouble
from tests.deliveries import make_agency
from tests.webserver import Asked, Reply, authority, serving

SECRET, PERSON = "s3cr3t-never-shown", "a person's name"


class Time:
    """A clock that moves when someone sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def client(url: str, time: Time, login: Login | None = None, **settings) -> Client:
    settings = {"requests_per_second": 1000.0, "timeout_s": 5.0, **settings}
    return Client(
        make_agency("oneroster", agency_code="sch-hangzhou"),
        url,
        authorise=login or NoLogin(),
        clock=time.clock,
        sleep=time.sleep,
        **settings,
    )


def said(replies: Iterable[Reply]):
    """One reply after the other, the last one for ever."""
    replies = list(replies)
    following = itertools.chain(replies, itertools.repeat(replies[-1]))
    return lambda asked: next(following)


def everything_said(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_json_comes_with_its_headers_and_paths_stay_below_the_base(time) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(body=json.dumps({"path": asked.path}).encode(), headers=(("X-Total-Count", "7"),))

    with serving(answer) as web, client(f"{web.url}/ims/v1p2", time) as http:
        body, headers = http.get_json("users", {"limit": "2", "filter": "dateLastModified>'2025-01-01'"})
        assert urllib.parse.unquote(body["path"]) == "/ims/v1p2/users?limit=2&filter=dateLastModified>'2025-01-01'"
        assert headers["x-total-count"] == "7"
        assert http.get_json("/other?more=1")[0] == {"path": "/other?more=1"}
        assert http.get_json(f"{web.url}/ims/v1p2/users?offset=2")[0] == {"path": "/ims/v1p2/users?offset=2"}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_passing_trouble_is_waited_out(status, time) -> None:
    with serving(said([Reply(status), Reply(status), Reply(body=b"[1]")])) as web, client(web.url, time) as http:
        assert http.get_json("users")[0] == [1]
        assert len(web.asked) == 3
        assert 1 <= time.slept[0] < time.slept[1]


def test_a_connection_cut_in_the_middle_of_an_answer_is_tried_again(time) -> None:
    whole = b'{"users": []}'
    with (
        serving(said([Reply(body=whole, cut_after=5), Reply(body=whole)])) as web,
        client(web.url, time) as http,
    ):
        assert http.get_json("users")[0] == {"users": []}


def test_trouble_that_lasts_ends_in_words_for_people(time) -> None:
    with (
        serving(said([Reply(503)])) as web,
        client(web.url, time, patience_s=30) as http,
        pytest.raises(SystemTrouble, match=r"sch-hangzhou \(oneroster\): .*/users answers 503\. Nothing is lost") as e,
    ):
        http.get_json("users", {"filter": PERSON})
    assert e.value.retriable
    assert PERSON not in everything_said(e.value)
    assert sum(time.slept) <= 30


def test_a_server_that_is_away_is_waited_for(time) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        client(f"http://127.0.0.1:{port}", time, patience_s=5) as http,
        pytest.raises(SystemTrouble, match=r"cannot be reached \(ConnectError\)"),
    ):
        http.get_json("users")
    assert time.slept


def test_a_server_that_says_nothing_is_given_up_on(time) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        client(f"http://127.0.0.1:{mute.getsockname()[1]}", time, timeout_s=0.05, patience_s=2) as http,
        pytest.raises(SystemTrouble, match="ReadTimeout"),
    ):
        http.get_json("users")


def test_retry_after_is_kept_to_in_both_forms(time) -> None:
    later = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90), usegmt=True)
    replies = [Reply(429, headers=(("Retry-After", "40"),)), Reply(503, headers=(("Retry-After", later),)), Reply()]
    with serving(said(replies)) as web, client(web.url, time) as http:
        http.get_json("users")
    assert time.slept[0] >= 40
    assert time.slept[1] >= 85


def test_a_wait_longer_than_our_patience_is_left_to_the_next_run(time) -> None:
    reply = Reply(429, headers=(("Retry-After", "86400"),))
    with serving(said([reply])) as web, client(web.url, time) as http, pytest.raises(SystemTrouble, match="429"):
        http.get_json("users")
    assert time.slept == []


def test_requests_keep_to_the_rate(time) -> None:
    with serving(said([Reply()])) as web, client(web.url, time, requests_per_second=4) as http:
        for _ in range(5):
            http.get("users")
    assert time.now == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("reply", "code", "problem"),
    [
        (Reply(401), "login", "does not take our login"),
        (Reply(403), "forbidden", "does not allow us this"),
        (Reply(404), "missing", "knows no such address"),
        (Reply(418), "status", "answers 418"),
        (Reply(302, headers=(("Location", "https://elsewhere.example"),)), "redirect", "sends us elsewhere"),
        (Reply(body=b"<html>"), "not_json", "is no JSON"),
        (Reply(body=b"[" * 100_000), "not_json", "is no JSON"),
        (Reply(body=b'{"a":"\xff"}'), "not_json", "is no JSON"),
    ],
)
def test_answers_that_cannot_be_used_are_refused(reply, code, problem, time) -> None:
    with (
        serving(said([reply])) as web,
        client(web.url, time, Bearer(lambda: SECRET)) as http,
        pytest.raises(BadInput, match=problem) as e,
    ):
        http.get_json("users", {"filter": PERSON})
    assert e.value.agency == "sch-hangzhou"
    assert e.value.code == f"refused.http_{code}"
    assert e.value.advice
    assert SECRET not in everything_said(e.value)
    assert PERSON not in everything_said(e.value)


def test_an_answer_has_an_end_even_where_it_is_packed_small(time) -> None:
    bomb = gzip.compress(b"0" * 3_000_000)
    assert len(bomb) < 10_000
    reply = Reply(body=bomb, headers=(("Content-Encoding", "gzip"),))
    with (
        serving(said([reply])) as web,
        client(web.url, time, largest_answer=2**20) as http,
        pytest.raises(BadInput, match="larger than 1 MiB"),
    ):
        http.get("users")


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/users", "//elsewhere.example/x", "http://127.0.0.1:1/users", "http://[bad/x"]
)
def test_a_login_is_not_carried_to_another_server(link, time) -> None:
    with (
        serving(said([Reply()])) as web,
        client(web.url, time, Bearer(lambda: SECRET)) as http,
        pytest.raises(BadInput, match="not its own"),
    ):
        http.get(link)
    assert web.asked == []


@pytest.mark.parametrize(
    "address", ["http://school.example", "https://us:pw@school.example", "ftp://x", "", "https://"]
)
def test_addresses_without_tls_or_with_a_password_are_refused(address, time) -> None:
    with pytest.raises(ConfigurationError, match="https://"):
        client(address, time)


class Provider:
    """Gives tokens for one credential and takes the newest token only."""

    def __init__(self) -> None:
        self.accepted, self.tokens, self.lives_s = ("us", SECRET), itertools.count(1), None
        self.token = None

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            name, _, password = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).partition(b":")
            shown = tuple(urllib.parse.unquote_plus(part.decode()) for part in (name, password))
            assert urllib.parse.parse_qs(asked.body.decode())["grant_type"] == ["client_credentials"]
            if shown != self.accepted:
                return Reply(400, b'{"error": "invalid_client"}')
            self.token = f"token-{next(self.tokens)}"
            life = {} if self.lives_s is None else {"expires_in": self.lives_s}
            return Reply(body=json.dumps({"access_token": self.token, **life}).encode())
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(401)
        return Reply(body=json.dumps(self.token).encode())


def oauth(web, time: Time, secret=lambda: SECRET) -> ClientCredentials:
    return ClientCredentials(f"{web.url}/token", lambda: "us", secret, ("a.readonly", "b.readonly"), clock=time.clock)


def test_one_token_serves_many_requests_and_names_the_scopes(time) -> None:
    with serving(Provider()) as web, client(web.url, time, oauth(web, time)) as http:
        assert [http.get_json("users")[0] for _ in range(3)] == ["token-1"] * 3
        assert web.paths().count("/token") == 1
        assert urllib.parse.parse_qs(web.asked[0].body.decode())["scope"] == ["a.readonly b.readonly"]


def test_a_token_that_ends_is_renewed_before_it_does(time) -> None:
    provider = Provider()
    provider.lives_s = 100
    with serving(provider) as web, client(web.url, time, oauth(web, time)) as http:
        http.get_json("users")
        time.now += 95
        assert http.get_json("users")[0] == "token-2"
        assert not [request for request in web.asked if request.path == "/users"][2:]


def test_a_revoked_token_is_renewed_and_the_secret_read_anew(time) -> None:
    provider, written_down = Provider(), [SECRET]
    with serving(provider) as web, client(web.url, time, oauth(web, time, lambda: written_down[0])) as http:
        assert http.get_json("users")[0] == "token-1"
        provider.accepted, provider.token = ("us", "rotated:100% + more"), "gone"
        written_down[0] = "rotated:100% + more"
        assert http.get_json("users")[0] == "token-2"


@pytest.mark.parametrize("token", [b"{}", b'{"access_token": null}', b'{"access_token": "a\\u0007b"}', b"[]", b"1"])
def test_an_answer_without_token_is_a_login_refused(token, time) -> None:
    with (
        serving(said([Reply(body=token)])) as web,
        client(web.url, time, oauth(web, time)) as http,
        pytest.raises(BadInput, match="gave no token"),
    ):
        http.get("users")


def test_a_wrong_secret_is_refused_without_showing_it(time, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with (
        serving(Provider()) as web,
        client(web.url, time, oauth(web, time, lambda: "wrong-but-secret")) as http,
        pytest.raises(BadInput, match="does not take our login") as e,
    ):
        http.get("users")
    assert "wrong-but-secret" not in everything_said(e.value) + caplog.text


@pytest.mark.parametrize("token", ["geheim\u00e4", "two\nlines", "", "   "])
def test_a_bearer_token_that_fits_no_header_is_not_shown(token, time) -> None:
    with (
        serving(said([Reply()])) as web,
        client(web.url, time, Bearer(lambda: token)) as http,
        pytest.raises(FlyoverError) as e,
    ):
        http.get("users")
    assert not token.strip() or token not in everything_said(e.value)


def test_a_password_changed_between_two_requests_is_used_at_once(time) -> None:
    passwords = iter(["one", "two"])
    with serving(said([Reply()])) as web, client(web.url, time, Basic(lambda: "us", lambda: next(passwords))) as http:
        http.get("users")
        http.get("users")
    shown = [base64.b64decode(request.headers["authorization"].removeprefix("Basic ")) for request in web.asked]
    assert shown == [b"us:one", b"us:two"]


def test_an_unknown_authority_is_refused_and_a_named_one_is_trusted(time, tmp_path: Path) -> None:
    ca_file, tls = authority(tmp_path)
    with serving(said([Reply(body=b"[]")]), tls) as web:
        with client(web.url, time) as http, pytest.raises(BadInput, match="certificate is not to be trusted"):
            http.get("users")
        assert web.asked == []
        assert time.slept == []
        with client(web.url, time, ca_file=ca_file) as http:
            assert http.get_json("users")[0] == []


def test_a_certificate_for_another_name_is_refused(time, tmp_path: Path) -> None:
    ca_file, tls = authority(tmp_path)
    with (
        serving(said([Reply()]), tls) as web,
        client(web.url.replace("127.0.0.1", "localhost"), time, ca_file=ca_file) as http,
        pytest.raises(BadInput, match="certificate is not to be trusted"),
    ):
        http.get("users")
