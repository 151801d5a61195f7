"""Words of the quality pages in both languages: dimensions, states, and what a rule checks, in a sentence."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from expectations.rules.suites import SUITES, Across, Expect, Failing, History, Reference, Rule, Suite, Text, load
from pipeline.contracts import Contract

NAMES: Mapping[str, Text] = {
    "received": Text("收到", "received"),
    "released": Text("放行", "released"),
    "quarantined": Text("隔离", "quarantined"),
    "duplicate": Text("重复", "duplicate"),
    "refused": Text("拒收", "refused"),
    "held": Text("暂缓", "held"),
    "waiting": Text("待处理", "waiting"),
}
SEVERITIES: Mapping[str, Text] = {
    "critical": Text("严重", "critical"),
    "warning": Text("警告", "warning"),
    "info": Text("提示", "info"),
}
DIMENSIONS: Mapping[str, Text] = {
    "completeness": Text("完整性", "completeness"),
    "validity": Text("有效性", "validity"),
    "consistency": Text("一致性", "consistency"),
    "uniqueness": Text("唯一性", "uniqueness"),
    "timeliness": Text("及时性", "timeliness"),
    "plausibility": Text("合理性", "plausibility"),
}
QUESTIONS: Mapping[str, Text] = {
    "completeness": Text("该有的都有吗？", "Is what should be there there?"),
    "validity": Text("取值合乎规定吗？", "Are the values allowed ones?"),
    "consistency": Text("彼此对得上吗？", "Do they agree with each other?"),
    "uniqueness": Text("一条只报一次吗？", "Is each thing said once?"),
    "timeliness": Text("时间跟得上吗？", "Is it of the right time?"),
    "plausibility": Text("可能是真的吗？", "Can it be true?"),
}
SCOPES: Mapping[str, Text] = {
    "row": Text("行", "row"),
    "delivery": Text("跨表", "across tables"),
    "table": Text("整批", "whole batch"),
}
EFFECTS: Mapping[tuple[str, bool], Text] = {
    ("critical", False): Text("不合格的行进入隔离区", "a failing row goes to quarantine"),
    ("critical", True): Text("不合格的整批暂缓，等待决定", "a failing batch is held for a decision"),
    ("warning", False): Text("照常放行，列入报告", "released, and reported"),
    ("warning", True): Text("照常放行，列入报告", "released, and reported"),
    ("info", False): Text("照常放行，仅供了解", "released; for information"),
    ("info", True): Text("照常放行，仅供了解", "released; for information"),
}
AREAS: Mapping[str, Text] = {
    "simulated": Text("模拟数据", "simulated"),
    "province": Text("真实数据", "real"),
    "outside": Text("省外数据集", "outside the province"),
    "unknown": Text("未登记", "not registered"),
}
ARRIVALS: Mapping[str, Text] = {
    "on time": Text("按时", "on time"),
    "came late": Text("迟到，已收到", "came late"),
    "waiting": Text("未到期限", "not due yet"),
    "late": Text("逾期未到", "late"),
    "by event": Text("有则报送", "by event"),
    "paused": Text("已暂停", "paused"),
    "between terms": Text("假期", "between terms"),
    "no deadline": Text("无期限", "no deadline"),
}
ENTRY_STATES: Mapping[str, Text] = {
    "open": Text("待决定", "waiting"),
    "mended": Text("已更正，待重放", "mended, to be replayed"),
    "waived": Text("已豁免", "waived"),
    "returned": Text("已退回机构", "returned"),
    "refused": Text("不予采用", "refused"),
    "closed": Text("已更正并重放", "mended and replayed"),
}
ACTIONS: Mapping[str, Text] = {
    "mend": Text("更正", "mended"),
    "waive": Text("豁免", "waived"),
    "return": Text("退回机构", "returned to the agency"),
    "refuse": Text("不予采用", "refused"),
    "reopen": Text("撤销原决定", "opened again"),
    "replay": Text("重放", "replayed"),
    "lapse": Text("豁免到期", "waiver lapsed"),
}
MEASURES: Mapping[str, Text] = {
    "volume": Text("行数", "the number of rows"),
    "deleted_share": Text("删除行所占比例", "the share of deleted rows"),
    "null_share": Text("空值比例", "the share of missing values"),
    "distribution": Text("各代码的分布", "the distribution over codes"),
    "mean": Text("平均值", "the mean"),
    "last_term": Text("上学期的人次", "the count of last term"),
}
_TABLES = Path(__file__).with_name("tables.yaml")


def tables() -> Mapping[str, Text]:
    """Name of every table; in Chinese its file's name where nobody has given it another."""
    chinese = _chinese_tables()
    return {
        table: Text(chinese.get(table, suite.contract.file or table), suite.contract.title)
        for table, suite in load(SUITES).items()
    }


