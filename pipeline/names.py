"""Every name that is composed is composed here: topics, tables, suites, DAG ids.

A source and an entity are lower-case words joined by single underscores; anything else is refused, so that a
name made here is safe to use as an identifier.
"""

from __future__ import annotations

import re

from pipeline.errors import ConfigurationError

_WORD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_AGENCY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
VAULT_TOPIC = "vault.identities.v1"
RAW = "raw"


def table(source: str, entity: str) -> str:
    """Name shared by an entity's landing table, quarantine table, released view and suite."""
    return f"{_word(source)}__{_word(entity)}"


def topic(source: str, entity: str, version: int = 1) -> str:
    """Topic of an entity, e.g. ``oneroster.academic-sessions.v1``; a breaking change raises the version."""
    if source == RAW:
        raise ConfigurationError(f"a source must not be named {RAW!r}: topics of captured changes begin so")
    return f"{_word(source)}.{_word(entity).replace('_', '-')}.v{version}".replace("_", "-")


def versioned(concept: str, major: int) -> str:
    """Name of an entity in a major version: the first bears none."""
    return concept if major == 1 else f"{concept}_v{major}"


def message_key(agency_code: str, record_id: str) -> bytes:
    """Kafka key: all versions of one record fall into one partition, in order."""
    return f"{agency_code}:{record_id}".encode()


def raw_topic(agency_code: str) -> str:
    """Topic of an agency's captured changes: personal values in the clear, so only the outbox may read it.

    No source is named ``raw``, so no entity's topic can be taken for it.
    """
    return f"{RAW}.{agency(agency_code)}.changes"


def is_raw(topic_name: str) -> bool:
    """Whether a topic holds captured changes."""
    return topic_name.startswith(f"{RAW}.")


def replication_slot(agency_code: str) -> str:
    """Replication slot and publication by which an agency's database is captured."""
    return f"flyover_{agency(agency_code).replace('-', '_')}"


def ingest_dag(source: str, agency_code: str) -> str:
    """One DAG an agency: each has its own schedule, pause and back-fill."""
    return f"ingest__{_word(source)}__{agency(agency_code)}"


def land_dag(source: str) -> str:
    """DAG that drains a source's topics into landing."""
    return f"land__{_word(source)}"


def validate_dag(source: str) -> str:
    """DAG that judges a source's whole batches."""
    return f"validate__{_word(source)}"


def staging_model(source: str, entity: str) -> str:
    """Dbt staging model of an entity."""
    return f"stg_{table(source, entity)}"


def agency(code: str) -> str:
    """Return ``code`` when it is a well-formed agency code (lower case, digits, single hyphens)."""
    if not _AGENCY.fullmatch(code):
        raise ConfigurationError(f"agency code {code!r}: use lower-case letters, digits and single hyphens")
    return code


def _word(word: str) -> str:
    if not _WORD.fullmatch(word):
        raise ConfigurationError(f"name {word!r}: use lower-case letters, digits and single underscores")
    return word
