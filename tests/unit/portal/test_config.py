from __future__ import annotations

import pytest

from pipeline.errors import ConfigurationError
from portal import config


def test_settings_come_from_the_environment() -> None:
    found = config.load({"FLYOVER_PORTAL_MAX_MB": "5", "FLYOVER_PORTAL_URL": "https://desk.example/"})
    assert (found.max_upload_bytes, found.public_url, found.is_https) == (5 * 2**20, "https://desk.example", True)
    assert not config.load({}).is_https


@pytest.mark.parametrize(
    ("name", "value"), [("FLYOVER_PORTAL_MAX_MB", "0"), ("FLYOVER_PORTAL_MAX_MB", "1G"), ("FLYOVER_PORTAL_URL", "desk")]
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        config.load({name: value})
