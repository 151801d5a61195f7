"""Where the servers are and which keys are ours: read from the state directory, overridden by environment.

The state directory is written by ``stack``: ``stack.json`` (addresses) and ``secrets.json`` (mode 0600).
Nothing is read at import; call :func:`load` once and hand the result on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import ConfigurationError

CHECKOUT = Path(__file__).resolve().parent.parent
DATABASE_ROLES = (
    "flyover_owner",
    "flyover_connector",
    "flyover_sink",
    "flyover_vault",
    "flyover_judge",
    "flyover_dbt",
    "flyover_linker",
    "flyover_ledger",
    "flyover_publisher",
    "flyover_forecast",
    "flyover_portal",
    "flyover_officer",
    "flyover_preview",
    "flyover_watch",
    "flyover_learner",
    "flyover_names",
    "engineer",
    "quality_officer",
    "policymaker",
)


@dataclass(frozen=True)
class Secrets:
    """Keys and passwords. Never printed: the representation is masked."""

    pg_passwords: Mapping[str, str] = field(repr=False)
    hmac_keys: Mapping[str, bytes] = field(repr=False)
    hmac_active: str = field(repr=False)
    vault_master_key: bytes = field(repr=False)
    intake_key: bytes = field(repr=False)
    quarantine_key: bytes = field(repr=False)
    connect_password: str = field(repr=False, default="")
    """of Kafka Connect's REST interface"""
    portal_key: bytes = field(default=b"", repr=False)
    """signs sessions and hashes tokens of the agencies' desk"""


@dataclass(frozen=True)
class Settings:
    """Everything a stage needs to find its servers, and nothing else."""

    state_dir: Path
    kafka_bootstrap: str
    pg_host: str
    pg_port: int
    pg_database: str
    secrets: Secrets = field(repr=False)
    checkout: Path = CHECKOUT
    contracts_dir: Path = CHECKOUT / "contracts"
    agencies_dir: Path = CHECKOUT / "connectors" / "agencies"
    connect_url: str | None = None
    """Kafka Connect's REST interface, where it was ever started"""
    airflow_url: str | None = None
    """Airflow's page for people, where it was ever started"""
    kafka_client: str = "kafka-python"
    """what the drains and the publisher use: kafka-python, or confluent-kafka where it is installed"""
    captured: tuple[str, ...] = ()
    """agencies whose changes are captured here though they are paused, by code"""

    @property
    def drop_dir(self) -> Path:
        """Where agencies drop their files, one folder an agency."""
        return self.state_dir / "agencies"

    def credential(self, agency_code: str, name: str) -> str:
        """A secret of an agency's system, read anew at each call, so that it can be changed without a stop.

        :raises ConfigurationError: when it was never set; the command that sets it is named
        """
        document = _read_private(self.state_dir / "credentials" / f"{agency_code}.json")
        if name not in document:
            raise ConfigurationError(f"{agency_code}: no {name} is kept: ./flyover secret set {agency_code} {name}")
        return str(document[name])

    def passwords_kept(self, role: str) -> tuple[str, ...]:
        """Passwords of a role as ``secrets.json`` has them at this moment, the newest first; none without the file.

        Two while one is changed: whoever reads them in that moment cannot know which the server takes already.
        """
        try:
            document = _read_private(self.state_dir / "secrets.json")
        except (ConfigurationError, json.JSONDecodeError):
            return ()
        tables = (document.get("pg_passwords"), document.get("pg_passwords_before"))
        return tuple(str(table[role]) for table in tables if isinstance(table, dict) and role in table)

    @property
    def intake_dir(self) -> Path:
        """Where raw originals are kept, encrypted, until their retention ends."""
        return self.state_dir / "intake"

    @property
    def reports_dir(self) -> Path:
        """Where quality reports for people are written."""
        return self.state_dir / "reports"


def state_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The state directory of this checkout: ``$FLYOVER_STATE``, else one under the XDG state home."""
    environ = os.environ if environ is None else environ
    if chosen := environ.get("FLYOVER_STATE"):
        return Path(chosen).expanduser().resolve()
    base = Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    mark = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return base / "flyover" / f"{CHECKOUT.name}-{mark}"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read settings for this checkout.

    :raises ConfigurationError: when the stack has never been started (no addresses or no secrets known)
    """
    environ = os.environ if environ is None else environ
    home = state_dir(environ)
    addresses = _read_json(home / "stack.json")
    secrets = _read_json(home / "secrets.json")
    return Settings(
        state_dir=home,
        kafka_bootstrap=environ.get("FLYOVER_KAFKA_BOOTSTRAP") or str(addresses["kafka_bootstrap"]),
        pg_host=environ.get("FLYOVER_PG_HOST") or str(addresses["pg_host"]),
        pg_port=int(environ.get("FLYOVER_PG_PORT") or str(addresses["pg_port"])),
        pg_database=environ.get("FLYOVER_PG_DATABASE") or str(addresses["pg_database"]),
        secrets=parse_secrets(secrets),
        connect_url=environ.get("FLYOVER_CONNECT_URL") or _text(addresses.get("connect_url")),
        airflow_url=_text(addresses.get("airflow_url")),
        kafka_client=environ.get("FLYOVER_KAFKA_CLIENT") or "kafka-python",
        captured=_texts(addresses.get("captured")),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()


def parse_secrets(document: Mapping[str, object]) -> Secrets:
    """Build :class:`Secrets` from the document that ``stack`` keeps in ``secrets.json`` (keys in hex)."""
    passwords, hmac_keys = document["pg_passwords"], document["hmac_keys"]
    if not isinstance(passwords, dict) or not isinstance(hmac_keys, dict):
        raise ConfigurationError("secrets.json: pg_passwords and hmac_keys must be tables of name to value")
    return Secrets(
        pg_passwords=passwords,
        hmac_keys={version: bytes.fromhex(key) for version, key in hmac_keys.items()},
        hmac_active=str(document["hmac_active"]),
        vault_master_key=bytes.fromhex(str(document["vault_master_key"])),
        intake_key=bytes.fromhex(str(document["intake_key"])),
        quarantine_key=bytes.fromhex(str(document["quarantine_key"])),
        connect_password=str(document.get("connect_password", "")),
        portal_key=bytes.fromhex(str(document.get("portal_key", ""))),
    )


def _read_json(path: Path) -> dict[str, object]:
    try:
        content: dict[str, object] = json.loads(path.read_text())
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is not there: start the stack first with ./flyover up") from None
    return content


def _read_private(path: Path) -> dict[str, object]:
    """A file of secrets; empty where there is none yet.

    :raises ConfigurationError: when others on this machine may read it
    """
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(f"{path} may be read by others: chmod 600 it")
        content: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content
