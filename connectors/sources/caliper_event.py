"""Takes one Caliper event apart, by the standard's own rules; what breaks them is set aside with the rule named.

Source of the rules: 1EdTech Caliper Analytics 1.1 and 1.2, sections on envelope, event and entity.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from connectors.sources.base import Row

CONTEXTS = {
    "http://purl.imsglobal.org/ctx/caliper/v1p1": "1.1",
    "http://purl.imsglobal.org/ctx/caliper/v1p2": "1.2",
}
_SINCE_1_2 = frozenset(
    {
        "FeedbackEvent",
        "QuestionnaireEvent",
        "QuestionnaireItemEvent",
        "ResourceManagementEvent",
        "SearchEvent",
        "SurveyEvent",
        "SurveyInvitationEvent",
        "ToolLaunchEvent",
    }
)
_SINCE_1_1 = frozenset(
    {
        "AnnotationEvent",
        "AssignableEvent",
        "AssessmentEvent",
        "AssessmentItemEvent",
        "Event",
        "ForumEvent",
        "GradeEvent",
        "MediaEvent",
        "MessageEvent",
        "NavigationEvent",
        "SessionEvent",
        "ThreadEvent",
        "ToolUseEvent",
        "ViewEvent",
    }
)
TYPES: Mapping[str, frozenset[str]] = {"1.1": _SINCE_1_1, "1.2": _SINCE_1_1 | _SINCE_1_2}
"""Kinds of event by version; ``Event`` itself is the basic profile's."""
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_TIME = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z")
_PEOPLE = frozenset({"Person", "Agent", "Membership"})


class EventError(ValueError):
    """An event or envelope the standard does not allow; its text is the rule id."""


def version_of(envelope: Mapping[str, Any]) -> str:
    """Version an envelope speaks.

    :raises EventError: for an envelope without sensor, sendTime, data, or a version we know
    """
    if not _is_iri(envelope.get("sensor")) or not isinstance(envelope.get("data"), list):
        raise EventError("reader.caliper_envelope")
    if not _is_time(envelope.get("sendTime")):
        raise EventError("reader.caliper_time")
    version = CONTEXTS.get(str(envelope.get("dataVersion")))
    if version is None:
        raise EventError("reader.caliper_version")
    return version


def is_event(described: Any) -> bool:
    """Whether a thing in an envelope is, or is meant to be, an event: it happened, or is called one."""
    return not isinstance(described, dict) or "action" in described or str(described.get("type")).endswith("Event")


def row(event: Any, envelope: Mapping[str, Any], version: str, line: int, part: str) -> Row:
    """An event as a row of the contract.

    :raises EventError: the rule it breaks
    """
    if not isinstance(event, dict):
        raise EventError("reader.caliper_event")
    if event.get("type") not in TYPES[version]:
        raise EventError("reader.caliper_type")
    if not _speaks(event.get("@context"), version):
        raise EventError("reader.caliper_context")
    action = event.get("action")
    if not isinstance(action, str) or not action:
        raise EventError("reader.caliper_action")
    if not _is_time(event.get("eventTime")):
        raise EventError("reader.caliper_time")
    actor, thing = _entity(event.get("actor")), _entity(event.get("object"))
    if actor is None or thing is None:
        raise EventError("reader.caliper_entity")
    target, group, tool, session = (_entity(event.get(name)) for name in ("target", "group", "edApp", "session"))
    generated = event.get("generated")
    score = generated if isinstance(generated, dict) and event["type"] == "GradeEvent" else {}
    membership = event.get("membership")
    values: dict[str, str | None] = {
        "id": _event_id(event.get("id")),
        "type": event["type"],
        "profile": event.get("profile") if isinstance(event.get("profile"), str) else None,
        "action": action,
        "actor": actor["id"],
        "actorType": actor.get("type"),
        "actorAccount": actor["id"],
        "actorName": actor.get("name") if isinstance(actor.get("name"), str) else None,
        "object": None if thing.get("type") in _PEOPLE else thing["id"],
        "objectType": thing.get("type"),
        "target": None if target is None or target.get("type") in _PEOPLE else target["id"],
        "scoreGiven": _number(score, "scoreGiven"),
        "maxScore": _number(score, "maxScore"),
        "group": None if group is None else group["id"],
        "roles": _roles(membership),
        "edApp": None if tool is None else tool["id"],
        "session": None if session is None else session["id"],
        "eventTime": event["eventTime"],
        "sensor": envelope["sensor"],
        "dataVersion": envelope["dataVersion"],
    }
    return Row(line, values, modified_at=envelope["sendTime"], part=part)


def _speaks(context: Any, version: str) -> bool:
    listed = context if isinstance(context, list) else [context]
    return any(CONTEXTS.get(str(one)) == version for one in listed)


def _event_id(given: Any) -> str:
    if not isinstance(given, str) or not given.startswith("urn:uuid:"):
        raise EventError("reader.caliper_id")
    try:
        return f"urn:uuid:{uuid.UUID(given.removeprefix('urn:uuid:'))}"
    except ValueError:
        raise EventError("reader.caliper_id") from None


def _entity(given: Any) -> dict[str, Any] | None:
    """An entity, described or thinned to its IRI.

    :raises EventError: when it has no id, or a described one no type
    """
    if given is None:
        return None
    if isinstance(given, str):
        if not _is_iri(given):
            raise EventError("reader.caliper_entity")
        return {"id": given}
    if not isinstance(given, dict) or not _is_iri(given.get("id")):
        raise EventError("reader.caliper_entity")
    if not isinstance(given.get("type"), str) or not given["type"]:
        raise EventError("reader.caliper_entity")
    return given


def _roles(membership: Any) -> str | None:
    if not isinstance(membership, dict):
        return None
    roles = membership.get("roles") or []
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise EventError("reader.caliper_entity")
    return " ".join(roles) or None


def _number(score: Mapping[str, Any], name: str) -> str | None:
    found = score.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise EventError("reader.caliper_score")
    return repr(found)


def _is_iri(given: Any) -> bool:
    return isinstance(given, str) and _IRI.fullmatch(given) is not None


def _is_time(given: Any) -> bool:
    return isinstance(given, str) and _TIME.fullmatch(given) is not None
