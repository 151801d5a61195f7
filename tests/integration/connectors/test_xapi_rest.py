"""A learning record store asked over HTTP: page by page, from where it was left, nothing lost and nothing doubled."""

import dataclasses
import json
from collections.abc import Callable, Iterator

import pytest

from connectors import outbox, pull
from connectors.registry import Agency
from connectors.sources.xapi import Xapi
from connectors.transports.xapi_rest import LearningRecordStore
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import Settings
from tests import record_store
from tests.record_store import Store
from tests.staged import new_agency

Ask = Callable[..., list[pull.Delivery]]


class Killed(BaseException):
    """Stands for a kill: nothing below catches it."""


@pytest.fixture
def store() -> Iterator[Store]:
    with record_store.running(Store()) as running:
        for number in range(5):
            running.keep(f"s-{number}")
        yield running


@pytest.fixture
def agency(store: Store, settings: Settings) -> Agency:
    params = {"url": store.url, "requests_per_second": "1000", "page_rows": "2", "patience_s": "20"}
    found = dataclasses.replace(new_agency("xapi"), mode="append", transport="rest", params=params)
    write_down(settings, found, "the-secret")
    return found


def write_down(settings: Settings, agency: Agency, password: str) -> None:
    folder = settings.state_dir / "credentials"
    folder.mkdir(exist_ok=True)
    path = folder / f"{agency.agency_code}.json"
    path.write_text(json.dumps({"user": "us", "password": password}))
    path.chmod(0o600)


@pytest.fixture
def ask(settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> Ask:
    def asked(**params: str) -> list[pull.Delivery]:
        monkeypatch.setattr(Xapi, "transports", {"rest": lambda: LearningRecordStore(lambda _: None)})
        return pull.pull_live(settings, dataclasses.replace(agency, params={**agency.params, **params}))

    return asked


def staged(settings: Settings, agency: Agency) -> list[tuple[str, int]]:
    """(id, version) of everything staged, in order."""
    with connect(settings, outbox.ROLE) as connection:
        return connection.execute(
            "select o.record_id, o.version from connect.outbox as o inner join connect.batch as b "
            "on b.batch_id = o.batch_id where b.agency_code = %s order by o.record_id, o.version",
            (agency.agency_code,),
        ).fetchall()


def once(store: Store) -> list[tuple[str, int]]:
    return [(one["id"], 1) for one in store.statements]


def test_a_store_is_read_page_by_page_and_then_only_what_is_new(
    settings: Settings, agency: Agency, store: Store, ask: Ask
) -> None:
    assert [found.read_rows for found in ask()] == [2, 2, 1]
    store.keep("s-9")
    store.asked.clear()
    assert sum(found.read_rows for found in ask()) == 1
    assert "since" in store.asked[0]
    assert staged(settings, agency) == once(store)


@pytest.mark.parametrize("statements", [0, 1, 3])
def test_a_reading_that_ends_on_a_full_page_goes_on_with_what_comes_later(
    settings: Settings, agency: Agency, store: Store, ask: Ask, statements: int
) -> None:
    store.keep("s-6")  # six in all: the third page is full and names a fourth, which is empty
    ask()
    for number in range(statements):
        store.keep(f"later-{number}")
    ask()
    ask()
    assert staged(settings, agency) == once(store)


@pytest.mark.parametrize("says_consistent", [True, False])
def test_a_statement_stored_late_by_another_machine_is_not_missed(
    settings: Settings, agency: Agency, store: Store, ask: Ask, says_consistent: bool
) -> None:
    store.says_consistent = says_consistent
    store.keep("slow machine")
    store.keep("fast machine")
    late = store.statements.pop(-2)
    if says_consistent:
        store.statements.insert(-1, late)
        store.holds_back = 2
        ask()
        store.holds_back = 0
    else:
        ask()
        store.statements.insert(-1, late)
    ask()
    assert staged(settings, agency) == sorted(once(store))


@pytest.mark.parametrize("pages", [0, 1, 2])
@pytest.mark.parametrize("forgets", [False, True])
def test_a_kill_between_pages_loses_and_doubles_nothing(
    settings: Settings,
    agency: Agency,
    store: Store,
    ask: Ask,
    pages: int,
    forgets: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = pull._discard
    left = iter(range(pages))

    def killed(origin: object) -> None:
        if next(left, None) is None:
            raise Killed
        real(origin)  # type: ignore[arg-type]

    monkeypatch.setattr(pull, "_discard", killed)
    with pytest.raises(Killed):
        ask()
    monkeypatch.setattr(pull, "_discard", real)
    store.forgets_pages = forgets
    ask(page_rows="100")
    store.forgets_pages = False
    assert staged(settings, agency) == once(store)


def test_trouble_is_waited_out_and_a_login_changed_meanwhile_is_read_anew(
    settings: Settings, agency: Agency, store: Store, ask: Ask
) -> None:
    store.faults = [503, 429, 500]
    store.login = ("us", "the-new-secret")
    with pytest.raises(BadInput) as refused:
        ask()
    assert refused.value.code == "refused.http_login"
    assert "the-secret" not in str(refused.value)
    write_down(settings, agency, "the-new-secret")
    ask()
    assert staged(settings, agency) == once(store)


def test_something_else_than_statements_is_refused_with_the_address_to_check(store: Store, ask: Ask) -> None:
    store.url += "x"
    with pytest.raises(BadInput) as refused:
        ask(url=store.url)
    assert refused.value.code == "refused.http_missing"


def test_a_wrong_statement_is_set_aside_alone(settings: Settings, agency: Agency, store: Store, ask: Ask) -> None:
    store.keep("s-7", verb="no iri at all")
    ask()
    with connect(settings, outbox.ROLE) as connection:
        aside = connection.execute(
            "select o.reason, o.part from connect.outbox as o inner join connect.batch as b on b.batch_id = o.batch_id "
            "where b.agency_code = %s and o.op = 'rejected'",
            (agency.agency_code,),
        ).fetchall()
    assert aside == [("reader.xapi_verb", None)]
    assert len(staged(settings, agency)) == 6
