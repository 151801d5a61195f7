"""The intake store's files: sealed, whole, and bound to their delivery."""

import dataclasses
import datetime as dt
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import intake
from pipeline.errors import BadInput
from pipeline.sealing import SealBroken
from pipeline.settings import Settings, parse_secrets

SECRETS = parse_secrets(
    {
        "pg_passwords": {},
        "hmac_keys": {"1": "11" * 32},
        "hmac_active": "1",
        "vault_master_key": "22" * 32,
        "intake_key": "33" * 32,
        "quarantine_key": "44" * 32,
    }
)
CHUNK = 1024 * 1024


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Actions that would be written to the audit log."""
    actions: list[str] = []

    def note(settings: Settings, action: str, delivery: object, detail: dict[str, Any]) -> None:
        actions.append(action)

    monkeypatch.setattr(intake, "_log", note)
    return actions


@pytest.fixture
def settings(tmp_path: Path, logged: list[str]) -> Settings:
    return Settings(tmp_path / "state", "127.0.0.1:1", "127.0.0.1", 1, "none", SECRETS)


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "2026-11"
    (folder / "inner").mkdir(parents=True)
    (folder / "orgs.csv").write_bytes("sourcedId,name\no1,机密校\n".encode())
    (folder / "inner" / "big.csv").write_bytes(os.urandom(2 * CHUNK + 17))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_kept_original_comes_back_byte_for_byte_and_every_look_is_logged(
    settings: Settings, origin: Path, tmp_path: Path, logged: list[str]
) -> None:
    delivery = uuid.uuid4()
    with intake.kept(settings, "sch-test", delivery, origin) as place:
        pass
    sealed = place.read_bytes()
    assert b"orgs.csv" not in sealed
    assert "机密校".encode() not in sealed
    assert place.stat().st_mode & 0o077 == 0
    intake.restore(settings, "sch-test", delivery, tmp_path / "back", why="test")
    assert contents(tmp_path / "back" / origin.name) == contents(origin)
    assert logged == ["intake.stored", "intake.opened"]


def test_a_single_file_is_kept_too(settings: Settings, origin: Path, tmp_path: Path) -> None:
    delivery = uuid.uuid4()
    with intake.kept(settings, "sch-test", delivery, origin / "orgs.csv"):
        pass
    intake.restore(settings, "sch-test", delivery, tmp_path / "back", why="test")
    assert contents(tmp_path / "back") == {"orgs.csv": (origin / "orgs.csv").read_bytes()}


def test_nothing_is_kept_of_a_delivery_that_failed(settings: Settings, origin: Path) -> None:
    with pytest.raises(BadInput), intake.kept(settings, "sch-test", uuid.uuid4(), origin):
        raise BadInput("wrong header")
    assert contents(settings.intake_dir) == {}


def cut_last_chunk(sealed: bytes) -> bytes:
    return sealed[: 2 * (4 + CHUNK + 28)]


def swap_chunks(sealed: bytes) -> bytes:
    size = 4 + CHUNK + 28
    return sealed[size : 2 * size] + sealed[:size] + sealed[2 * size :]


def flip(sealed: bytes) -> bytes:
    return sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:]


@pytest.mark.parametrize("damage", [cut_last_chunk, swap_chunks, flip, lambda sealed: sealed[:-1]])
def test_a_copy_that_was_touched_does_not_open(
    settings: Settings, origin: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    delivery = uuid.uuid4()
    with intake.kept(settings, "sch-test", delivery, origin) as place:
        pass
    place.write_bytes(damage(place.read_bytes()))
    with pytest.raises(SealBroken):
        intake.restore(settings, "sch-test", delivery, tmp_path / "back", why="test")


def test_a_copy_opens_for_its_own_delivery_only(settings: Settings, origin: Path, tmp_path: Path) -> None:
    mine, other = uuid.uuid4(), uuid.uuid4()
    with intake.kept(settings, "sch-test", mine, origin) as place:
        pass
    place.rename(place.with_name(f"{other}.sealed"))
    with pytest.raises(SealBroken):
        intake.restore(settings, "sch-test", other, tmp_path / "back", why="test")
    with pytest.raises(BadInput, match="90 days"):
        intake.restore(settings, "sch-test", mine, tmp_path / "back", why="test")


def test_originals_go_when_their_retention_ends(settings: Settings, origin: Path, logged: list[str]) -> None:
    with intake.kept(settings, "sch-test", uuid.uuid4(), origin) as old:
        pass
    with intake.kept(settings, "sch-test", uuid.uuid4(), origin) as young:
        pass
    now = dt.datetime.now(dt.UTC)
    ended = (now - dt.timedelta(days=91)).timestamp()
    os.utime(old, (ended, ended))
    assert intake.purge(settings, now=now) == 1
    assert (old.exists(), young.exists()) == (False, True)
    assert logged[-1] == "intake.purged"


def test_fingerprint_follows_names_and_contents(origin: Path, tmp_path: Path) -> None:
    before = intake.fingerprint(origin)
    moved = origin.rename(tmp_path / "elsewhere")
    assert intake.fingerprint(moved) == before
    (moved / "orgs.csv").rename(moved / "organisations.csv")
    renamed = intake.fingerprint(moved)
    (moved / "organisations.csv").write_text("other")
    assert len({before, renamed, intake.fingerprint(moved)}) == 3


def test_settings_without_a_store_have_nothing_to_purge(settings: Settings) -> None:
    empty = dataclasses.replace(settings, state_dir=settings.state_dir / "none")
    assert intake.purge(empty, now=dt.datetime.now(dt.UTC)) == 0
