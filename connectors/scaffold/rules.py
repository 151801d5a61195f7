"""The rules a new source begins with, and for each of them a row that breaks it and nothing else.

What was only seen in a sample (always filled, never negative) warns and keeps nothing back: a sample is no promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from connectors.scaffold import invented
from connectors.scaffold.sample import Column

_GUESSED: Final = "warning"
_UNTOLD: Final[dict[str, Any]] = {}


@dataclass(frozen=True)
class Made:
    """One rule as its suite writes it; ``failing`` and ``passing`` change a good row: it breaks, or just keeps it."""

    id: str
    texts: tuple[tuple[str, str], tuple[str, str], tuple[str, str]]
    """title, why, mend: each (zh, en)"""
    severity: str
    dimension: str
    check: dict[str, Any]
    failing: dict[str, Any]
    passing: dict[str, Any] | None = None

    def text(self, owner: str) -> str:
        """Its YAML, as one item of a suite."""
        entry: dict[str, Any] = {"id": self.id}
        for kind, (zh, en) in zip(("title", "why", "mend"), self.texts, strict=True):
            entry |= {f"{kind}_zh": zh, f"{kind}_en": en}
        entry |= {"owner": owner, "severity": self.severity, "dimension": self.dimension, "scope": "row", **self.check}
        body = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=10_000)
        return "".join(f"  {line}\n" for line in body.splitlines())


def made(table: str, columns: Sequence[Column], keys: Sequence[str], zh: str, owner: str) -> list[Made]:
    """All rules of a new entity, ``unique_key`` first."""
    rules = [_unique(table, keys, zh)]
    if any(column.identifier == "resident_id" for column in columns):
        rules += _resident_id(table)
    for column in columns:
        if column.lands:
            rules += _of_column(table, column)
    return rules


def cases(entity: str, columns: Sequence[Column], keys: Sequence[str], rules: Sequence[Made]) -> str:
    """The fixture of :mod:`tests.integration.expectations.test_every_rule` for these rules."""
    ordered = sorted((c for c in columns if c.lands), key=lambda c: c.key_position or len(columns) + 1)
    status = {"_id_status": "valid"} if any(c.identifier == "resident_id" for c in columns) else _UNTOLD
    good = [{c.column: _typed(c, number) for c in ordered} | status for number in (1, 2)]
    case: dict[str, Any] = {"good": good, "key": _typed(ordered[0], 3)}
    case["failing"] = {rule.id.split(".")[1]: rule.failing for rule in rules[1:]}
    case["passing"] = {rule.id.split(".")[1]: rule.passing for rule in rules if rule.passing is not None}
    head = (
        "# Invented rows that pass every rule, and for each rule what to change in the first so that it alone fails.\n"
    )
    return head + yaml.dump({entity: case}, Dumper=_Unshared, allow_unicode=True, sort_keys=False, width=110)


class _Unshared(yaml.SafeDumper):
    """Writes equal parts out each time."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _typed(column: Column, number: int) -> Any:
    text = invented.value(column, number)
    return text if column.pg_type in ("text", "timestamptz") else yaml.safe_load(text)


def _unique(table: str, keys: Sequence[str], zh: str) -> Made:
    return Made(
        f"{table}.unique_key",
        (
            (f"一份{zh}中同一 {'、'.join(keys)} 不得出现两次且内容不同", _en_unique(keys)),
            (
                "内容互相矛盾时，无法判断哪一行正确，任选一行都可能是错的。",
                "When two rows contradict each other nobody can tell which is right, and picking one would be a guess.",
            ),
            (
                "请在源系统中核对该记录，只保留正确的一行后重新报送。",
                "Check the record in the source system and send only the right row.",
            ),
        ),
        "critical",
        "uniqueness",
        {"expect": {"type": "ExpectColumnValuesToBeUnique", "column": "_record_id"}},
        {},
        {},
    )


def _en_unique(keys: Sequence[str]) -> str:
    return f"The same {', '.join(keys)} must not appear twice in one file with different content"


