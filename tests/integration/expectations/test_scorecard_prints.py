"""The scorecard of a bad month is still one A4 page, in either language."""

import datetime as dt
import re
import shutil
import subprocess
import uuid
from decimal import Decimal

import pytest

from connectors import registry
from expectations.reports import report, scorecard
from expectations.reports.facts import DIMENSIONS, NO_FACTS, Books, Evidence, HeldBatch
from expectations.reports.pages import Pages
from expectations.reports.scorecard import MonthScore, Problem, Scorecard
from expectations.rules import suites
from pipeline.settings import CHECKOUT

CHROMIUM = shutil.which("chromium")
NOW = dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)


def worst_month(language):
    """A card with as many lines as it can have, each with the longest texts there are."""
    rules = [(rule, suite.table) for suite in suites.load().values() for rule in suite.rules]
    longest = sorted(rules, key=lambda pair: -len(getattr(pair[0].mend, language) + getattr(pair[0].title, language)))
    holding = max((pair for pair in rules if pair[0].holds), key=lambda pair: len(getattr(pair[0].title, language)))
    held = tuple(
        HeldBatch(uuid.UUID(int=n), "sch-lishui", holding[1], "2026-11", NOW, 9, None, "waiting",
                  (Evidence(holding[0].id, None, None),))
        for n in range(scorecard.MOST_HELD)
    )  # fmt: skip
    scores = tuple(MonthScore(name, Decimal("91.25"), Decimal("99.99")) for name in DIMENSIONS)
    problems = tuple(Problem(rule.id, table, "critical", 1_234_567) for rule, table in longest)
    return Scorecard(
        "sch-lishui", "2026-11", 300, 2400, Books(99_999_999, 90_000_000, 9_000_000, 999_000, 0, 999), 22, 10, 6, 6,
        4_321, Decimal("1234.5"), 98_765, 12, 4, 4, 4, MonthScore("all", Decimal("91.25"), Decimal("99.99")), scores,
        problems[: scorecard.MOST_PROBLEMS], held,
    )  # fmt: skip


@pytest.mark.skipif(CHROMIUM is None, reason="printing needs Debian's chromium")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bad_month_prints_on_one_page(language, tmp_path):
    agencies = registry.load_all(CHECKOUT / "connectors" / "agencies")
    pages = Pages(report.environment(), NO_FACTS, agencies, (), only="sch-lishui", shows_keys=False)
    text = pages.scorecard_alone(worst_month(language))
    if language == "en":
        text = text.replace('id="lang"', 'id="lang" checked')
    page, printed = tmp_path / "card.html", tmp_path / "card.pdf"
    page.write_text(text, encoding="utf-8")
    subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer", f"--print-to-pdf={printed}",
         page.as_uri()],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    pdf = printed.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    width, height = (float(number) for number in re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert (round(width), round(height)) == (595, 842), "A4, upright"
