"""Words of receipts and pages that stand in data, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from expectations.suites import Text

STATES: Mapping[str, Text] = {
    "waiting": Text("已收到，等待处理", "Received, waiting to be read"),
    "processing": Text("正在处理", "Being processed"),
    "held": Text("已暂缓，等待质量管理员决定", "On hold until a quality officer decides"),
    "to_mend": Text("已采纳，部分行须更正", "Taken in, some rows need mending"),
    "accepted": Text("全部采纳", "Everything accepted"),
    "unchanged": Text("与上次相同，没有新内容", "The same as last time, nothing new"),
    "withdrawn": Text("已由质量管理员拒收或撤回", "Refused or withdrawn by a quality officer"),
    "refused": Text("未能接收，须更正后重新报送", "Could not be taken in, correct it and send it again"),
}
STATUSES: Mapping[str, Text] = {
    "open": Text("待更正", "to mend"),
    "returned": Text("已退回，待更正", "returned, to mend"),
    "mended": Text("已由我方更正", "put right by us"),
    "waived": Text("已按原样采纳", "accepted as it is"),
    "refused": Text("不予采纳", "not used"),
    "closed": Text("已更正并采纳", "put right and accepted"),
}
COLUMNS = (
    Text("项目", "what"),
    Text("表", "table"),
    Text("文件", "file"),
    Text("工作表或分页", "sheet or part"),
    Text("行号", "row"),
    Text("记录编号", "record number"),
    Text("列", "column"),
    Text("行数", "rows"),
    Text("代码", "code"),
    Text("说明", "text"),
    Text("如何更正", "how to mend"),
    Text("状态", "status"),
)
MEND_COLUMNS = (
    Text("行号", "row"),
    Text("文件或工作表", "file or sheet"),
    Text("记录编号", "record number"),
    Text("有问题的列", "column at fault"),
    Text("问题", "problem"),
    Text("如何更正", "how to mend"),
    Text("flyover_entry", "flyover_entry"),
)
LINES: Mapping[str, Text] = {
    "delivery": Text("报送", "delivery"),
    "refused": Text("拒收", "refused"),
    "read": Text("读取", "read"),
    "unchanged": Text("与上次相同", "unchanged"),
    "under_way": Text("处理中", "being processed"),
    "received": Text("收到", "received"),
    "accepted": Text("采纳", "accepted"),
    "quarantined": Text("暂存待更正", "kept back"),
    "duplicate": Text("重复", "duplicate"),
    "held": Text("暂缓", "on hold"),
    "held_why": Text("暂缓原因", "on hold because"),
    "repaired": Text("已代为修正", "repaired"),
    "note": Text("提示", "note"),
    "row": Text("待更正的行", "row kept back"),
}


def say(text: Text, language: str) -> str:
    """The text in one of the two languages."""
    return text.zh if language == "zh" else text.en
