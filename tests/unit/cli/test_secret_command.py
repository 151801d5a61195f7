"""Secrets are taken from standard input or a prompt, kept for their owner alone, and never shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import agencies, main, secret_command
from connectors import credentials
from pipeline.errors import BadInput, ConfigurationError
from pipeline.settings import Settings, parse_secrets
from stack.secrets import ensure_secrets
from stack.state import State
from tests.deliveries import make_agency


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    state = State.open(tmp_path / "state")
    found = Settings(state.root, "x:1", "x", 1, "x", parse_secrets(ensure_secrets(state)))
    monkeypatch.setattr(secret_command, "load", lambda: found)
    named = make_agency("oneroster", agency_code="sch-x", secret_names=("password", "key"))
    monkeypatch.setattr(agencies, "find", lambda settings, code: named)
    return found


def run(*arguments: str, given: str | None = None) -> Result:
    words = ["secret", *arguments]
    return CliRunner().invoke(main.build(words), words, input=given)


def test_a_secret_is_kept_from_standard_input_and_read_anew(settings: Settings) -> None:
    done = run("set", "sch-x", "password", given="first\n")
    assert done.exit_code == 0, done.output
    assert settings.credential("sch-x", "password") == "first"
    run("set", "sch-x", "password", given=" second with spaces ")
    assert settings.credential("sch-x", "password") == " second with spaces "
    file = settings.state_dir / "credentials" / "sch-x.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_list_shows_names_and_ages_and_no_value(settings: Settings) -> None:
    run("set", "sch-x", "password", given="hush-hush")
    listed = run("list", "sch-x", "--json")
    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert rows["password"]["days"] == 0
    assert rows["key"]["set"] is None
    assert "hush-hush" not in listed.output
    assert "hush-hush" not in (settings.state_dir / "credentials" / "sch-x.ages").read_text()


def test_a_removed_secret_is_gone(settings: Settings) -> None:
    run("set", "sch-x", "key", given="x")
    assert run("remove", "sch-x", "key").exit_code == 0
    with pytest.raises(ConfigurationError, match="secret set sch-x key"):
        settings.credential("sch-x", "key")
    assert isinstance(run("remove", "sch-x", "key").exception, BadInput)


def test_only_names_of_the_yml_are_taken_and_no_empty_value(settings: Settings) -> None:
    unknown = run("set", "sch-x", "pasword", given="x")
    assert isinstance(unknown.exception, BadInput)
    assert "password, key" in str(unknown.exception)
    assert isinstance(run("set", "sch-x", "password", given="").exception, BadInput)
    assert credentials.ages(settings, "sch-x") == {}
