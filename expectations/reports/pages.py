"""Which pages the quality report has, what each shows, and in which order they are written."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jinja2

from connectors.registry import Agency
from expectations.reports import figures, words
from expectations.reports.batches import BatchDetail
from expectations.reports.facts import DIMENSIONS, PARTS, AgencyFacts, Facts, Feed, RuleCount
from expectations.reports.gather import named
from expectations.reports.scorecard import Scorecard
from expectations.reports.site import Page
from expectations.rules import columns, reasons
from expectations.rules.suites import SUITES, Rule, Suite, Text, load

MOST_WORST, MOST_FIRST = 10, 3


@dataclass(frozen=True)
class RuleLine:
    """One rule in a list."""

    id: str
    table: str
    severity: str
    dimension: str | None
    scope: str | None
    failed: int
    waiting: int


class Pages:
    """Makes the pages of one variant: of the whole house, or of one agency and nothing else."""

    def __init__(
        self,
        templates: jinja2.Environment,
        facts: Facts,
        agencies: Mapping[str, Agency],
        kept: Collection[uuid.UUID],
        *,
        only: str | None,
        shows_keys: bool,
        more_rules: Collection[str] = (),
    ) -> None:
        """``kept``: batches that have a page; ``more_rules``: ids that must have one, beside those of the suites."""
        self._facts, self._agencies, self._kept, self._only = _within(facts, kept), agencies, kept, only
        self._suites = {
            table: suite
            for table, suite in load(SUITES).items()
            if only is None or table in {feed.table for feed in _feeds(facts)}
        }
        self._rules = {rule.id: (rule, suite) for suite in self._suites.values() for rule in suite.rules}
        self._reasons, self._tables = reasons.known(), words.tables()
        self._counts: dict[str, list[RuleCount]] = defaultdict(list)
        for agency in facts.agencies.values():
            for count in agency.rules:
                self._counts[count.rule_id].append(count)
        self._lines = [self._line(rule_id) for rule_id in sorted({*self._rules, *self._counts, *more_rules})]
        self._templates = templates
        self._common: dict[str, Any] = {
            "words": words,
            "parts": PARTS,
            "dimensions": DIMENSIONS,
            "tone": figures.tone,
            "sparkline": figures.sparkline,
            "course": figures.course,
            "range_of": figures.range_of,
            "reason": lambda rule_id: reasons.explain(rule_id, self._reasons),
            "table_name": lambda table: self._tables.get(table, Text(table, table)),
            "agency_name": lambda code: named(self._agencies, code),
            "area_of": lambda code: self._agencies[code].area if code in self._agencies else "unknown",
            "has_batch": lambda batch_id: batch_id in self._kept,
            "has_simulated": facts.has_simulated,
            "is_internal": only is None,
            "shows_keys": shows_keys,
        }

    def batch(self, detail: BatchDetail) -> str:
        """The page of one batch."""
        held_by = [r for r in detail.results if not r.passed and r.scope == "table" and r.severity == "critical"]
        return self._render("batch.html.j2", d=detail, held_by=held_by)

    def rules(self) -> Iterator[Page]:
        """A page for each rule that judges, or that still has something to show; then their list."""
        for line in self._lines:
            shows = {
                "counts": self._counts.get(line.id, ()),
                "failures": self._facts.failures.get(line.id, ()),
                "thresholds": self._facts.thresholds.get(line.id, ()),
                "versions": self._facts.versions.get(line.id, ()),
            }
            rule, suite = self._rules.get(line.id, (None, None))
            told = _NOT_KNOWN if rule is None or suite is None else _of_rule(rule, suite)
            yield self._page(f"rule/{line.id}.html", "rule.html.j2", shows, rule_id=line.id, r=line, rule=rule, **told)
        yield self._page("rules.html", "rules.html.j2", {"rules": self._lines})

    def entities(self) -> Iterator[Page]:
        """A page for each table."""
        for table in sorted({*self._suites, *(feed.table for feed in _feeds(self._facts))}):
            agencies = self._facts.agencies.values()
            batches = [b for agency in agencies for b in agency.batches if b.entity_table == table]
            shows = {
                "feeds": sorted((f for f in _feeds(self._facts) if f.table == table), key=_by_urgency),
                "rules": [line for line in self._lines if line.table == table],
                "batches": sorted(batches, key=lambda b: b.judged_at, reverse=True)[:20],
            }
            yield self._page(
                f"entity/{table}.html", "entity.html.j2", shows, table=table, suite=self._suites.get(table)
            )

    def agencies(self) -> Iterator[Page]:
        """A page for each agency."""
        for agency in self._facts.agencies.values():
            shows = {"a": agency}
            yield self._page(
                f"agency/{agency.code}.html",
                "agency.html.j2",
                shows,
                feeds=sorted(agency.feeds, key=_by_urgency),
                first=_first(agency),
            )

    def scorecards(self, cards: Sequence[Scorecard]) -> Iterator[Page]:
        """A page for each month of each agency."""
        for card in cards:
            yield self._page(
                f"scorecard/{card.agency_code}-{card.month}.html", "scorecard.html.j2", {"c": card}, is_linked=True
            )

    def scorecard_alone(self, card: Scorecard) -> str:
        """The same page without links, to send by itself."""
        return self._render("scorecard.html.j2", c=card, is_linked=False)

    def overview(self, now: dt.datetime) -> Page:
        """The first page; of a single agency's pages, one that leads to it."""
        if self._only is not None:
            return self._page("index.html", "entry.html.j2", {"target": f"agency/{self._only}.html"})
        agencies = self._facts.agencies.values()
        shows = {
            "facts": self._facts,
            "worst": [(feed, self._worst_rule(feed)) for feed in self._facts.worst_feeds[:MOST_WORST]],
            "held": [held for agency in agencies for held in agency.held if held.ended == "waiting"],
            "late": [agency.code for agency in agencies if agency.is_late],
            "waiting": sum(agency.waiting for agency in agencies),
            "written_at": now,
        }
        return self._page("index.html", "overview.html.j2", shows)

    def index(self) -> list[tuple[str, str, str]]:
        """(path, Chinese, English) of what the search box finds."""
        found = [(f"agency/{a.code}.html", a.name.zh, a.name.en) for a in self._facts.agencies.values()]
        found += [
            (f"entity/{table}.html", self._tables[table].zh, self._tables[table].en)
            for table in sorted(self._suites)
            if table in self._tables
        ]
        for line in self._lines:
            title = reasons.explain(line.id, self._reasons).title
            found.append((f"rule/{line.id}.html", title.zh, title.en))
        found += [(f"batch/{batch_id}.html", "批次", "batch") for batch_id in sorted(self._kept)]
        return found

    def _page(self, path: str, template: str, shows: Mapping[str, Any], **more: Any) -> Page:
        root = "../" * path.count("/")
        return Page(path, repr(shows), partial(self._render, template, root=root, **shows, **more))

    def _render(self, template: str, *, root: str = "../", **context: Any) -> str:
        return self._templates.get_template(template).render(root=root, **self._common, **context)

    def _worst_rule(self, feed: Feed) -> RuleCount | None:
        rules = self._facts.agencies[feed.agency_code].rules
        return next((count for count in rules if count.entity_table == feed.table), None)

    def _line(self, rule_id: str) -> RuleLine:
        counts = self._counts.get(rule_id, [])
        rule, suite = self._rules.get(rule_id, (None, None))
        return RuleLine(
            id=rule_id,
            table=suite.table if suite else "",
            severity=rule.severity if rule else reasons.explain(rule_id, self._reasons).severity,
            dimension=rule.dimension if rule else next((count.dimension for count in counts), None),
            scope=rule.scope if rule else next((count.scope for count in counts), None),
            failed=sum(count.failed for count in counts),
            waiting=sum(count.waiting for count in counts),
        )


