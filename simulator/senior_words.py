"""The words each office of a senior university writes where the contract has a code.

Hangzhou writes the words of the template; Lishui its own, all of which mean one thing only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simulator.senior_offer import EARLIER_TERMS, TERMS, Form, Term

_BOTH: Final[Mapping[str, Mapping[str, str]]] = {
    "sex": {"male": "男", "female": "女"},
    "retired_flag": {"true": "是", "false": "否"},
    "health_declaration_flag": {"true": "是", "false": "否"},
    "consent_80plus": {"true": "是"},
}


def _in_chinese(term: Term) -> str:
    year, season = term.code.split("-")
    return f"{year}年{'春' if season == 'spring' else '秋'}季"


WORDS: Final[Mapping[Form, Mapping[str, Mapping[str, str]]]] = {
    "workbook": {
        **_BOTH,
        "term": {term.code: _in_chinese(term) for term in (*EARLIER_TERMS, *TERMS)},
        "course_category": {
            "arts": "文化艺术",
            "calligraphy-painting": "书法绘画",
            "music-dance": "音乐舞蹈",
            "health-sport": "健康体育",
            "language": "语言",
            "digital-skills": "数字技能",
            "history-culture": "历史文化",
            "crafts": "手工技艺",
            "other": "其他",
        },
        "delivery": {"classroom": "面授", "online": "线上", "study-tour": "游学", "outreach": "送教"},
        "status": {"enrolled": "在读", "suspended": "休学", "completed": "结业", "withdrawn": "退学"},
        "withdraw_reason": {
            "death": "去世",
            "illness": "疾病",
            "moved": "迁居",
            "personal": "个人原因",
            "class-cancelled": "停班",
        },
        "education_level": {
            "unschooled": "未上过学",
            "primary": "小学",
            "junior": "初中",
            "senior": "高中",
            "jcollege": "大专",
            "bachelor_plus": "本科及以上",
        },
    },
    "gbk": {
        **_BOTH,
        "course_category": {
            "arts": "文艺",
            "calligraphy-painting": "书画",
            "music-dance": "声乐",
            "health-sport": "养生保健",
            "language": "外语",
            "digital-skills": "智能手机",
            "history-culture": "国学",
            "crafts": "手工",
            "other": "其它",
        },
        "delivery": {"classroom": "线下", "online": "网络", "study-tour": "研学", "outreach": "送教下乡"},
        "status": {"enrolled": "在学", "suspended": "暂停", "completed": "毕业", "withdrawn": "退班"},
        "withdraw_reason": {
            "death": "病故",
            "illness": "身体原因",
            "moved": "搬家",
            "personal": "家庭原因",
            "class-cancelled": "未开班",
        },
        "education_level": {
            "unschooled": "文盲",
            "primary": "小学",
            "junior": "初中",
            "senior": "中专",
            "jcollege": "专科",
            "bachelor_plus": "本科",
        },
    },
}
"""By form, column and code. What is not listed is written as it stands."""
