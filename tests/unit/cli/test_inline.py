"""What is handed in at the terminal is taken for what it is."""

from __future__ import annotations

import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli import inline
from connectors import pull
from expectations.decisions import corrections
from expectations.decisions.corrections import Taken
from tests.deliveries import make_agency

REPLAY, DELIVERY, CORRECTION = (uuid.UUID(int=number) for number in range(1, 4))
NOTHING: Any = None


def test_a_correction_is_taken_and_a_delivery_pulled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "orgs.csv").write_text("flyover_entry,sourcedId\nx,o1\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("sourcedId,name\no1,A\n", encoding="utf-8")
    taken = Taken(CORRECTION, 1234, 1200, 30, 4, None, (REPLAY,))
    monkeypatch.setattr(corrections, "take", lambda settings, agency, origin: taken)
    pulled = SimpleNamespace(delivery_id=DELIVERY, read_rows=1, batches=())
    monkeypatch.setattr(pull, "pull", lambda settings, agency, origin: pulled)
    monkeypatch.setattr(inline, "forward", lambda *given: None)
    monkeypatch.setattr(inline, "close", lambda *given, **more: None)
    said: list[str] = []
    origins = [tmp_path / "orgs.csv", tmp_path / "b.csv"]
    staged = inline.carry(NOTHING, make_agency("oneroster"), origins, said.append, release=False)
    assert staged == [REPLAY, DELIVERY]
    assert "1,200 of 1,234 rows mended, 30 left as they were, 4 not taken" in said[0]
    assert str(CORRECTION) in said[0]


def test_a_file_that_came_before_is_said_to_be_the_same() -> None:
    assert str(CORRECTION) in corrections.in_words(Taken(REPLAY, 0, 0, 0, 0, CORRECTION, ()))
