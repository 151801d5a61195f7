"""Asks the servers of agencies, patiently and politely: the one place that speaks HTTP to systems not ours.

* It keeps to a rate, waits when it is told to (429 and 503 with ``Retry-After``) and tries again when a server is in
  trouble (5xx, cut connections, time-outs). When patience ends, :class:`SystemTrouble` says so: nothing is lost, the
  same request is made again later.
* It trusts no one it should not: TLS is verified, plain HTTP is for this machine alone, no redirect is followed and
  no address outside the agency's own server is asked, so a login is never carried elsewhere.
* An answer has an end: in bytes (after unpacking) and in time.
* No secret and no query (it may name people) reaches an exception or a log.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import ipaddress
import logging
import random
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
import msgspec

from connectors.http_logins import Login, UnusableTokenError
from connectors.registry import Agency
from pipeline.errors import BadInput, ConfigurationError, SystemTrouble

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that say nothing about the request: the same one may be answered well a moment later."""
SLOWEST = 20
"""Times ``timeout_s`` that a whole answer may take, however steadily it drips."""
_CHECK_URL = "Check the url in the agency's yml."
_WHAT_IS_WRONG: Mapping[int, tuple[str, str, str]] = {
    300: ("refused.http_redirect", "the server sends us elsewhere", _CHECK_URL),
    401: ("refused.http_login", "the server does not take our login", "Ask the agency for the one in force."),
    403: ("refused.http_forbidden", "the server does not allow us this", "Ask the agency for leave to read it."),
    404: ("refused.http_missing", "the server knows no such address", _CHECK_URL),
    410: ("refused.http_missing", "the server knows no such address any more", _CHECK_URL),
}
_OTHERWISE = ("refused.http_status", "the server answers {status}", "Ask the agency what it expects.")


class Answer(NamedTuple):
    """What a server said; ``headers`` are found in whatever case they are written."""

    content: bytes
    headers: httpx.Headers
    status: int


