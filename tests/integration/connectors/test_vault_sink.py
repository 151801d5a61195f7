"""The vault's sink takes in side-cars exactly once, keeps nothing of the erased, sets aside what is none."""

import pytest

from connectors import data_keys, producer, vault
from connectors.registry import Agency
from connectors.sources.base import Row
from pipeline import kafka, names, sealing
from pipeline.db import connect
from pipeline.settings import Settings
from tests.staged import new_agency, stage, table

GOOD_ID = "339901188001011113"


@pytest.fixture
def agency() -> Agency:
    return new_agency()


def person(number: int, name: str = "甲", resident_id: str | None = None) -> Row:
    return Row(2, {"sourcedId": f"u{number}", "givenName": name, "userMasterIdentifier": resident_id})


def published(settings: Settings, agency: Agency, *rows: Row) -> None:
    stage(settings, agency, table("users", *rows, mode="delta"))
    producer.publish(settings)


def kept(settings: Settings, agency: Agency) -> list[tuple[str, int, str, str, bytes]]:
    with connect(settings, vault.ROLE) as keeper:
        return keeper.execute(
            "select record_id, version, subject, id_status, sealed from vault.identity "
            "where agency_code = %s order by 1, 2",
            (agency.agency_code,),
        ).fetchall()


def test_sidecars_arrive_and_open_with_the_subjects_key(settings: Settings, agency: Agency) -> None:
    published(settings, agency, person(1, resident_id=GOOD_ID), person(2))
    report = vault.drain_vault(settings)
    assert report.rows >= 2
    one, two = kept(settings, agency)
    assert (one[0], one[1], one[3], two[3]) == ("u1", 1, "valid", "missing")
    with connect(settings, "flyover_linker") as linker:  # the vault's own role keeps what it cannot open
        keys = data_keys.known(linker, settings.secrets.vault_master_key, [one[2]])
    assert GOOD_ID.encode() in sealing.unseal(keys[one[2]], one[4], data_keys.context(one[2]))


def test_each_version_is_kept_once_however_often_it_comes(settings: Settings, agency: Agency) -> None:
    published(settings, agency, person(1, "甲"))
    published(settings, agency, person(1, "乙"))
    vault.drain_vault(settings)
    assert [(record_id, version) for record_id, version, *_ in kept(settings, agency)] == [("u1", 1), ("u1", 2)]
    before = kept(settings, agency)
    producer.resend(settings, producer.unlanded(settings))
    assert vault.drain_vault(settings).rows > 0
    assert kept(settings, agency) == before
    assert vault.drain_vault(settings).rows == 0


def test_a_sidecar_that_arrives_after_the_erasure_is_dropped(settings: Settings, agency: Agency) -> None:
    published(settings, agency, person(1), person(2))
    with connect(settings, "flyover_owner") as owner:
        owner.execute("insert into vault.erased values (%s)", (f"{agency.agency_code}:oneroster.users:u1",))
    vault.drain_vault(settings)
    assert [record_id for record_id, *_ in kept(settings, agency)] == ["u2"]


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\x00",
        b"{}",
        b"null",
        b'{"agency_code":"a","source":"s","entity":"e","record_id":"r","version":99999999999,"subject":"x","sealed":""}',
        b'{"agency_code":"a\\u0000","source":"s","entity":"e","record_id":"r","version":1,"subject":"x","sealed":""}',
    ],
)
def test_what_is_no_sidecar_is_set_aside_sealed_and_stops_nothing(
    settings: Settings, agency: Agency, value: bytes
) -> None:
    def aside() -> list[tuple[str, bytes]]:
        with connect(settings, vault.ROLE) as keeper:
            return keeper.execute("select error, sealed_value from vault.undecodable order by landed_at").fetchall()

    vault.drain_vault(settings)
    before = len(aside())
    with kafka.Publisher(settings) as publisher:
        publisher.send(names.VAULT_TOPIC, b"k", value)
        publisher.flush()
    published(settings, agency, person(1))
    vault.drain_vault(settings)
    assert len(kept(settings, agency)) == 1
    found = aside()
    assert len(found) == before + 1
    opened = sealing.unseal(settings.secrets.quarantine_key, found[-1][1], vault.UNDECODABLE_CONTEXT)
    assert opened == value
