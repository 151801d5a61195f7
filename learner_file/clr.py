"""A learner's achievements as a Comprehensive Learner Record 2.0 (1EdTech): a credential that holds Open Badges 3.0.

JSON-LD of the W3C Verifiable Credentials data model 2.0. Unsigned: it says what agencies told, and proves nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from learner_file import achievements
from learner_file.achievements import Achievement, moment
from learner_file.file import LearnerFile

_CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
_RECORD = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
_TYPES: Mapping[str, str] = {
    "certificate": "Certificate",
    "training": "CertificateOfCompletion",
    "final_result": "Course",
    "senior_course": "Course",
    "credit_conversion": "ext:CreditsRecognised",
    "credit_transfer": "ext:CreditsRecognised",
}
_PUBLISHER = {"id": "urn:flyover:zhejiang", "type": ["Profile"], "name": "Flyover · 浙江终身学习档案"}


def document(file: LearnerFile, made_on: dt.date) -> Mapping[str, Any]:
    """The record, as JSON takes it.

    :raises BadInput: where there is nothing to export
    """
    found = achievements.of(file)
    return {
        "@context": [_CREDENTIALS, _RECORD, _BADGES],
        "id": achievements.document_id("clr", found),
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "终身学习档案 / Lifelong learning record",
        "description": achievements.notes(file),
        "issuer": _PUBLISHER,
        "validFrom": moment(made_on),
        "credentialSubject": {
            "id": achievements.holder_id(file),
            "type": ["ClrSubject"],
            **_named(file),
            "verifiableCredential": [_badge(each, file) for each in found],
        },
    }


def _badge(achievement: Achievement, file: LearnerFile) -> Mapping[str, Any]:
    badge: dict[str, Any] = {
        "@context": [_CREDENTIALS, _BADGES],
        "id": achievement.id,
        "type": ["VerifiableCredential", "AchievementCredential"],
        "name": achievement.title,
        "issuer": {"id": achievement.issuer_id, "type": ["Profile"], "name": achievement.issuer_name},
        "validFrom": moment(achievement.awarded_on),
        "awardedDate": moment(achievement.awarded_on),
        "credentialSubject": {
            "id": achievements.holder_id(file),
            "type": ["AchievementSubject"],
            **_named(file),
            **_dated(achievement),
            **({"creditsEarned": achievement.credits} if achievement.credits is not None else {}),
            **({"result": [{"type": ["Result"], "value": achievement.result}]} if achievement.result else {}),
            "achievement": _achievement(achievement),
        },
    }
    if achievement.valid_until is not None:
        badge["validUntil"] = moment(achievement.valid_until)
    return badge


def _achievement(achievement: Achievement) -> Mapping[str, Any]:
    hours = f" · {achievement.hours:g} h" if achievement.hours is not None else ""
    return {
        "id": uuid.uuid5(achievements.NAMESPACE, f"{achievement.issuer_id}|{achievement.title}").urn,
        "type": ["Achievement"],
        "achievementType": _TYPES.get(achievement.kind_code, "Achievement"),
        "name": achievement.title,
        "description": f"{achievement.title} · {achievement.issuer_name}{hours}",
        "criteria": {"narrative": "由授予机构按其规定授予 / awarded by its issuer under the issuer's own rules"},
    }


def _named(file: LearnerFile) -> Mapping[str, Any]:
    if file.name is None:
        return {}
    identity = {"type": "IdentityObject", "hashed": False, "identityHash": file.name, "identityType": "name"}
    return {"identifier": [identity]}


def _dated(achievement: Achievement) -> Mapping[str, str]:
    if achievement.kind_code not in ("training", "senior_course"):
        return {}
    days = {"activityStartDate": achievement.begun_on, "activityEndDate": achievement.ended_on}
    return {name: moment(day) for name, day in days.items() if day is not None}
