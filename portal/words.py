"""Words of receipts and pages that stand in data, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

from expectations.rules.suites import Text

STATES: Mapping[str, Text] = {
    "waiting": Text("已收到，等待处理", "Received, waiting to be read"),
    "processing": Text("正在处理", "Being processed"),
    "held": Text("已暂缓，等待质量管理员决定", "On hold until a quality officer decides"),
    "to_mend": Text("已处理，有些行须更正", "Read, some rows need mending"),
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
    "sent": Text("已更正，正在处理", "put right, being processed"),
    "waiting": Text("已更正，暂缓", "put right, on hold"),
    "again": Text("更正后仍有问题，见更正回执", "put right, still wrong: see the correction's receipt"),
    "overtaken": Text("已被贵单位更新的数据取代", "overtaken by newer data of yours"),
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
    "corrects": Text("更正对象", "corrects"),
    "corrected_since": Text("此后已更正", "corrected since"),
    "taken": Text("已接收的更正", "mended"),
    "kept": Text("未改动的行", "left as it was"),
    "not_taken": Text("未接收的行", "not taken"),
}

REFUSALS: Mapping[str, Text] = {
    "too_large": Text(
        "文件超过 {limit} MB 的上限。请压缩为 zip，或分几次报送。",
        "It is larger than the limit of {limit} MB. Pack it as a zip, or send it in parts.",
    ),
    "too_many_files": Text(
        "一次最多 {most} 个文件。请打包为一个 zip。", "At most {most} files at a time. Pack them in one zip."
    ),
    "no_room": Text(
        "我方服务器空间不足，请稍后再试；您的文件没有问题。",
        "We have no room at the moment, please try later; nothing is wrong with your file.",
    ),
    "kind": Text(
        "{file}：内容不是表格、文本、JSON 或 zip，未接收。请从系统中导出为 CSV 或 Excel。",
        "{file}: by its content this is no table, text, JSON or zip, so it was not taken. Export it as CSV or Excel.",
    ),
    "empty": Text("{file}：文件是空的，请重新导出。", "{file}: the file is empty. Export it again."),
    "no_file": Text("没有选择文件。", "No file was chosen."),
    "busy": Text(
        "贵单位已有 {most} 个文件正在上传，请等其中一个完成。",
        "{most} uploads of yours are under way; wait for one of them to finish.",
    ),
    "broken_off": Text(
        "上传中断，什么也没有留下，请重试。", "The upload broke off, nothing was kept. Please try again."
    ),
    "stale_form": Text("页面已过期，请刷新后重试。", "This page is too old. Reload it and try again."),
    "wrong_token": Text("单位代码或令牌不正确。", "The agency code or the token is not right."),
    "wrong_officer": Text("姓名或令牌不正确。", "The name or the token is not right."),
    "too_often": Text("尝试次数过多，请在 {wait} 秒后再试。", "Too many attempts. Try again in {wait} seconds."),
    "not_here": Text("没有这次报送。", "There is no such delivery."),
    "nothing_here": Text("这里没有您要找的内容。", "There is nothing here."),
    "no_numbers": Text("还没有公布任何数字。", "No numbers have been published here yet."),
    "no_report": Text(
        "质量报告还没有写出。运行 ./flyover report 即可写出。",
        "No report has been written yet: ./flyover report writes it.",
    ),
    "no_lineage": Text(
        "血缘页面还没有生成。运行 ./flyover docs --warehouse 即可生成。",
        "The lineage page has not been written yet: ./flyover docs --warehouse writes it.",
    ),
    "not_your_role": Text(
        "您的角色（{role}）不能这样做，需要 {needed}。", "Your role ({role}) may not do this; it takes {needed}."
    ),
    "no_reason": Text("请写明理由。", "Give a reason."),
    "no_such_day": Text("请给出今天或以后的日期。", "Give today or a day to come."),
    "nothing_chosen": Text("没有选择任何行。", "No row was chosen."),
    "nothing_changed": Text("没有任何改动。", "Nothing was changed in the form."),
    "not_decided": Text("未能执行，什么也没有改变：{problem}", "Nothing was changed: {problem}"),
    "away": Text(
        "服务暂时不可用，请稍后再试；已报送的内容不会丢失。",
        "The service is away for a moment, please try later; nothing you sent is lost.",
    ),
}


def say(text: Text, language: str) -> str:
    """The text in one of the two languages."""
    return text.zh if language == "zh" else text.en
