"""Versions of the rules: what a rule checked when it judged a batch, told by a fingerprint of its check.

Texts, severity and owner may change without making a version; whatever decides whether a row fails does.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from typing import Any

from expectations.rules.suites import Across, Reference, Rule, Suite
from pipeline.db import Connection

_LENGTH = 16


def fingerprint(rule: Rule) -> str:
    """Short hash of what the rule checks."""
    text = json.dumps([rule.scope, definition(rule)["check"]], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def definition(rule: Rule) -> dict[str, Any]:
    """The rule as it is kept for whoever asks later."""
    check = rule.check
    what: dict[str, Any] = {"kind": type(check).__name__.lower()}
    if isinstance(check, Reference):
        what |= {"entity": check.parent.table, "column": check.column, "to": check.to, "list": check.is_list}
    elif isinstance(check, Across):
        what |= {"failing": check.sql, "sees": {name: seen.table for name, seen in check.sees.items()}}
    else:
        what |= dict(vars(check))
    texts = {name: dataclasses.asdict(getattr(rule, name)) for name in ("title", "why", "mend")}
    head = {name: getattr(rule, name) for name in ("severity", "dimension", "scope", "owner")}
    return {"check": what, **head, **texts}


def record(connection: Connection, suite: Suite, batch_id: uuid.UUID) -> None:
    """Note, beside the results of a batch, which version judged and what it went by; in the caller's transaction."""
    versions = {rule.id: fingerprint(rule) for rule in suite.rules}
    if not versions:
        return
    named = {"batch": batch_id, "rules": list(versions), "versions": list(versions.values())}
    fresh = {row[0] for row in connection.execute(_UNKNOWN, named)}
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into quality.rule (rule_id, fingerprint, definition) values (%s, %s, %s) on conflict do nothing",
            [
                (rule.id, versions[rule.id], json.dumps(definition(rule), ensure_ascii=False))
                for rule in suite.rules
                if rule.id in fresh
            ],
        )
    connection.execute(_RESULTS, named)


_UNKNOWN = """
select used.rule_id
from unnest(%(rules)s::text[], %(versions)s::text[]) as used (rule_id, fingerprint)
left join quality.rule as known on used.rule_id = known.rule_id and used.fingerprint = known.fingerprint
where known.rule_id is null
"""
_RESULTS = """
update quality.rule_result as result
set fingerprint = used.fingerprint, evidence = h.evidence, observed = coalesce(h.observed::text, result.observed)
from unnest(%(rules)s::text[], %(versions)s::text[]) as used (rule_id, fingerprint)
left join quality.history as h on h.batch_id = %(batch)s and used.rule_id = h.rule_id
where result.batch_id = %(batch)s and result.rule_id = used.rule_id
"""


def note_rejudged(connection: Connection, rule: Rule) -> None:
    """Note that this version has looked at what older ones kept back."""
    connection.execute(
        "insert into quality.rule (rule_id, fingerprint, definition, rejudged_at) values (%s, %s, %s, now()) "
        "on conflict (rule_id, fingerprint) do update set rejudged_at = excluded.rejudged_at",
        (rule.id, fingerprint(rule), json.dumps(definition(rule), ensure_ascii=False)),
    )
