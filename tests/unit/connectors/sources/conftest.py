"""Writable copies of the fixtures."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.deliveries import FIXTURES


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A writable copy of the OneRoster 1.2 fixture."""
    return Path(shutil.copytree(FIXTURES / "oneroster" / "bulk_1p2", tmp_path / "bundle"))


@pytest.fixture
def seven_tables(tmp_path: Path) -> Path:
    """A writable copy of the OULAD fixture."""
    return Path(shutil.copytree(FIXTURES / "oulad" / "seven_tables", tmp_path / "oulad"))