_NOT_KNOWN: Mapping[str, Any] = {"check": Text("—", "—"), "condition": None, "fields": ()}


def _of_rule(rule: Rule, suite: Suite) -> dict[str, Any]:
    return {
        "check": words.checked(rule, suite),
        "condition": words.condition(rule),
        "fields": columns.of_rule(rule.id, suite.contract),
    }


def _first(agency: AgencyFacts) -> list[RuleCount]:
    """What to mend first: what waits; where nothing waits, what fails most."""
    waiting = [count for count in agency.rules if count.waiting]
    return (waiting or [count for count in agency.rules if count.failed])[:MOST_FIRST]


def _by_urgency(feed: Feed) -> tuple[Any, ...]:
    return (-feed.held_batches, 101 if feed.score is None else feed.score, -feed.waiting, feed.table)


def _feeds(facts: Facts) -> Iterator[Feed]:
    for agency in facts.agencies.values():
        yield from agency.feeds


def _within(facts: Facts, kept: Collection[uuid.UUID]) -> Facts:
    """Only such mentions of batches as lead to a page."""
    return replace(
        facts,
        failures={rule: [f for f in each if f.batch_id in kept] for rule, each in facts.failures.items()},
        thresholds={rule: [t for t in each if t.batch_id in kept] for rule, each in facts.thresholds.items()},
    )
