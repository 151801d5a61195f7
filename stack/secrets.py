"""Secrets of one state directory: made once, kept in secrets.json with mode 0600, never printed."""

import base64
import json
import os
import secrets
from typing import Any

from pipeline.errors import ConfigurationError
from pipeline.settings import DATABASE_ROLES
from stack.state import State, write_private

SERVER_ROLES = ("postgres", "airflow")
"""The server's own superuser, and the owner of Airflow's metadata; neither is for people."""


def ensure_secrets(state: State) -> dict[str, Any]:
    """Every secret, generating only those that are not there yet (a new role, a new key)."""
    path = state.secrets_file
    known: dict[str, Any] = {}
    if path.exists():
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as torn:
            raise ConfigurationError(
                f"{path} cannot be read ({torn}); without it the stored data cannot be opened: "
                "restore it from a copy, or erase everything with ./flyover down --erase"
            ) from torn
    whole = {**_generated(), **known}
    passwords = known.get("pg_passwords", {})
    whole["pg_passwords"] = {role: passwords.get(role) or _password() for role in (*SERVER_ROLES, *DATABASE_ROLES)}
    if whole != known:
        write_private(path, json.dumps(whole, indent=1, sort_keys=True) + "\n")
    return whole


def _generated() -> dict[str, Any]:
    return {
        "hmac_keys": {"1": secrets.token_hex(32)},
        "hmac_active": "1",
        "vault_master_key": secrets.token_hex(32),
        "intake_key": secrets.token_hex(32),
        "quarantine_key": secrets.token_hex(32),
        "connect_password": _password(),
        "celery_broker_password": _password(),
        "portal_key": secrets.token_hex(32),
        "airflow_admin_password": _password(),
        "airflow_fernet_key": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "airflow_jwt_secret": secrets.token_hex(32),
        "airflow_api_secret": secrets.token_hex(32),
    }


def _password() -> str:
    """URL-safe, so that it can stand in a connection string unquoted."""
    return secrets.token_urlsafe(24)