@functools.cache
def _chinese_tables() -> Mapping[str, str]:
    document: dict[str, str] = yaml.safe_load(_TABLES.read_text(encoding="utf-8"))
    return document


def checked(rule: Rule, suite: Suite) -> Text:
    """What a rule checks, in a sentence; fields stand between backquotes, by the sender's own names."""
    check = rule.check
    if isinstance(check, Reference):
        field, to = _field(check.column, suite.contract), _field(check.to, check.parent)
        if check.is_list:
            return Text(
                f"{field} 中列出的每一项都是 {check.parent.file} 中已有的 {to}",
                f"each element of {field} is a {to} known from {check.parent.file}",
            )
        return Text(
            f"{field} 是 {check.parent.file} 中已有的 {to}", f"{field} is a {to} known from {check.parent.file}"
        )
    if isinstance(check, Expect):
        return _expected(check, suite.contract)
    if isinstance(check, History):
        about, what = _field(check.column, suite.contract) if check.column else "", MEASURES[check.measure]
        return Text(
            f"{about} 的{what.zh}与本机构以往各批相近" if about else f"{what.zh}与本机构以往各批相近",
            f"{what.en}{f' of {about}' if about else ''} is like that of the agency's own earlier batches",
        )
    if isinstance(check, Across) and check.sees:
        files = sorted({contract.file for contract in check.sees.values()})
        return Text(
            f"对照 {'、'.join(files)}，满足下列条件的即为不合格",
            f"held against {', '.join(files)}: what meets this condition fails",
        )
    return Text("满足下列条件的即为不合格", "what meets this condition fails")


def condition(rule: Rule) -> str | None:
    """The SQL of a rule that has one."""
    return rule.check.sql if isinstance(rule.check, Failing | Across) else None


def _expected(check: Expect, contract: Contract) -> Text:
    said = {key: value for key, value in check.arguments.items() if not key.startswith("column")}
    field, first, second = (
        _field(str(check.arguments.get(key, "")), contract) for key in ("column", "column_A", "column_B")
    )
    low, high = _bound(said.get("min_value")), _bound(said.get("max_value"))
    match check.type:
        case "ExpectColumnValuesToNotBeNull":
            return Text(f"{field} 不为空", f"{field} is filled in")
        case "ExpectColumnValuesToBeInSet":
            return Text(f"{field} 为 {_codes(said, '、', '个代码之一')}", f"{field} is {_codes(said, ', ', ' codes')}")
        case "ExpectColumnValuesToMatchRegex":
            return Text(f"{field} 符合格式 `{said['regex']}`", f"{field} matches `{said['regex']}`")
        case "ExpectColumnValuesToBeBetween":
            return Text(f"{field} 在 {low} 至 {high} 之间", f"{field} is between {low} and {high}")
        case "ExpectColumnValueLengthsToBeBetween":
            return Text(f"{field} 的长度在 {low} 至 {high} 之间", f"{field} has between {low} and {high} characters")
        case "ExpectColumnValuesToBeUnique":
            return Text(f"{field} 在一批中不重复", f"{field} is not repeated within a batch")
        case "ExpectColumnPairValuesAToBeGreaterThanB":
            equal = bool(said.get("or_equal"))
            return Text(
                f"{first} {'不小于' if equal else '大于'} {second}",
                f"{first} is {'not less' if equal else 'greater'} than {second}",
            )
        case "ExpectTableRowCountToBeBetween":
            return Text(f"一批的行数在 {low} 至 {high} 之间", f"a batch has between {low} and {high} rows")
    return Text(check.type, check.type)


def _field(column: str, contract: Contract) -> str:
    known = {field.column: field.name for field in contract.fields}
    return f"`{known.get(column, column)}`"


def _bound(value: Any) -> str:
    return "…" if value is None else str(value)


def _codes(said: Mapping[str, Any], between: str, many: str) -> str:
    values = said["value_set"]
    if len(values) > 12:
        return f"{len(values)}{many}"
    return between.join(f"`{value}`" for value in values)
