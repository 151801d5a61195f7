"""The suite that is judged: twelve rules over ``hr.employments``, in the mix that the project's own suites have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from expectations.rules.suites import SUITES

SOURCE, ENTITY = "hr", "employments"
TABLE = f"{SOURCE}__{ENTITY}"
FORMS = ("contract", "dispatch", "flexible", "platform", "self", "rural")
STATES = ("active", "ended", "suspended")
SCHEMES = ("GBT6565", "ISCO08")
USCC = "^[0-9A-HJ-NPQRTUWXY]{18}$"
DIVISION = "^33[0-9]{4}$"
MOST_HOURS = 80
LONGEST_CODE = 10
NO_EMPLOYER = "r.employment_form in ('contract', 'dispatch') and r.employer_uscc is null"
TOO_YOUNG = "r.start_date < r.birth_date + interval '16 years'"

_RULES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("unique_key", "critical", {"type": "ExpectColumnValuesToBeUnique", "column": "_record_id"}),
    ("start_given", "critical", {"type": "ExpectColumnValuesToNotBeNull", "column": "start_date"}),
    ("form_code", "critical", {"type": "ExpectColumnValuesToBeInSet", "column": "employment_form", "value_set": FORMS}),
    ("state_code", "critical", {"type": "ExpectColumnValuesToBeInSet", "column": "record_status", "value_set": STATES}),
    (
        "scheme_code",
        "warning",
        {"type": "ExpectColumnValuesToBeInSet", "column": "occupation_scheme", "value_set": SCHEMES},
    ),
    ("uscc_shape", "critical", {"type": "ExpectColumnValuesToMatchRegex", "column": "employer_uscc", "regex": USCC}),
    (
        "division_shape",
        "critical",
        {"type": "ExpectColumnValuesToMatchRegex", "column": "workplace_division", "regex": DIVISION},
    ),
    (
        "hours_possible",
        "critical",
        {
            "type": "ExpectColumnValuesToBeBetween",
            "column": "contract_hours",
            "min_value": 0,
            "max_value": MOST_HOURS,
        },
    ),
    (
        "code_length",
        "warning",
        {
            "type": "ExpectColumnValueLengthsToBeBetween",
            "column": "occupation_code",
            "min_value": 1,
            "max_value": LONGEST_CODE,
        },
    ),
    (
        "ends_after_start",
        "critical",
        {
            "type": "ExpectColumnPairValuesAToBeGreaterThanB",
            "column_A": "end_date",
            "column_B": "start_date",
            "or_equal": True,
        },
    ),
    ("employer_named", "critical", {"failing": NO_EMPLOYER}),
    ("of_working_age", "critical", {"failing": TOO_YOUNG}),
)
RULES = tuple(name for name, _, _ in _RULES)
CRITICAL = tuple(name for name, severity, _ in _RULES if severity == "critical")


@contextmanager
def suites_dir() -> Iterator[Path]:
    """A directory of the project's suites in which the judged entity has these rules in place of its own."""
    with TemporaryDirectory(prefix="flyover-bench-suites-") as folder:
        suites = Path(folder)
        for path in SUITES.glob("*.yaml"):
            (suites / path.name).symlink_to(path)
        ours = suites / f"{TABLE}.yaml"
        ours.unlink()
        rules = [_rule(name, severity, check) for name, severity, check in _RULES]
        ours.write_text(yaml.safe_dump({"rules": rules}, allow_unicode=True), encoding="utf-8")
        yield suites


def _rule(name: str, severity: str, check: dict[str, Any]) -> dict[str, Any]:
    texts = {f"{text}_{language}": name for text in ("title", "why", "mend") for language in ("zh", "en")}
    kind = "sql" if "failing" in check else "expect"
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in check.items()}
    return {
        "id": f"{TABLE}.{name}",
        **texts,
        "owner": "benchmark",
        "severity": severity,
        "dimension": "validity",
        "scope": "row",
        kind: plain,
    }
