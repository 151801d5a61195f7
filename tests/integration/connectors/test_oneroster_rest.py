"""A OneRoster service asked over HTTP: what changed, what vanished, under faults, changes and kills; nothing lost."""

import dataclasses
import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from connectors import outbox, pull
from connectors.registry import Agency
from connectors.sources.oneroster import OneRoster
from connectors.transports.oneroster_rest import OneRosterRest
from pipeline.db import connect
from pipeline.errors import BadInput, ConfigurationError, SystemTrouble
from pipeline.settings import Settings
from tests import oneroster_provider
from tests.oneroster_provider import BEGINNING, Provider, cut_off, fine, refuse_once, school
from tests.staged import new_agency

Ask = Callable[..., list[pull.Delivery]]
Event = tuple[str, str, int, str]
START = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


class Halted(BaseException):
    """Stands for a kill: nothing below catches it."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oneroster_provider.running(Provider()) as running:
        yield running


@pytest.fixture
def agency(provider: Provider, settings: Settings) -> Agency:
    params = {
        "url": f"{provider.url}/ims/oneroster",
        "token_url": f"{provider.url}/token",
        "requests_per_second": "1000",
        "page_rows": "3",
        "patience_s": "20",
        "overlap_minutes": "1",
    }
    asked = dataclasses.replace(new_agency(), mode="delta", transport="rest", params=params)
    write_down(settings, asked, "the-secret")
    return asked


def write_down(settings: Settings, agency: Agency, secret: str) -> None:
    folder = settings.state_dir / "credentials"
    folder.mkdir(exist_ok=True)
    path = folder / f"{agency.agency_code}.json"
    path.write_text(json.dumps({"client_id": "us", "client_secret": secret}))
    path.chmod(0o600)


@pytest.fixture
def ask(settings: Settings, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """One pull, some days after the first one; no waiting between requests."""

    def asked(*, day: float = 0, slice_rows: int = 10_000, **params: str) -> list[pull.Delivery]:
        transport = OneRosterRest(lambda: START + dt.timedelta(days=day), lambda _: None, slice_rows)
        monkeypatch.setattr(OneRoster, "transports", {"rest": lambda: transport})
        return pull.pull_live(settings, dataclasses.replace(agency, params={**agency.params, **params}))

    return asked


def events(settings: Settings, agency: Agency) -> list[Event]:
    """Everything staged for an agency: (entity, record id, version, operation)."""
    with connect(settings, outbox.ROLE) as connection:
        return connection.execute(
            "select b.entity, o.record_id, o.version, o.op from connect.outbox as o "
            "inner join connect.batch as b on b.batch_id = o.batch_id where b.agency_code = %s "
            "order by 1, 2, 3",
            (agency.agency_code,),
        ).fetchall()


def data(settings: Settings, agency: Agency, entity: str, record_id: str) -> dict[str, str]:
    with connect(settings, outbox.ROLE) as connection:
        (found,) = connection.execute(
            "select o.data from connect.outbox as o inner join connect.batch as b on b.batch_id = o.batch_id "
            "where b.agency_code = %s and b.entity = %s and o.record_id = %s order by o.version desc limit 1",
            (agency.agency_code, entity, record_id),
        ).fetchone()
    return json.loads(found)


def said_by(provider: Provider, version: int = 1) -> set[Event]:
    """What must be staged when everything the provider knows is taken in once."""
    entities = {"academicSessions": "academic_sessions", "lineItems": "line_items"}
    whole = {
        (entities.get(collection, collection), key, version, "upsert")
        for collection, things in provider.things.items()
        for key in things
    }
    return whole | {("roles", f"{key}/s1/student/2026-09-01", version, "upsert") for key in provider.things["users"]}


def test_everything_is_taken_in_as_the_files_would_have_it(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider)
    ask()
    found = events(settings, agency)
    assert set(found) == said_by(provider)
    assert len(found) == len(set(found))
    assert data(settings, agency, "orgs", "s1") == {
        "sourcedId": "s1", "name": "甲小学", "type": "school", "parentSourcedId": "b1",
        "metadata.cn.divisionCode": "339901",
    }  # fmt: skip
    assert data(settings, agency, "orgs", "b1")["metadata.cn.divisionCode"] == "339901"
    assert data(settings, agency, "courses", "c1")["grades"] == "01,02"
    assert data(settings, agency, "courses", "c1")["schoolYearSourcedId"] == "y1"
    assert data(settings, agency, "classes", "k1")["termSourcedIds"] == "y1"
    assert data(settings, agency, "line_items", "l1")["academicSessionSourcedId"] == "y1"
    assert data(settings, agency, "results", "r1")["score"] == "87.5"
    assert data(settings, agency, "results", "r1")["late"] == "false"
    user = data(settings, agency, "users", "u0000")
    assert user == {"sourcedId": "u0000", "enabledUser": "true", "primaryOrgSourcedId": "s1"}
    role = data(settings, agency, "roles", "u0000/s1/student/2026-09-01")
    assert (role["userSourcedId"], role["orgSourcedId"], role["role"]) == ("u0000", "s1", "student")


def test_asked_again_only_what_changed_is_told(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider)
    ask()
    ask()  # the overlap
    before = len(events(settings, agency))
    provider.asked.clear()
    assert ask() == []
    assert len(events(settings, agency)) == before
    assert all("filter=dateLastModified" in address for address in provider.asked)
    provider.put("users", "u0001", givenName="红", enabledUser=False)
    provider.put("enrollments", "e0002", status="tobedeleted")
    ask()
    changed = {("users", "u0001", 2, "upsert"), ("enrollments", "e0002", 2, "delete")}
    assert Counter(events(settings, agency)) == Counter(said_by(provider) | changed)


def test_a_change_that_was_late_to_be_seen_is_caught_by_the_overlap(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider)
    ask()
    latest = max(dt.datetime.fromisoformat(t["dateLastModified"]) for t in provider.things["orgs"].values())
    provider.put("orgs", "late", at=latest - dt.timedelta(seconds=30), name="乙", type="school")
    ask()
    assert ("orgs", "late", 1, "upsert") in events(settings, agency)


def test_a_time_in_the_future_does_not_hide_what_comes_after(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    provider.put("orgs", "odd", at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC), name="甲", type="school")
    ask()
    provider.put("orgs", "now", at=dt.datetime.now(dt.UTC), name="乙", type="school")
    ask()
    assert ("orgs", "now", 1, "upsert") in events(settings, agency)


def test_what_vanished_without_a_word_is_found_when_all_is_read_again(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider)
    ask()
    provider.drop("enrollments", "e0003")
    provider.put("users", "u0002", roles=[])
    ask(day=6.9)
    assert not [event for event in events(settings, agency) if event[3] == "delete"]
    ask(day=7)
    assert {event for event in events(settings, agency) if event[3] == "delete"} == {
        ("enrollments", "e0003", 2, "delete"),
        ("roles", "u0002/s1/student/2026-09-01", 2, "delete"),
    }
    provider.asked.clear()
    ask(day=8)
    assert all("filter=" in address for address in provider.asked)
    provider.put("enrollments", "e0003", status="active", user={"sourcedId": "u0003"}, role="student",
                 school={"sourcedId": "s1"}, **{"class": {"sourcedId": "k1"}})  # fmt: skip
    ask(day=8)
    assert ("enrollments", "e0003", 3, "upsert") in events(settings, agency)


def test_a_full_reading_that_breaks_off_deletes_nothing_and_goes_on_later(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider, 8)
    ask()
    provider.drop("users", "u0007")
    provider.drop("orgs", "b1")
    provider.faults = [*[fine] * 6, refuse_once(403)]
    with pytest.raises(BadInput) as refusal:
        ask(day=7)
    assert refusal.value.code == "refused.http_forbidden"
    assert {event for event in events(settings, agency) if event[3] == "delete"} == {("orgs", "b1", 2, "delete")}
    provider.asked.clear()
    ask(day=7)
    assert not [address for address in provider.asked if "/orgs" in address]
    assert ("users", "u0007", 2, "delete") in events(settings, agency)


def test_a_service_that_counts_more_than_it_tells_is_not_believed(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider)
    ask()
    provider.drop("orgs", "b1")
    provider.counts_too_many, provider.tells_links = 1, False
    with pytest.raises(SystemTrouble, match="changes faster than it can be read"):
        ask(day=7)
    assert not [event for event in events(settings, agency) if event[3] == "delete"]


@pytest.mark.parametrize("shift", ["left", "right", "far left"])
@pytest.mark.parametrize("full", [False, True])
def test_pages_that_move_while_they_are_read_lose_nothing(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask, full: bool, shift: str
) -> None:
    for number in range(40):
        provider.put("orgs", f"o{number:02}", name="甲", type="school")
    if full:
        ask()
        for number in range(40):
            provider.put("orgs", f"o{number:02}", name="乙")
    expected = dict(provider.things["orgs"])
    numbers = iter(range(1000))

    def move(collection: str, offset: int) -> None:
        """Between two pages, objects that were read vanish, or new ones appear before them."""
        if collection != "orgs" or not 3 < offset < 20:
            return
        for _ in range({"left": 1, "right": 1, "far left": 3}[shift]):
            number = next(numbers)
            if shift == "right":
                provider.put("orgs", f"a{number:02}", at=BEGINNING, name="丙", type="school")
            else:
                expected.pop(f"o{number:02}", None)
                provider.things["orgs"].pop(f"o{number:02}", None)

    provider.before_page = move
    ask(day=7 if full else 0, overlap_minutes="0")
    known = names_of_orgs(settings, agency)
    assert next(numbers) > 2
    assert {key: known.get(key) for key in expected} == {key: thing["name"] for key, thing in expected.items()}


def names_of_orgs(settings: Settings, agency: Agency) -> dict[str, str]:
    """By record id, the name in its latest version."""
    with connect(settings, outbox.ROLE) as connection:
        found = connection.execute(
            "select distinct on (o.record_id) o.record_id, o.data from connect.outbox as o "
            "inner join connect.batch as b on b.batch_id = o.batch_id "
            "where b.agency_code = %s and b.entity = 'orgs' and o.op = 'upsert' order by o.record_id, o.version desc",
            (agency.agency_code,),
        ).fetchall()
    return {record_id: json.loads(data)["name"] for record_id, data in found}


def test_faults_on_the_way_change_nothing_in_the_end(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider, 9)

    def lose_token(request: object) -> None:
        provider.revoke_tokens()

    provider.faults = [
        refuse_once(429, **{"Retry-After": "3"}), fine, refuse_once(500), cut_off, fine, lose_token, fine,
        refuse_once(503), refuse_once(502), cut_off, lose_token,
    ]  # fmt: skip
    ask()
    found = events(settings, agency)
    assert provider.faults == []
    assert sorted(found) == sorted(said_by(provider))


def test_a_service_that_stays_in_trouble_is_left_to_the_next_run(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider, 9)
    provider.faults = [*[fine] * 3, *[refuse_once(500)] * 50]
    with pytest.raises(SystemTrouble, match=r"500\. Nothing is lost"):
        ask(patience_s="6")
    provider.faults = []
    ask()
    assert sorted(events(settings, agency)) == sorted(said_by(provider))


@pytest.mark.parametrize(
    "ways",
    [
        {"largest_page": 2},
        {"tells_total": False},
        {"tells_links": False},
        {"tells_total": False, "tells_links": False},
        {"tells_total": False, "tells_links": False, "largest_page": 2},
        {"own_paging": True},
    ],
    ids=str,
)
def test_services_that_page_in_their_own_ways_are_read_to_the_end(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask, ways: dict[str, bool]
) -> None:
    school(provider, 10)
    vars(provider).update(ways)
    ask()
    assert sorted(events(settings, agency)) == sorted(said_by(provider))


@pytest.mark.parametrize("killed_after", [1, 2, 4, 7])
def test_a_halt_between_slices_loses_and_doubles_nothing(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask, killed_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    school(provider, 9)
    taken = iter(range(killed_after))
    honest = outbox.stage

    def stage(*arguments: object) -> pull.Delivery:
        if next(taken, None) is None:
            raise Halted
        return honest(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "stage", stage)
        with pytest.raises(Halted):
            ask(slice_rows=4)
    assert 0 < len(events(settings, agency)) < len(said_by(provider))
    ask(slice_rows=4)
    assert sorted(events(settings, agency)) == sorted(said_by(provider))


PULL = """
import dataclasses, json, sys
from connectors import pull
from connectors.registry import Agency
from pipeline.settings import load
pull.pull_live(load(), Agency(**json.loads(sys.argv[1])))
"""


@pytest.mark.parametrize("day", ["first", "full"])
def test_a_process_killed_while_it_asks_loses_and_doubles_nothing(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask, day: str
) -> None:
    school(provider, 9)
    params = {**agency.params, "page_rows": "2"}
    if day == "full":
        ask()
        provider.drop("users", "u0008")
        provider.drop("orgs", "b1")
        params["full_every"] = "0"
    killed: list[int] = []
    pages = iter(range(1000))
    child: list[subprocess.Popen[bytes]] = []

    def kill(collection: str, offset: int) -> None:
        if collection == "users" and offset and next(pages) == 2:
            os.kill(child[0].pid, signal.SIGKILL)
            killed.append(child[0].wait())

    provider.before_page = kill
    asked = json.dumps({**dataclasses.asdict(agency), "params": params})
    environment = {**os.environ, "FLYOVER_STATE": str(settings.state_dir)}
    child.append(subprocess.Popen([sys.executable, "-c", PULL, asked], env=environment))
    child[0].wait(120)
    assert killed == [-signal.SIGKILL]
    before = events(settings, agency)
    ask(**params)
    found = events(settings, agency)
    assert len(before) < len(found)
    gone = {
        ("orgs", "b1", 2, "delete"),
        ("users", "u0008", 2, "delete"),
        ("roles", "u0008/s1/student/2026-09-01", 2, "delete"),
    }
    left = {(entity, key, 1, "upsert") for entity, key, _, _ in gone}
    assert sorted(found) == sorted(said_by(provider) | (gone | left if day == "full" else set()))


def test_a_secret_can_be_changed_between_two_pulls(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider)
    ask(entities="orgs")
    provider.login = ("us", "a-new-one")
    provider.revoke_tokens()
    with pytest.raises(BadInput) as refusal:
        ask()
    assert refusal.value.code == "refused.http_login"
    assert "the-secret" not in str(refusal.value)
    write_down(settings, agency, "a-new-one")
    ask()
    assert set(events(settings, agency)) == said_by(provider)


def test_only_the_entities_named_are_asked_for(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider)
    ask(entities="orgs, roles")
    assert {entity for entity, *_ in events(settings, agency)} == {"orgs", "users", "roles"}
    with pytest.raises(ConfigurationError, match="there are no planets"):
        ask(entities="orgs, planets")


@pytest.mark.parametrize("missing", ["url", "token_url"])
def test_an_address_that_is_missing_is_named(settings: Settings, agency: Agency, missing: str) -> None:
    params = {name: value for name, value in agency.params.items() if name != missing}
    with pytest.raises(ConfigurationError, match=rf"params\.{missing} is missing"):
        pull.pull_live(settings, dataclasses.replace(agency, params=params))


def test_another_service_is_not_taken_for_oneroster(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    provider.faults = [lambda request: oneroster_provider.JSONResponse({"items": []})]
    with pytest.raises(BadInput, match="holds no list orgs") as refusal:
        ask()
    assert refusal.value.code == "refused.oneroster_rest_shape"


def test_deviations_are_told_and_a_status_no_one_knows_is_set_aside(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    provider.put("orgs", "o1", name="甲", type="School")
    provider.put("orgs", "o2", name="乙", type="school", status="withdrawn")
    provider.put("orgs", "o3", name="丙", type="school", status="inactive")
    (delivery,) = ask()
    assert [(batch.expected_rows, batch.rejected_rows) for batch in delivery.batches] == [(3, 1)]
    with connect(settings, outbox.ROLE) as connection:
        told = connection.execute(
            "select code, field, rows from connect.repair where delivery_id = %s order by code", (delivery.delivery_id,)
        ).fetchall()
        aside = connection.execute(
            "select o.record_id, o.reason, o.field from connect.outbox as o inner join connect.batch as b "
            "on b.batch_id = o.batch_id where b.delivery_id = %s and o.reason is not null",
            (delivery.delivery_id,),
        ).fetchall()
    assert told == [("repair.oneroster_status_inactive", "status", 1), ("repair.oneroster_word", "type", 1)]
    assert aside == [("o2", "reader.oneroster_status", "status")]


def test_nothing_the_service_says_of_a_person_is_left_lying_about(
    settings: Settings, agency: Agency, provider: Provider, ask: Ask
) -> None:
    school(provider)
    ask()
    kept = [path for path in settings.state_dir.rglob("*") if path.is_file()]
    assert any("intake" in path.parts for path in kept)
    assert not [path for path in kept if b"never-send-this" in path.read_bytes()]
    assert not [path for path in kept if "live" in path.parts and path.suffix != ".lock"]
