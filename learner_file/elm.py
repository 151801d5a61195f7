"""A learner's achievements in the European Learning Model 3: a EuropeanDigitalCredential, JSON-LD, unsigned.

The shape is that of the Commission's published examples: the subject is a person who claims learning achievements,
each awarded by an organisation, proven by an assessment, specified by a qualification.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from learner_file import achievements
from learner_file.achievements import Achievement, moment
from learner_file.file import LearnerFile

_CONTEXT = ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"]
_PROFILE = "http://data.europa.eu/snb/model/ap/edc-generic-full"
_AUTHORITY = "http://publications.europa.eu/resource/authority"
_KINDS: Mapping[str, str] = {
    "certificate": "Certificate",
    "training": "Certificate of completion",
    "final_result": "Course",
    "senior_course": "Course",
    "credit_conversion": "Recognition of credits",
    "credit_transfer": "Recognition of credits",
}
_Json = dict[str, Any]


def document(file: LearnerFile, made_on: dt.date) -> Mapping[str, Any]:
    """The credential, as JSON takes it.

    :raises BadInput: where there is nothing to export
    """
    found = achievements.of(file)
    claims = [_claim(each, number) for number, each in enumerate(found, start=1)]
    return {
        "@context": _CONTEXT,
        "id": achievements.document_id("elm", found),
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "credentialProfiles": _concept("http://data.europa.eu/snb/credential", "e34929035b", "Generic"),
        "credentialSchema": {"id": _PROFILE, "type": "ShaclValidator2017"},
        "displayParameter": _display(achievements.notes(file)),
        "issuer": _organisation("urn:flyover:zhejiang", "Flyover · 浙江终身学习档案", "publisher"),
        "validFrom": moment(made_on),
        "issuanceDate": moment(made_on),
        "credentialSubject": {
            "id": achievements.holder_id(file),
            "type": "Person",
            **({"fullName": {"zh": file.name}} if file.name else {}),
            "hasClaim": claims,
        },
    }


def _claim(achievement: Achievement, number: int) -> _Json:
    title = {"zh": achievement.title}
    claim: _Json = {
        "id": achievement.id,
        "type": "LearningAchievement",
        "title": title,
        "awardedBy": {
            "id": f"urn:epass:awardingProcess:{number}",
            "type": "AwardingProcess",
            "awardingBody": _organisation(achievement.issuer_id, achievement.issuer_name, str(number)),
            "awardingDate": moment(achievement.awarded_on),
        },
        "specifiedBy": _specification(achievement, number),
    }
    if achievement.result:
        claim["provenBy"] = {
            "id": f"urn:epass:learningAssessment:{number}",
            "type": "LearningAssessment",
            "title": title,
            "awardedBy": claim["awardedBy"],
            "grade": {"id": f"urn:epass:note:{number}", "type": "Note", "noteLiteral": {"zh": achievement.result}},
        }
    return claim


def _specification(achievement: Achievement, number: int) -> _Json:
    kind = _KINDS.get(achievement.kind_code, "Learning outcome")
    specified: _Json = {
        "id": f"urn:epass:qualification:{number}",
        "type": "Qualification",
        "title": {"zh": achievement.title},
        "dcType": _concept("urn:flyover:kind", achievement.kind_code, kind),
    }
    if achievement.hours is not None:
        specified["volumeOfLearning"] = _duration(achievement.hours)
    if achievement.credits is not None:
        specified["creditPoint"] = {
            "id": f"urn:epass:creditPoint:{number}",
            "type": "CreditPoint",
            "framework": _concept("urn:flyover:credit", "as_awarded", "Credits as awarded"),
            "point": f"{achievement.credits:g}",
        }
    return specified


def _duration(hours: float) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    return f"PT{whole}H{minutes}M" if minutes else f"PT{whole}H"


def _organisation(identity: str, name: str, number: str) -> _Json:
    country = _concept(f"{_AUTHORITY}/country", "CHN", "China")
    address = {"id": f"urn:epass:address:{number}", "type": "Address", "countryCode": country}
    location = {"id": f"urn:epass:location:{number}", "type": "Location", "address": address}
    return {"id": identity, "type": "Organisation", "legalName": {"zh": name}, "location": location}


def _display(description: str) -> _Json:
    language = _concept(f"{_AUTHORITY}/language", "ZHO", "Chinese")
    return {
        "id": "urn:epass:displayParameter:1",
        "type": "DisplayParameter",
        "language": language,
        "primaryLanguage": language,
        "title": {"zh": "终身学习档案", "en": "Lifelong learning record"},
        "description": {"en": description},
    }


def _concept(scheme: str, code: str, label: str) -> _Json:
    return {
        "id": f"{scheme}/{code}",
        "type": "Concept",
        "inScheme": {"id": scheme, "type": "ConceptScheme"},
        "prefLabel": {"en": label},
    }
