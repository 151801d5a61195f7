"""Words of a learner's file in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from expectations.rules.suites import Text

KINDS: Mapping[str, Text] = {
    "school": Text("就读学校", "School"),
    "school_class": Text("班级课程", "Class"),
    "presentation": Text("开放大学课程", "Open-university course"),
    "assessment": Text("考核成绩", "Assessment"),
    "final_result": Text("课程结业", "Final result"),
    "senior_course": Text("老年大学课程", "Senior-university course"),
    "training": Text("职业培训", "Training"),
    "certificate": Text("技能证书", "Skill certificate"),
    "employment": Text("就业", "Employment"),
    "credential": Text("学习成果", "Credential"),
    "credit_deposit": Text("学分存入", "Credits deposited"),
    "credit_conversion": Text("学分认定", "Credits recognised"),
    "credit_transfer": Text("学分互认转移", "Credits transferred"),
    "credit_expiry": Text("学分失效", "Credits expired"),
    "credit_revocation": Text("学分撤销", "Credits revoked"),
    "credit_withdrawal": Text("学分撤回", "Credits withdrawn"),
}
SECTORS: Mapping[str, Text] = {
    "school": Text("学校", "School"),
    "open_university": Text("开放大学", "Open university"),
    "human_resources": Text("人力资源", "Human resources"),
    "senior_university": Text("老年大学", "Senior university"),
    "credit_bank": Text("学分银行", "Credit bank"),
}
RESULTS: Mapping[str, Text] = {
    "passed": Text("通过", "passed"),
    "passed_with_distinction": Text("优秀", "passed with distinction"),
    "completed": Text("完成", "completed"),
    "failed": Text("未通过", "failed"),
    "withdrawn": Text("退出", "withdrawn"),
    "suspended": Text("休学", "suspended"),
    "revoked": Text("已撤销", "revoked"),
}
ATTRIBUTES: Mapping[str, Text] = {
    "school": Text("学校", "school"),
    "residence": Text("居住地", "county of residence"),
    "employer": Text("用人单位", "employer"),
}
SEXES: Mapping[str, Text] = {"male": Text("男", "male"), "female": Text("女", "female")}


def said(words: Mapping[str, Text], code: str | None, language: str) -> str:
    """The word for a code; a code without a word speaks for itself."""
    if code is None:
        return ""
    text = words.get(code)
    return code if text is None else text.zh if language == "zh" else text.en
