"""A warehouse with registers of named people."""

import pytest

from pipeline.settings import Settings
from tests.registers import Registers
from tests.released import a_world


@pytest.fixture(scope="module")
def registers(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Registers:
    """Nobody is known yet but a crowd."""
    registers = Registers(a_world(settings, tmp_path_factory.mktemp("agencies")))
    registers.crowd()
    return registers
