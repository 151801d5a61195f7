"""European Learning Model credentials (version 3) as learning outcomes: one outcome a learning achievement.

Source of the rules: European Commission, European Learning Model, application profile EDC: a credential's subject is a
person who ``hasClaim`` learning achievements, each awarded by a body, proven by assessments, specified by a
qualification with levels, fields and credit points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.sources.credential import CredentialError, Values, day, listed, number, text, types, word

TYPE = "EuropeanDigitalCredential"
_EQF = re.compile(r"/snb/eqf/([1-8])$")
_ISCED_F = re.compile(r"/isced-f/(\d{2,4})$")
_HOURS = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?)?")
_KINDS = (
    ("micro-credential", "micro_credential"),
    ("microcredential", "micro_credential"),
    ("short learning programme", "micro_credential"),
    ("degree", "degree"),
    ("course", "non_degree_course"),
    ("participation", "certificate"),
    ("certificate", "certificate"),
)
_FRAMEWORKS = {"European Credit Transfer System": "ects"}


def is_one(credential: Mapping[str, Any]) -> bool:
    """Whether a credential is of this family."""
    return TYPE in types(credential)


def outcomes(credential: Mapping[str, Any]) -> Iterator[Values]:
    """The achievements a credential claims; what else it claims (activities, assessments) is no outcome.

    :raises CredentialError: what the model demands and is not there
    """
    identity = text(credential, "id")
    subject = credential.get("credentialSubject")
    if not identity:
        raise CredentialError("reader.credential_id")
    if not isinstance(subject, dict):
        raise CredentialError("reader.credential_subject")
    claims = [claim for claim in listed(subject.get("hasClaim")) if isinstance(claim, dict)]
    achieved = [claim for claim in claims if "LearningAchievement" in types(claim)] or claims
    if not achieved:
        raise CredentialError("reader.credential_subject")
    for achievement in achieved:
        outcome_id = identity if len(achieved) == 1 else f"{identity}#{text(achievement, 'id')}"
        yield {
            "outcome_id": outcome_id,
            "container_id": identity if len(achieved) > 1 else None,
            **_holder(subject),
            **_achievement(achievement, credential),
            "form": "elm3",
        }


def _holder(subject: Mapping[str, Any]) -> Values:
    national = subject.get("nationalID")
    mail = _first(_dig(subject, "contactPoint", "emailAddress", "id"))
    return {
        "resident_id": word(national.get("notation")) if isinstance(national, dict) else None,
        "full_name": word(subject.get("fullName")) or _together(subject),
        "birth_date": day(subject.get("dateOfBirth")),
        "holder_id": mail.removeprefix("mailto:") if mail else text(subject, "id"),
    }


def _together(subject: Mapping[str, Any]) -> str | None:
    parts = [word(subject.get(name)) for name in ("familyName", "givenName")]
    return "".join(part for part in parts if part) or None


def _achievement(achievement: Mapping[str, Any], credential: Mapping[str, Any]) -> Values:
    spec = achievement.get("specifiedBy")
    spec = spec if isinstance(spec, dict) else {}
    credit = next((c for c in listed(spec.get("creditPoint")) if isinstance(c, dict)), {})
    body = _first(_dig(achievement, "awardedBy", "awardingBody")) or credential.get("issuer")
    body = body if isinstance(body, dict) else {"id": body}
    title, issuer = word(achievement.get("title")) or word(spec.get("title")), _issuer(body)
    if not title:
        raise CredentialError("reader.credential_title")
    if not issuer:
        raise CredentialError("reader.credential_issuer")
    return {
        "outcome_kind": _kind(spec, achievement),
        "title": title,
        "issuer_id": issuer,
        "issuer_title": word(body.get("legalName")),
        "credits": number(credit, "point"),
        "credit_framework": _FRAMEWORKS.get(_first(_dig(credit, "framework", "prefLabel", "en")) or ""),
        "hours": _hours(_first(_dig(spec, "volumeOfLearning"))),
        "eqf_level": _matched(_EQF, _dig(spec, "eqfLevel", "id")),
        "isced_f_code": _matched(_ISCED_F, _dig(spec, "thematicArea", "id")),
        "result": word(_first(_dig(achievement, "provenBy", "grade", "noteLiteral"))),
        "awarded_on": day(_first(_dig(achievement, "awardedBy", "awardingDate")) or credential.get("validFrom")),
        "valid_until": day(credential.get("validUntil") or credential.get("expirationDate")),
    }


def _issuer(body: Mapping[str, Any]) -> str | None:
    """The body's own number in a register, which outlives one document; else its id in this one."""
    for name in ("registration", "vatIdentifier", "identifier"):
        if notation := word(_first(_dig(body, name, "notation"))):
            return notation
    return text(body, "id")


def _kind(spec: Mapping[str, Any], achievement: Mapping[str, Any]) -> str:
    said = [
        str(one).lower()
        for thing in (spec, achievement)
        for one in (*_dig(thing, "dcType", "prefLabel", "en"), word(thing.get("title")) or "")
    ]
    return next((kind for mark, kind in _KINDS if any(mark in one for one in said)), "other")


def _hours(duration: Any) -> str | None:
    found = _HOURS.fullmatch(duration) if isinstance(duration, str) else None
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes = (float(part or 0) for part in found.groups())
    return f"{days * 24 + hours + minutes / 60:g}"


def _matched(pattern: re.Pattern[str], values: Sequence[Any]) -> str | None:
    """The longest code among addresses of a list."""
    found = [match[1] for value in values if isinstance(value, str) and (match := pattern.search(value))]
    return max(found, key=len, default=None)


def _dig(thing: Any, *path: str) -> list[Any]:
    """Everything at a path, whether one or several stand on the way."""
    found = [thing]
    for name in path:
        found = [inner for one in found if isinstance(one, dict) for inner in listed(one.get(name))]
    return found


def _first(values: Sequence[Any]) -> Any:
    return values[0] if values else None
