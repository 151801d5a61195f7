"""Takes one xAPI statement apart, by the standard's own rules; what breaks them is set aside with the rule named.

Source of the rules: ADL xAPI-Data 1.0.3, sections 2.4 (actor, verb, object, result, context) and 4.1; IEEE 9274.1.1
(2.0) keeps the shape and adds ``contextAgents`` and ``contextGroups``, which nothing here depends on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.sources.base import Row

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_VERSION = re.compile(r"(1\.0(\.\d+)?|2\.0(\.\d+)?)")
_NAMESPACE = uuid.UUID("5f4f5e6e-2f0f-5a53-9c8e-3a4d7a0a6b51")
_OBJECT_TYPES = ("Activity", "Agent", "Group", "SubStatement", "StatementRef")
_WITHOUT_MEANING = ("stored", "authority", "version", "attachments")


class StatementError(ValueError):
    """A statement the standard does not allow; its text is the rule id."""


class _Actor(NamedTuple):
    kind: str
    key: str | None
    """one word for whoever it is: an account, or the SHA-1 of a mail, so that both ways of giving a mail agree"""
    mail: str | None = None
    account: str | None = None
    account_name: str | None = None
    name: str | None = None


def row(statement: Mapping[str, Any], line: int, *, accounts_are_ids: bool, part: str | None = None) -> Row:
    """A statement as a row of the contract; ``accounts_are_ids`` tells that account names are resident ids.

    :raises StatementError: the rule it breaks
    """
    if _has_null(statement):
        raise StatementError("reader.xapi_null")
    if not _VERSION.fullmatch(str(statement.get("version", "1.0.3"))):
        raise StatementError("reader.xapi_version")
    actor = _actor(statement.get("actor"))
    verb = _verb(statement.get("verb"))
    object_type, object_id, activity_type = _object(statement.get("object"))
    result, context = _part(statement, "result"), _part(statement, "context")
    score = _part(result, "score")
    when = _instant(statement.get("timestamp") or statement.get("stored"))
    values: dict[str, str | None] = {
        "id": _identity(statement),
        "actor": actor.key,
        "actorKind": actor.kind,
        "actorName": actor.name,
        "actorMail": actor.mail,
        "actorAccount": actor.account,
        "actorResidentId": actor.account_name if accounts_are_ids else None,
        "verb": verb,
        "objectType": object_type,
        "object": object_id,
        "activityType": activity_type,
        "voids": _voids(verb, object_type, object_id),
        "success": _flag(result, "success"),
        "completion": _flag(result, "completion"),
        "scoreScaled": _number(score, "scaled", -1, 1),
        "scoreRaw": _number(score, "raw"),
        "scoreMin": _number(score, "min"),
        "scoreMax": _number(score, "max"),
        "duration": _text(result, "duration"),
        "registration": _text(context, "registration"),
        "parents": _activities(context, "parent"),
        "groupings": _activities(context, "grouping"),
        "platform": _text(context, "platform"),
        "language": _text(context, "language"),
        "timestamp": when,
    }
    return Row(line, values, modified_at=_text(statement, "stored"), part=part)


def _identity(statement: Mapping[str, Any]) -> str:
    """Its id; without one, a UUIDv5 of what it says, so that saying it again is the same statement."""
    given = statement.get("id")
    if given is None:
        said = {name: value for name, value in statement.items() if name not in _WITHOUT_MEANING}
        return str(uuid.uuid5(_NAMESPACE, json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))))
    return _uuid(given)


def _uuid(text: Any) -> str:
    try:
        return str(uuid.UUID(text if isinstance(text, str) else ""))
    except ValueError:
        raise StatementError("reader.xapi_id") from None


def _actor(actor: Any) -> _Actor:
    if not isinstance(actor, dict):
        raise StatementError("reader.xapi_actor")
    kind = actor.get("objectType", "Agent")
    if kind not in ("Agent", "Group"):
        raise StatementError("reader.xapi_actor")
    given = [name for name in ("mbox", "mbox_sha1sum", "openid", "account") if name in actor]
    if kind == "Group" and not given and isinstance(actor.get("member"), list):
        return _Actor(kind, None)
    if len(given) != 1:
        raise StatementError("reader.xapi_actor")
    name = actor.get("name") if isinstance(actor.get("name"), str) else None
    identified = _identified(given[0], actor[given[0]])
    if kind == "Group":
        return _Actor(kind, None)
    return identified._replace(kind=kind, name=name)


def _identified(by: str, value: Any) -> _Actor:
    if by == "account":
        home, name = (value.get("homePage"), value.get("name")) if isinstance(value, dict) else (None, None)
        if not (isinstance(home, str) and _IRI.fullmatch(home) and isinstance(name, str) and name.strip()):
            raise StatementError("reader.xapi_actor")
        return _Actor("Agent", f"account|{home}|{name}", account=f"{home}|{name}", account_name=name)
    if not isinstance(value, str):
        raise StatementError("reader.xapi_actor")
    if by == "mbox" and value.lower().startswith("mailto:") and "@" in value:
        digest = hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest()
        return _Actor("Agent", f"mail|{digest}", mail=value[len("mailto:") :])
    if by == "mbox_sha1sum" and _SHA1.fullmatch(value):
        return _Actor("Agent", f"mail|{value.lower()}", mail=value.lower())
    if by == "openid" and _IRI.fullmatch(value):
        return _Actor("Agent", f"openid|{value}", account=value)
    raise StatementError("reader.xapi_actor")


def _verb(verb: Any) -> str:
    iri = verb.get("id") if isinstance(verb, dict) else None
    if not isinstance(iri, str) or not _IRI.fullmatch(iri):
        raise StatementError("reader.xapi_verb")
    return iri


def _object(target: Any) -> tuple[str, str | None, str | None]:
    """(type, id or None where it is somebody, kind of activity)."""
    kind = target.get("objectType", "Activity") if isinstance(target, dict) else None
    if kind not in _OBJECT_TYPES:
        raise StatementError("reader.xapi_object")
    if kind == "StatementRef":
        return kind, _uuid(target.get("id")), None
    if kind != "Activity":
        return kind, None, None
    iri = target.get("id")
    if not isinstance(iri, str) or not _IRI.fullmatch(iri):
        raise StatementError("reader.xapi_object")
    return kind, iri, _text(_part(target, "definition"), "type")


def _voids(verb: str, object_type: str, object_id: str | None) -> str | None:
    if verb != VOIDED:
        return None
    if object_type != "StatementRef":
        raise StatementError("reader.xapi_void")
    return object_id


def _activities(context: Mapping[str, Any], kind: str) -> str | None:
    listed = _part(context, "contextActivities").get(kind) or []
    activities = listed if isinstance(listed, list) else [listed]
    found = [activity["id"] for activity in activities if isinstance(activity, dict) and "id" in activity]
    if len(found) < len(activities) or not all(isinstance(iri, str) and _IRI.fullmatch(iri) for iri in found):
        raise StatementError("reader.xapi_object")
    return " ".join(found) or None


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = whole.get(name, {})
    if not isinstance(found, dict):
        raise StatementError("reader.xapi_shape")
    return found


def _text(whole: Mapping[str, Any], name: str) -> str | None:
    found = whole.get(name)
    if found is not None and not isinstance(found, str):
        raise StatementError("reader.xapi_shape")
    return found or None


def _flag(whole: Mapping[str, Any], name: str) -> str | None:
    found = whole.get(name)
    if found is None:
        return None
    if not isinstance(found, bool):
        raise StatementError("reader.xapi_shape")
    return "true" if found else "false"


def _number(whole: Mapping[str, Any], name: str, lowest: float = -1e300, highest: float = 1e300) -> str | None:
    found = whole.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not lowest <= found <= highest:
        raise StatementError("reader.xapi_score")
    return repr(found)


def _instant(text: Any) -> str | None:
    """Checked and with an offset: the standard takes a time without one for UTC."""
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise StatementError("reader.xapi_time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).isoformat()


def _has_null(value: Any) -> bool:
    """Whether a null stands anywhere but within extensions."""
    if value is None:
        return True
    if isinstance(value, dict):
        return any(_has_null(inner) for name, inner in value.items() if name != "extensions")
    return isinstance(value, list) and any(_has_null(inner) for inner in value)