def _resident_id(table: str) -> list[Made]:
    valid = ["valid", "missing", "other_document"]
    present = (
        f"r._id_status = 'missing' and exists (select from judging.{table} as other where "
        "other._id_status <> 'missing')"
    )
    return [
        Made(
            f"{table}.resident_id_valid",
            (
                ("公民身份号码应通过校验", "The resident id should pass its check"),
                (
                    "号码有误的人不能凭号码与其他系统中的本人对应，只能靠比对推断。",
                    "Someone whose number is wrong cannot be recognised by it in other systems; only comparison is "
                    "left.",
                ),
                (
                    "请对照证件核对号码后重新报送该记录。",
                    "Check the number against the document and send the record again.",
                ),
            ),
            "warning",
            "validity",
            {"expect": {"type": "ExpectColumnValuesToBeInSet", "column": "_id_status", "value_set": valid}},
            {"_id_status": "invalid"},
            {"_id_status": "other_document"},
        ),
        Made(
            f"{table}.resident_id_present",
            (
                ("公民身份号码宜填写", "The resident id should be given"),
                (
                    "没有号码的人仍会入库，但跨系统对应较弱；整份文件都没有号码的不提示。",
                    "A person without a number is taken in, but is harder to recognise elsewhere; a file without any "
                    "numbers is not reported.",
                ),
                ("有条件时请补填。", "Fill it in where you can."),
            ),
            "info",
            "completeness",
            {"sql": {"failing": present}},
            {"_id_status": "missing"},
        ),
    ]


def _of_column(table: str, column: Column) -> list[Made]:
    word, rules = column.column, []
    if column.is_filled and column.key_position is None:
        rules.append(_given(table, word))
    if column.digits is not None:
        rules.append(_shape(table, word, column.digits))
    if column.is_year:
        rules.append(_year(table, word))
    if column.is_never_negative:
        rules.append(_not_negative(table, word))
    if column.is_never_ahead:
        rules.append(_not_in_future(table, word))
    return rules


def _given(table: str, word: str) -> Made:
    return Made(
        f"{table}.{word}_given",
        (
            (f"{word} 应填写", f"{word} should be given"),
            ("缺少此项的行在按此项统计时无处可归。", "A row without it is missing wherever it is counted by it."),
            (f"请补填 {word}。", f"Fill in {word}."),
        ),
        _GUESSED,
        "completeness",
        {"expect": {"type": "ExpectColumnValuesToNotBeNull", "column": word}},
        {word: None},
    )


def _shape(table: str, word: str, digits: int) -> Made:
    return Made(
        f"{table}.{word}_shape",
        (
            (f"{word} 应为 {digits} 位数字", f"{word} should be {digits} digits"),
            (
                "位数不对的代码多半被表格软件改写过。",
                "A code of another length was most often changed by a spreadsheet.",
            ),
            (f"请核对 {word}，保留前面的零。", f"Check {word}; keep the zeros at its front."),
        ),
        _GUESSED,
        "validity",
        {"expect": {"type": "ExpectColumnValuesToMatchRegex", "column": word, "regex": f"^[0-9]{{{digits}}}$"}},
        {word: "x"},
        {word: "0" * digits},
    )


def _year(table: str, word: str) -> Made:
    return Made(
        f"{table}.{word}_plausible",
        (
            (f"{word} 应在 1900 年之后且不超过明年", f"{word} should lie after 1900 and not beyond next year"),
            ("年度写错的数会进入错误的年份。", "A figure under a wrong year ends up in the wrong year."),
            (f"请核对 {word}。", f"Check {word}."),
        ),
        _GUESSED,
        "plausibility",
        {"sql": {"failing": f"r.{word} < 1900 or r.{word} > extract(year from r._published_at) + 1"}},
        {word: 1899},
        {word: 1900},
    )


def _not_negative(table: str, word: str) -> Made:
    return Made(
        f"{table}.{word}_not_negative",
        (
            (f"{word} 不应为负", f"{word} should not be negative"),
            (
                "负数会使上级合计偏小，而且不易察觉。",
                "A negative number makes every total above it too small, and nobody would notice.",
            ),
            (f"请核对 {word}。", f"Check {word}."),
        ),
        _GUESSED,
        "validity",
        {"expect": {"type": "ExpectColumnValuesToBeBetween", "column": word, "min_value": 0}},
        {word: -1},
        {word: 0},
    )


def _not_in_future(table: str, word: str) -> Made:
    return Made(
        f"{table}.{word}_not_in_future",
        (
            (f"{word} 不应在将来", f"{word} should not lie in the future"),
            ("尚未发生的事不能计入。", "What has not happened cannot count."),
            (f"请核对 {word}。", f"Check {word}."),
        ),
        _GUESSED,
        "plausibility",
        {"sql": {"failing": f"r.{word} > r._published_at::date + 1"}},
        {word: yaml.safe_load("2999-01-01")},
    )
