"""Open Badges 3.0 and CLR 2.0 as learning outcomes: one outcome a badge, a record of several flattened.

Source of the rules: 1EdTech Open Badges 3.0 (AchievementCredential) and Comprehensive Learner Record 2.0 (ClrCredential
whose subject holds credentials and loose achievements, and associations between them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.sources.credential import CredentialError, Values, day, listed, number, text, types, word

CLR, BADGES = "ClrCredential", ("AchievementCredential", "OpenBadgeCredential")
_KINDS: Mapping[str, str] = {
    "AssociateDegree": "degree",
    "BachelorDegree": "degree",
    "Degree": "degree",
    "DoctoralDegree": "degree",
    "MasterDegree": "degree",
    "ProfessionalDoctorate": "degree",
    "ResearchDoctorate": "degree",
    "SecondarySchoolDiploma": "degree",
    "Diploma": "degree",
    "ApprenticeshipCertificate": "certificate",
    "Certificate": "certificate",
    "CertificateOfCompletion": "certificate",
    "Certification": "certificate",
    "JourneymanCertificate": "certificate",
    "License": "certificate",
    "MasterCertificate": "certificate",
    "QualityAssuranceCredential": "certificate",
    "MicroCredential": "micro_credential",
    "ext:MicroMajor": "micro_major",
    "ext:SelfTaughtExamination": "self_taught_exam",
    "Course": "non_degree_course",
    "LearningProgram": "non_degree_course",
    "Badge": "badge",
    "Award": "award",
}
_PART_OF = frozenset({"isChildOf", "isPartOf", "precedes"})


def is_one(credential: Mapping[str, Any]) -> bool:
    """Whether a credential is of this family."""
    return bool({CLR, *BADGES} & types(credential))


def outcomes(credential: Mapping[str, Any]) -> Iterator[Values]:
    """The outcomes a credential holds.

    :raises CredentialError: what the standard demands and is not there
    """
    if "VerifiableCredential" not in types(credential):
        raise CredentialError("reader.credential_type")
    if CLR in types(credential):
        yield from _record(credential)
    else:
        yield _badge(credential, credential.get("credentialSubject"), "ob3", None)


def _record(credential: Mapping[str, Any]) -> Iterator[Values]:
    subject = credential.get("credentialSubject")
    if not isinstance(subject, dict):
        raise CredentialError("reader.credential_subject")
    container = _id(credential)
    inner = [badge for badge in listed(subject.get("verifiableCredential")) if isinstance(badge, dict)]
    parts = _associations(subject)
    for badge in inner:
        values = _badge(badge, badge.get("credentialSubject"), "clr2", container, holder=subject)
        yield {**values, "stacks_into": parts.get(_achievement_id(badge.get("credentialSubject")) or "")}
    held = {_achievement_id(badge.get("credentialSubject")) for badge in inner}
    for achievement in listed(subject.get("achievement")):
        if isinstance(achievement, dict) and achievement.get("id") not in held:
            loose = {**subject, "achievement": achievement}
            values = _badge(credential, loose, "clr2", container)
            own = text(achievement, "id")
            yield {**values, "outcome_id": own or f"{container}#{values['title']}", "stacks_into": parts.get(own or "")}


def _badge(
    credential: Mapping[str, Any],
    subject: Any,
    form: str,
    container: str | None,
    *,
    holder: Mapping[str, Any] | None = None,
) -> Values:
    if not isinstance(subject, dict) or not isinstance(subject.get("achievement"), dict):
        raise CredentialError("reader.credential_subject")
    achievement = subject["achievement"]
    issuer = credential.get("issuer")
    said = issuer if isinstance(issuer, dict) else {"id": issuer}
    earned = number(subject, "creditsEarned") or number(achievement, "creditsAvailable")
    who = subject if (subject.get("id") or subject.get("identifier")) else (holder or subject)
    named = dict(_identities(who))
    return {
        "outcome_id": _id(credential),
        "container_id": container,
        "resident_id": named.get("nationalIdentityNumber"),
        "full_name": named.get("name"),
        "birth_date": day(named.get("dateOfBirth")),
        "holder_id": text(who, "id") or named.get("identifier") or named.get("emailAddress"),
        "outcome_kind": _KINDS.get(str(achievement.get("achievementType")), "other"),
        "title": _required(word(achievement.get("name")), "reader.credential_title"),
        "issuer_id": _required(text(said, "id"), "reader.credential_issuer"),
        "issuer_title": word(said.get("name")),
        "credits": earned,
        "isced_f_code": _isced_f(achievement),
        "result": _result(subject),
        "awarded_on": day(credential.get("awardedDate") or credential.get("validFrom")),
        "valid_until": day(credential.get("validUntil")),
        "form": form,
    }


def _identities(subject: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind, value) of what names the holder in the clear; hashes name no one to us."""
    for identity in listed(subject.get("identifier")):
        if isinstance(identity, dict) and not identity.get("hashed"):
            kind, value = text(identity, "identityType"), text(identity, "identityHash")
            if kind and value:
                yield kind.removeprefix("ext:"), value


def _associations(subject: Mapping[str, Any]) -> dict[str, str]:
    """What each achievement counts towards."""
    found = {}
    for link in listed(subject.get("association")):
        if isinstance(link, dict) and link.get("associationType") in _PART_OF:
            source, target = text(link, "sourceId"), text(link, "targetId")
            if source and target:
                found[source] = target
    return found


def _achievement_id(subject: Any) -> str | None:
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    return text(achievement, "id") if isinstance(achievement, dict) else None


def _isced_f(achievement: Mapping[str, Any]) -> str | None:
    field = text(achievement, "fieldOfStudy")
    return field if field and field.isdigit() and len(field) <= 4 else None


def _result(subject: Mapping[str, Any]) -> str | None:
    for result in listed(subject.get("result")):
        if isinstance(result, dict) and (value := word(result.get("value")) or word(result.get("status"))):
            return value
    return None


def _id(credential: Mapping[str, Any]) -> str:
    return _required(text(credential, "id"), "reader.credential_id")


def _required(value: str | None, rule_id: str) -> str:
    if not value:
        raise CredentialError(rule_id)
    return value
