"""alerting.yml: what it may say, what is refused, where secrets come from."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from alerting import config
from connectors import credentials
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

MAIL = {"host": "127.0.0.1", "port": 25, "security": "none", "sender": "flyover@example.org"}


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path, "", "", 0, "", SimpleNamespace())


def written(settings, document):
    (settings.state_dir / config.FILE).write_text(json.dumps(document))
    return config.load(settings)


def test_without_a_file_nobody_is_told(settings):
    assert config.load(settings) == config.Config()


def test_file_names_groups_and_their_channels(settings):
    found = written(
        settings,
        {
            "mail": MAIL,
            "webhooks": {"duty": {"url": "https://chat.example.org/hook"}},
            "recipients": {"engineers": {"mail": ["a@example.org"], "webhooks": ["duty"], "language": "zh"}},
            "thresholds": {"waiver_days": 3},
            "remind_after_hours": 2,
        },
    )
    assert found.recipients["engineers"].channels == ("mail", "duty")
    assert found.webhooks["duty"].secret == "duty_key"
    assert (found.thresholds.waiver_days, found.thresholds.refused_days) == (3, 7)
    assert found.remind_after_hours == 2


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"mail": {**MAIL, "host": "smtp.example.org"}}, "this machine alone"),
        ({"mail": {**MAIL, "security": "perhaps"}}, "must be one of"),
        ({"mail": {"host": "127.0.0.1"}}, "port"),
        ({"webhooks": {"duty": {"url": "http://chat.example.org/hook"}}}, "https://"),
        ({"webhooks": {"duty": {"url": "https://u:p@chat.example.org/hook"}}}, "no password"),
        ({"recipients": {"engineers": {"mail": ["a@example.org"]}}}, "no mail server"),
        ({"recipients": {"engineers": {"webhooks": ["duty"]}}}, "no webhook of ours: duty"),
        ({"recipients": {"engineers": {"sms": ["1"]}}}, "sms"),
        ({"reminder": 1}, "reminder"),
        ({"thresholds": {"patience": 1}}, "patience"),
        ([], "alerting.yml"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_named(settings, document, complaint):
    with pytest.raises(ConfigurationError, match=complaint):
        written(settings, document or ["x"])


def test_secret_comes_from_the_private_file_or_the_environment(settings, monkeypatch):
    with pytest.raises(ConfigurationError, match=r"\./flyover alerts secret mail_password"):
        config.secret(settings, "mail_password")
    credentials.put(settings, config.OURS, "mail_password", "kept")
    assert config.secret(settings, "mail_password") == "kept"
    monkeypatch.setenv("FLYOVER_ALERTS_MAIL_PASSWORD", "given")
    assert config.secret(replace(settings), "mail_password") == "given"
