"""The watcher of a drop folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from dags.wiring import deliveries
from dags.wiring.deliveries import DeliveryWatcher, entries
from pipeline.settings import DATABASE_ROLES

KEY = "11" * 32


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The drop folder of ``ou-uk`` in a state directory of its own."""
    address = {"kafka_bootstrap": "127.0.0.1:1", "pg_host": "127.0.0.1", "pg_port": 1, "pg_database": "flyover"}
    keys = dict.fromkeys(("vault_master_key", "intake_key", "quarantine_key"), KEY)
    secrets = {"pg_passwords": dict.fromkeys(DATABASE_ROLES, "x"), "hmac_keys": {"1": KEY}, "hmac_active": "1", **keys}
    (tmp_path / "stack.json").write_text(json.dumps(address))
    (tmp_path / "secrets.json").write_text(json.dumps(secrets))
    monkeypatch.setenv("FLYOVER_STATE", str(tmp_path))
    monkeypatch.setattr(deliveries, "LOOK_S", 0.02)
    drop = tmp_path / "agencies" / "ou-uk"
    drop.mkdir(parents=True)
    return drop


def play(scene: Callable[[Callable[[], Awaitable[Any]]], Awaitable[None]]) -> None:
    """Run a scene that is handed a way to await the next event's payload."""

    async def whole() -> None:
        events: AsyncIterator[Any] = DeliveryWatcher("ou-uk").run()

        async def told() -> Any:
            return (await anext(events)).payload

        await scene(told)

    asyncio.run(asyncio.wait_for(whole(), 20))


def test_deliveries_are_told_of_once_and_again_when_they_change(folder: Path) -> None:
    async def scene(told: Callable[[], Awaitable[Any]]) -> None:
        (folder / "a.zip").write_bytes(b"1")
        (folder / "b").mkdir()
        (folder / "b" / "vle.csv").write_bytes(b"1")
        assert await told() == {"agency": "ou-uk", "deliveries": 2}
        (folder / "b" / "vle.csv").write_bytes(b"22")
        assert (await told())["deliveries"] == 1
        (folder / "c.zip").write_bytes(b"1")
        assert (await told())["deliveries"] == 1

    play(scene)


def test_a_file_that_still_grows_is_not_told_of(folder: Path) -> None:
    async def scene(told: Callable[[], Awaitable[Any]]) -> None:
        waiting = asyncio.ensure_future(told())
        for size in range(1, 60):
            (folder / "big.zip").write_bytes(b"x" * size)
            await asyncio.sleep(0.005)
            assert not waiting.done()
        assert (await waiting)["deliveries"] == 1

    play(scene)


def test_what_is_not_a_delivery_is_passed_over(folder: Path) -> None:
    (folder / "whole.zip").write_bytes(b"1")
    (folder / "half.zip.part").write_bytes(b"1")
    (folder / ".hidden").write_bytes(b"1")
    (folder / "link.zip").symlink_to(folder / "whole.zip")
    assert [name for name, _ in entries(folder)] == ["whole.zip"]
    assert list(entries(folder / "nowhere")) == []
