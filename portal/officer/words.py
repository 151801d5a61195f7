"""Words of the officer's desk that stand in data, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.calendar import State
from expectations.reports import words as report_words
from expectations.reports.facts import PARTS as BOOKS
from expectations.rules.suites import Text

SEVERITIES, DIMENSIONS, SCOPES = report_words.SEVERITIES, report_words.DIMENSIONS, report_words.SCOPES
PARTS = {part: report_words.NAMES[part] for part in ("received", *BOOKS)}


@dataclass(frozen=True)
class Action:
    """A decision as the desk offers it."""

    verb: Text
    what_happens: Text
    done: Text
    allowed: tuple[str, ...]
    """states of rows, or of a batch, it can be taken about"""
    is_grave: bool = False


ROW_ACTIONS: Mapping[str, Action] = {
    "return": Action(
        Text("退回单位", "Return to the agency"),
        Text(
            "单位会在回执中看到这些行，下载可更正的文件，改好后重新报送。",
            "The agency finds these rows in its receipt, downloads them in a file it can mend, and sends them again.",
        ),
        Text("已退回", "Returned"),
        ("open",),
    ),
    "waive": Action(
        Text("放行至某日", "Let pass until a day"),
        Text(
            "这些行按原样进入数据仓库，直至所定日期当日结束；之后重新等待处理。",
            "The rows enter the warehouse as they are, to the end of that day; then they wait here again.",
        ),
        Text("已放行", "Let pass"),
        ("open", "returned"),
    ),
    "refuse": Action(
        Text("拒收", "Refuse"),
        Text("这些行永不使用。单位会在回执中看到。", "The rows are never used. The agency sees it in its receipt."),
        Text("已拒收", "Refused"),
        ("open", "returned"),
        is_grave=True,
    ),
    "replay": Action(
        Text("重放已更正的行", "Replay what is mended"),
        Text(
            "已更正的行作为新批次再走一遍同样的关口，原条目关闭；未更正的行不动。",
            "Mended rows go through the same door again as a batch of their own, which closes their entries; others "
            "stay.",
        ),
        Text("已重放", "Replayed"),
        ("mended",),
    ),
    "resend": Action(
        Text("规则有误，按原样重放", "The rule was wrong: replay as they are"),
        Text(
            "只因这条规则被隔离的行按原样作为新批次再检查一遍；请先改好规则，否则会再次被隔离。",
            "Rows that this rule alone keeps back are judged again as they are, as a batch of their own. Correct the "
            "rule first, or they come back.",
        ),
        Text("已重放", "Replayed"),
        ("open", "returned"),
    ),
    "reopen": Action(
        Text("撤销决定", "Take the decision back"),
        Text(
            "这些行重新等待处理；两次决定都留在记录中。", "The rows wait again; both decisions stay in their history."
        ),
        Text("已撤销", "Taken back"),
        ("mended", "waived", "returned", "refused"),
    ),
}
BATCH_ACTIONS: Mapping[str, Action] = {
    "release": Action(
        Text("放行", "Release"),
        Text(
            "暂缓的行进入数据仓库；已隔离的行仍留在隔离区。",
            "The held rows enter the warehouse with the next build; what is in quarantine stays there.",
        ),
        Text("已放行", "Released"),
        ("held",),
    ),
    "release_with_waiver": Action(
        Text("放行并豁免至某日", "Release, and waive the rule until a day"),
        Text(
            "暂缓的行进入数据仓库；所定日期当日结束之前，该单位此表不再因同一规则被暂缓（仍会记录）。",
            "The held rows enter the warehouse, and until the end of that day the same rules hold no batch of this "
            "agency's table again; their failures are still recorded.",
        ),
        Text("已放行并豁免", "Released with a waiver"),
        ("held",),
    ),
    "refuse": Action(
        Text("拒收", "Refuse"),
        Text(
            "这一批的行永不使用；该单位下次报送的内容一律按新数据处理。",
            "No row of this batch is ever used; what the agency sends next counts as new.",
        ),
        Text("已拒收", "Refused"),
        ("held",),
        is_grave=True,
    ),
    "withdraw": Action(
        Text("撤回已放行的批次", "Withdraw"),
        Text(
            "这一批的行随下次构建离开数据仓库；该单位下次报送的内容一律按新数据处理。",
            "The rows of this batch leave the warehouse with the next build; what the agency sends next counts as new.",
        ),
        Text("已撤回", "Withdrawn"),
        ("released",),
        is_grave=True,
    ),
}
ROW_STATUSES: Mapping[str, Text] = {
    "open": Text("待处理", "open"),
    "returned": Text("已退回单位", "returned"),
    "mended": Text("已更正，待重放", "mended, to be replayed"),
    "waived": Text("已放行至某日", "let pass"),
    "refused": Text("已拒收", "refused"),
    "closed": Text("已关闭", "closed"),
}
BATCH_STATUSES: Mapping[str, Text] = {
    "landing": Text("正在到达", "arriving"),
    "landed": Text("已到达，待检查", "arrived, to be judged"),
    "held": Text("暂缓", "on hold"),
    "released": Text("已放行", "released"),
    "refused": Text("已拒收", "refused"),
}
TONES: Mapping[str, str] = {
    "open": "warn", "returned": "calm", "mended": "calm", "waived": "good", "refused": "bad", "closed": "good",
    "landing": "calm", "landed": "calm", "held": "warn", "released": "good",
    "critical": "bad", "warning": "warn", "info": "calm",
    "late": "bad", "came late": "warn", "waiting": "calm", "on time": "good", "by event": "calm", "paused": "calm",
    "between terms": "calm", "no deadline": "calm",
    "staged": "calm", "published": "calm", "unchanged": "good", "modelled": "good",
}  # fmt: skip
FEED_STATES: Mapping[State, Text] = {
    "late": Text("逾期未报", "late"),
    "came late": Text("迟报", "came late"),
    "waiting": Text("待报送", "awaited"),
    "on time": Text("按时", "on time"),
    "by event": Text("随到随收", "whenever it comes"),
    "paused": Text("已暂停", "paused"),
    "between terms": Text("学期之间", "between terms"),
    "no deadline": Text("无截止时间", "no deadline"),
}
PLACES: Mapping[str, Text] = {
    "staged": Text("已收取，待发布", "taken in, to be published"),
    "published": Text("已发布，待落地", "published, to land"),
    "unchanged": Text("内容无变化", "nothing new in it"),
    "modelled": Text("已进入数据仓库", "in the warehouse"),
    **BATCH_STATUSES,
    "released": Text("已放行，待构建", "released, to be built"),
}
"""where a delivery stands; of several batches, the one that lags most behind"""
ROLES: Mapping[str, Text] = {
    "viewer": Text("查阅", "viewer"),
    "officer": Text("质量管理员", "officer"),
    "steward": Text("主管", "steward"),
}
ROW_DECISIONS: Mapping[str, Text] = {
    "mend": Text("更正", "mended"),
    "waive": Text("放行", "let pass"),
    "return": Text("退回单位", "returned"),
    "refuse": Text("拒收", "refused"),
    "reopen": Text("撤销决定", "took a decision back"),
    "replay": Text("重放", "replayed"),
    "lapse": Text("放行到期", "waiver ended"),
}
BATCH_DECISIONS: Mapping[str, Text] = {
    "batch held to released": Text("放行暂缓的批次", "released a batch"),
    "batch held to refused": Text("拒收暂缓的批次", "refused a batch"),
    "batch released to refused": Text("撤回批次", "withdrew a batch"),
}
