"""Short package names are easily shadowed by something installed: ours must be the ones that import."""

import importlib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "name", ["pipeline", "connectors", "expectations", "alerting", "release", "simulator", "stack", "cli"]
)
def test_package_comes_from_this_checkout(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve().is_relative_to(CHECKOUT)