class Client:
    """Speaks to one agency's server. Not for several threads at once; close it, or use it as a context.

    ``requests_per_second`` counts every request, those for tokens and those made again too. ``ca_file`` names the only
    authority to trust where an agency has one of its own; without it, the public ones are trusted.
    """

    def __init__(
        self,
        agency: Agency,
        base_url: str,
        *,
        authorise: Login,
        requests_per_second: float = 5.0,
        timeout_s: float = 30.0,
        patience_s: float = 300.0,
        largest_answer: int = 64 * 2**20,
        headers: Mapping[str, str] | None = None,
        ca_file: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._agency, self._login = agency, authorise
        self._base = self._own_url(base_url.rstrip("/") + "/")
        self._interval_s, self._not_before = 1 / requests_per_second, 0.0
        self._timeout_s, self._patience_s, self._largest = timeout_s, patience_s, largest_answer
        self._clock, self._sleep = clock, sleep
        self._http = httpx.Client(
            headers={"User-Agent": "flyover", "Accept": "application/json", **(headers or {})},
            timeout=timeout_s,
            verify=True if ca_file is None else ssl.create_default_context(cafile=str(ca_file)),
            trust_env=False,  # neither a proxy nor an authority is taken in by accident
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """Read what lies at ``path``: relative to the base, or a whole address on the same server (a ``next`` link).

        :raises SystemTrouble: the server was in trouble or away for longer than ``patience_s`` (retriable)
        :raises BadInput: the server refuses us, or what it says cannot be used
        """
        url = self._inside(path)
        request = self._http.build_request("GET", url if params is None else url.copy_merge_params(params))
        return self._asked(request, is_ours=True)

    def get_json(self, path: str, params: Mapping[str, str] | None = None) -> tuple[Any, httpx.Headers]:
        """JSON at ``path`` and the headers it came with; raises as :meth:`get` does."""
        answer = self.get(path, params)
        return self._json(answer, self._inside(path)), answer.headers

    def _post_form(self, address: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        request = self._http.build_request("POST", self._own_url(address), data=dict(form), headers=dict(headers))
        return self._json(self._asked(request, is_ours=False), request.url)

    def _asked(self, request: httpx.Request, *, is_ours: bool) -> Answer:
        """The answer, once there is one; ``is_ours`` tells that our login goes with it."""
        wait, deadline, renewed = FIRST_WAIT_S, self._clock() + self._patience_s, False
        while True:
            if is_ours:
                request.headers.update(self._login_headers(request.url))
            pause = wait
            try:
                answer = self._once(request)
            except httpx.RequestError as error:
                self._refuse_untrusted(error, request.url)
                trouble = f"cannot be reached ({type(error).__name__})"
            else:
                if answer.status == httpx.codes.UNAUTHORIZED and is_ours and not renewed:
                    self._login.forget()
                    renewed = True
                    continue
                if answer.status not in PASSING:
                    self._refuse_all_but_good(answer.status, request.url, is_ours=is_ours)
                    return answer
                trouble = f"answers {answer.status}"
                pause = max(wait, _retry_after(answer.headers))
            pause *= random.uniform(1.0, 1.2)  # noqa: S311  several clients need not come back at one moment
            if self._clock() + pause > deadline:
                raise SystemTrouble(
                    f"{self._who}: {_shown(request.url)} {trouble}. Nothing is lost: it is asked again with the next "
                    "run; ask the agency when it lasts."
                ) from None
            log.warning("%s: %s %s - waiting %.1f s", self._who, _shown(request.url), trouble, pause)
            self._sleep(pause)
            wait = min(wait * 2, LONGEST_WAIT_S)

    def _once(self, request: httpx.Request) -> Answer:
        """One try, at the rate allowed.

        :raises httpx.RequestError: when there was no whole answer
        """
        now = self._clock()
        if now < self._not_before:
            self._sleep(self._not_before - now)
        self._not_before = max(now, self._not_before) + self._interval_s
        ends_by = self._clock() + self._timeout_s * SLOWEST
        answer = self._http.send(request, stream=True)
        try:
            content = bytearray()
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > self._largest:
                    raise self._bad(
                        "refused.http_too_large",
                        f"the answer is larger than {self._largest // 2**20} MiB",
                        request.url,
                        "Ask for less at a time (params.page_rows).",
                    )
                if self._clock() > ends_by:
                    raise httpx.ReadTimeout("the answer does not end", request=request)
        finally:
            answer.close()
        return Answer(bytes(content), answer.headers, answer.status_code)

    def _login_headers(self, url: httpx.URL) -> Mapping[str, str]:
        try:
            return self._login.headers(self._post_form)
        except UnusableTokenError:
            raise self._bad(
                "refused.http_login", "the login gave no token", url, "Check token_url and the credential."
            ) from None

    def _refuse_all_but_good(self, status: int, url: httpx.URL, *, is_ours: bool) -> None:
        if status in range(200, 300):
            return
        if not is_ours and status in (400, 403):  # how servers that give out tokens say 401
            status = 401
        code, problem, advice = _WHAT_IS_WRONG.get(300 if status in range(300, 400) else status, _OTHERWISE)
        raise self._bad(code, problem.format(status=status), url, advice)

    def _json(self, answer: Answer, url: httpx.URL) -> Any:
        try:
            return msgspec.json.decode(answer.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self._bad("refused.http_not_json", "the answer is no JSON", url, _CHECK_URL) from None

    def _refuse_untrusted(self, error: BaseException, url: httpx.URL) -> None:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise self._bad(
                    "refused.http_certificate",
                    f"the server's certificate is not to be trusted ({cause.verify_message})",
                    url,
                    "Ask the agency for a valid one, or for its authority's certificate (params.ca_file).",
                ) from None
            cause = cause.__cause__ or cause.__context__

    def _inside(self, path: str) -> httpx.URL:
        """The whole address.

        :raises BadInput: when it leads away from the agency's server: a login must not follow it there
        """
        try:
            url = self._base.join(path)
        except httpx.InvalidURL:
            url = httpx.URL("")
        if (url.scheme, url.host, url.port) != (self._base.scheme, self._base.host, self._base.port) or url.userinfo:
            raise self._bad(
                "refused.http_elsewhere",
                "the server names an address that is not its own",
                self._base,
                "Its links must stay on the server of the url in the agency's yml.",
            )
        return url

    def _own_url(self, address: str) -> httpx.URL:
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.userinfo or not url.host or not (url.scheme == "https" or (url.scheme == "http" and _is_here(url.host))):
            raise ConfigurationError(
                f"{self._who}: an address of its server must begin with https:// and hold no password; "
                "write it into the agency's yml, the credential with ./flyover secret"
            )
        return url

    @property
    def _who(self) -> str:
        return f"{self._agency.agency_code} ({self._agency.source})"

    def _bad(self, code: str, problem: str, url: httpx.URL, advice: str) -> BadInput:
        return BadInput(
            problem,
            agency=self._agency.agency_code,
            source=self._agency.source,
            file=_shown(url),
            advice=advice,
            code=code,
        )


def _shown(url: httpx.URL) -> str:
    """An address as it may be written down: without query, name and password."""
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}"


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _retry_after(headers: httpx.Headers) -> float:
    """Seconds the server asks us to wait; 0 when it does not say, or not so that one can tell."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        moment = email.utils.parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())
