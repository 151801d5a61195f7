"""What a learner has achieved: the lines of a file that a wallet can hold, and what each says in any form.

An achievement is a result, a training, a senior course or a credential that ended well, a certificate, or credits that
an institution has recognised. What was failed, left or revoked, marks within a course, and employment are a life's but
no credential's; a deposit says nothing beyond the credential it is of.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from learner_file.file import LearnerFile, Line
from pipeline.errors import BadInput
from pipeline.zone import ZONE

NAMESPACE = uuid.UUID("6e3e6d52-8f0c-5d3a-9a55-0f0b1c7c5a11")
UNSIGNED = "Not signed: assembled by Flyover from agencies' records on the learner's request."
SIMULATED = "SIMULATED: this person and these achievements are invented."
_WELL_ENDED = frozenset({"passed", "passed_with_distinction", "completed"})
_BADLY_ENDED = frozenset({"failed", "withdrawn", "suspended", "revoked"})


@dataclass(frozen=True)
class Achievement:
    """One achievement; its id is that of the event that told of it, so it is the same in every export."""

    id: str
    kind_code: str
    title: str
    issuer_id: str
    issuer_name: str
    awarded_on: dt.date
    valid_until: dt.date | None
    result: str | None
    hours: float | None
    credits: float | None
    begun_on: dt.date | None
    ended_on: dt.date | None


def of(file: LearnerFile) -> tuple[Achievement, ...]:
    """Everything achieved, in order of days.

    :raises BadInput: where there is nothing a wallet could hold
    """
    found = tuple(sorted(_found(file), key=lambda achievement: (achievement.awarded_on, achievement.id)))
    if not found:
        raise BadInput(
            "the file holds no achievement that could be exported", advice="./flyover learner show shows it."
        )
    return found


def holder_id(file: LearnerFile) -> str:
    """Who earned it, without a name: the same in every export, and not the key that core uses."""
    return uuid.uuid5(NAMESPACE, f"learner {file.learner_key}").urn


def document_id(form: str, achievements: tuple[Achievement, ...]) -> str:
    """Id of an export: the same while it says the same."""
    return uuid.uuid5(NAMESPACE, "|".join((form, *(achievement.id for achievement in achievements)))).urn


def moment(day: dt.date) -> str:
    """Beginning of a day in the province, as credentials write it."""
    return dt.datetime.combine(day, dt.time(), ZONE).isoformat()


def notes(file: LearnerFile) -> str:
    """What every export says of itself."""
    return f"{SIMULATED} {UNSIGNED}" if file.is_simulated else UNSIGNED


def _found(file: LearnerFile) -> Iterator[Achievement]:
    for line in file.lines:
        awarded = _awarded_on(line)
        if awarded is None or not line.title:
            continue
        yield Achievement(
            id=line.event_id.urn,
            kind_code=line.kind_code,
            title=line.title,
            issuer_id=f"urn:flyover:agency:{line.agency_code}",
            issuer_name=line.institution_name or line.agency_code,
            awarded_on=awarded,
            valid_until=line.last_date if line.kind_code == "certificate" else None,
            result=line.result_code,
            hours=line.learning_hours,
            credits=line.credits,
            begun_on=line.begun_date,
            ended_on=line.last_date,
        )


def _awarded_on(line: Line) -> dt.date | None:
    """Day it was achieved; None for what is no achievement."""
    if line.kind_code in ("training", "senior_course"):
        return (line.last_date or line.begun_date) if line.result_code in _WELL_ENDED else None
    if line.kind_code == "final_result":
        return line.begun_date if line.result_code in _WELL_ENDED else None
    if line.kind_code in ("credential", "credit_conversion", "credit_transfer"):
        return line.begun_date if line.result_code not in _BADLY_ENDED else None
    return line.begun_date if line.kind_code == "certificate" else None
