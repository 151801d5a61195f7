"""Which columns of the sender's file a reason is about, in the sender's own words."""

from __future__ import annotations

import functools
import re

from expectations.rules.columns import of_rule
from pipeline.contracts import Contract

__all__ = ["named_in", "of_row", "of_rule"]

_AT_FIELD = re.compile(r"`\$\.data\.([^`\[]+)")
_LACKS_FIELD = re.compile(r"missing required field `([^`]+)`")


@functools.lru_cache(4096)  # rows are many, their ways to be wrong few
def of_row(rule_ids: tuple[str, ...], field: str | None, detail: str | None, contract: Contract) -> tuple[str, ...]:
    """Columns at fault in one row: what the reader or the contract named, else what its rules look at."""
    known = {f.name for f in contract.fields}
    told = [name for name in (field, named_in(detail)) if name in known]
    if told:
        return (str(told[0]),)
    looked_at = {name for rule_id in rule_ids for name in of_rule(rule_id, contract)}
    return tuple(f.name for f in contract.fields if f.name in looked_at)


def named_in(detail: str | None) -> str | None:
    """Field that the contract's decoder complained about; it never quotes a value."""
    found = _AT_FIELD.search(detail or "") or _LACKS_FIELD.search(detail or "")
    return found[1] if found else None
