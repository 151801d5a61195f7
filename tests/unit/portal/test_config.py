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


def test_metrics_are_for_this_machine_unless_others_are_named() -> None:
    assert config.load({}).metrics_from == config.LOOPBACK
    named = config.load({"FLYOVER_PORTAL_METRICS_FROM": "127.0.0.0/8, 10.20.0.5"}).metrics_from
    assert [str(network) for network in named] == ["127.0.0.0/8", "10.20.0.5/32"]
    with pytest.raises(ConfigurationError, match="FLYOVER_PORTAL_METRICS_FROM"):
        config.load({"FLYOVER_PORTAL_METRICS_FROM": "everyone"})


def test_metrics_are_for_nobody_while_callers_cannot_be_told_apart() -> None:
    behind = {"FLYOVER_PORTAL_URL": "https://desk.example.org"}
    assert config.load(behind).metrics_from == ()
    assert config.load({**behind, "FLYOVER_PORTAL_PROXY": "127.0.0.1"}).metrics_from == config.LOOPBACK
    assert config.load({**behind, "FLYOVER_PORTAL_METRICS_FROM": "10.0.0.1"}).metrics_from != ()
