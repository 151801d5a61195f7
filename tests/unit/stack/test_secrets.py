import json
import os
from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.settings import DATABASE_ROLES, parse_secrets
from stack.secrets import ensure_secrets
from stack.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.open(tmp_path / "state")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_secrets_and_their_directory_are_the_owners_alone(state: State) -> None:
    previous = os.umask(0)
    try:
        ensure_secrets(state)
    finally:
        os.umask(previous)
    assert mode(state.secrets_file) == 0o600
    assert mode(state.root) == 0o700


def test_secrets_are_made_once(state: State) -> None:
    assert ensure_secrets(state) == ensure_secrets(State(state.root))


def test_two_state_directories_share_no_secret(tmp_path: Path) -> None:
    one, other = (ensure_secrets(State.open(tmp_path / name)) for name in ("one", "other"))
    assert {name for name in one if one[name] == other[name]} == {"hmac_active"}
    assert not set(one["pg_passwords"].values()) & set(other["pg_passwords"].values())


def test_every_role_has_a_password_of_its_own_and_settings_read_them(state: State) -> None:
    secrets = parse_secrets(ensure_secrets(state))
    assert set(DATABASE_ROLES) <= set(secrets.pg_passwords)
    assert len(set(secrets.pg_passwords.values())) == len(secrets.pg_passwords)
    assert all(len(password) >= 32 for password in secrets.pg_passwords.values())
    assert {len(key) for key in (*secrets.hmac_keys.values(), secrets.vault_master_key, secrets.intake_key)} == {32}


def test_a_new_role_gets_a_password_and_the_others_keep_theirs(state: State) -> None:
    before = ensure_secrets(state)
    document = json.loads(state.secrets_file.read_text())
    del document["pg_passwords"]["engineer"]
    state.secrets_file.write_text(json.dumps(document))
    after = ensure_secrets(state)["pg_passwords"]
    assert after.pop("engineer")
    assert after == {role: word for role, word in before["pg_passwords"].items() if role != "engineer"}


def test_a_loosened_mode_is_tightened(state: State) -> None:
    ensure_secrets(state)
    state.secrets_file.chmod(0o644)
    ensure_secrets(state)
    assert mode(state.secrets_file) == 0o600


def test_torn_secrets_are_never_replaced_by_new_ones(state: State) -> None:
    state.secrets_file.write_text('{"vault_master_key": "ab')
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        ensure_secrets(state)
    assert state.secrets_file.read_text() == '{"vault_master_key": "ab'
