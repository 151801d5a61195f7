"""What the pages say of the credit bank's rules is what the rules in force say."""

import re

import yaml

from pipeline.settings import CHECKOUT

WORDS = (CHECKOUT / "portal" / "site" / "src" / "words" / "credit.ts").read_text(encoding="utf-8")


def test_the_caps_on_the_page_are_those_in_force():
    rules = yaml.safe_load((CHECKOUT / "ledger" / "rules" / "conversion.yaml").read_text(encoding="utf-8"))["rules"]
    (rule,) = (rule for rule in rules if rule["valid_to"] is None and rule["institution_code"] is None)
    for key, cap in (("rule2", "least_overlap_pct"), ("rule4", "online_cap_pct"), ("rule5", "total_cap_pct")):
        (said,) = re.findall(rf"^  {key}: \[(.*?)\],$", WORDS, re.MULTILINE | re.DOTALL)
        assert set(re.findall(r"(\d+)%", said)) == {str(rule[cap])}, key
        assert said.count("%") == 2, f"{key} says it in both languages"
