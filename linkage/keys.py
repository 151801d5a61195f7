"""Keys of learners, made as core makes them (macro surrogate_key): the same in every build and every run."""

from __future__ import annotations

import hashlib
import uuid
from typing import NamedTuple


class SourcePerson(NamedTuple):
    """A person as one agency's system knows them; the order of these decides who speaks first."""

    agency_code: str
    source_name: str
    person_id_agency: str

    @property
    def shown(self) -> str:
        """As a person types it."""
        return ":".join(self)


def of_record(person: SourcePerson) -> uuid.UUID:
    """The learner that a source person is as long as nobody knows who they are."""
    return _key("record", *person)


def _key(*parts: str) -> uuid.UUID:
    return uuid.UUID(hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest())
