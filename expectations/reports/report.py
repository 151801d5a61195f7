"""Writes the quality report: pages that open without a network, in Chinese and English.

Overview, agency, table, rule, batch and monthly scorecard; made from ``quality.*`` and the quarantine queue alone.
They show counts and, to those who may see them, row keys, and never a value of a row. Agencies of the simulated
province are labelled so wherever they appear.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import uuid
from collections.abc import Mapping
from pathlib import Path

import jinja2

from connectors import calendar, registry
from connectors.registry import Agency
from expectations.judging.gx import ROLE
from expectations.reports import batches, deadlines, figures, gather, scorecard, site
from expectations.reports.facts import NO_FACTS, Facts
from expectations.reports.gather import Asker
from expectations.reports.pages import Pages
from expectations.reports.scorecard import Scorecard
from expectations.reports.site import Folder, Page, Written
from expectations.rules import columns, reasons, suites
from pipeline.db import Connection, connect
from pipeline.errors import BadInput
from pipeline.settings import Settings

NAME, FOLDER = "quality.html", "quality"
BATCH_PAGES = 400
"""Judged batches that have a page, beside those that were held; older pages are taken away."""
_TEMPLATES = Path(__file__).parent / "templates"
_HOUSE = "everyone"


def write(settings: Settings) -> Path:
    """Bring the report up to date; the file to open. A reader sees an old page or a new one, never half of it."""
    written(settings, settings.reports_dir / FOLDER)
    path = settings.reports_dir / NAME
    entry = environment().get_template("entry.html.j2").render(target=f"{FOLDER}/index.html")
    if not path.exists() or path.read_text(encoding="utf-8") != entry:
        site.replace(path, entry)
    return path


def write_for_agency(settings: Settings, agency_code: str, folder: Path, *, keys: bool = False) -> Path:
    """Write the pages of one agency and nothing of others, to send to it; the file to open.

    :raises BadInput: when there is no such agency, nothing came from it yet, or the folder holds something else
    """
    if agency_code not in registry.load_all(settings.agencies_dir):
        raise BadInput("there is no such agency", agency=agency_code, advice="See connectors/agencies/.")
    written(settings, folder, only=agency_code, keys=keys)
    return folder / "index.html"


def write_scorecard(settings: Settings, agency_code: str, month: str, path: Path | None) -> Scorecard:
    """One month of one agency, ``YYYY-MM``; written to ``path``, where one is given, as a page that stands alone.

    :raises BadInput: when nothing is known of that agency and month
    """
    agencies = registry.load_all(settings.agencies_dir)
    _remember(settings, agencies, dt.datetime.now(dt.UTC))
    with connect(settings, ROLE) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        cards = scorecard.gather(Asker(connection, agency_code), month=month)
    if not cards:
        raise BadInput(f"there is nothing to say about {month}", agency=agency_code, advice="Name a month as 2026-11.")
    if path is not None:
        mine = {code: agency for code, agency in agencies.items() if code == agency_code}
        pages = Pages(environment(), NO_FACTS, mine, (), only=agency_code, shows_keys=False)
        site.replace(path, pages.scorecard_alone(cards[0]))
    return cards[0]


def written(settings: Settings, folder: Path, *, only: str | None = None, keys: bool = True) -> Written:
    """Write what has changed since the folder was last written."""
    now, known = dt.datetime.now(dt.UTC), registry.load_all(settings.agencies_dir)
    agencies = known if only is None else {only: known[only]}
    places = {feed.agency.agency_code: feed for feed in calendar.feeds(settings, agencies, now)}
    _remember(settings, known, now)
    audience = _HOUSE if only is None else f"{only}{' with keys' if keys else ''}"
    # the folder first: who waits for another writer must not come after it with older facts
    with site.opened(folder, audience) as opened, connect(settings, ROLE) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        asker = Asker(connection, only)
        facts = gather.gather(asker, agencies, places)
        if only is not None and not facts.agencies:
            raise BadInput("nothing has come from it yet, so there is nothing to show", agency=only)
        return _Writing(opened, asker, agencies, only=only, keys=keys).run(facts, now)


class _Writing:
    """One run over one folder."""

    def __init__(
        self, folder: Folder, asker: Asker, agencies: Mapping[str, Agency], *, only: str | None, keys: bool
    ) -> None:
        self._folder, self._asker, self._agencies, self._only, self._keys = folder, asker, agencies, only, keys
        self._edition = _edition(agencies)

    def run(self, facts: Facts, now: dt.datetime) -> Written:
        always = [held.batch_id for agency in facts.agencies.values() for held in agency.held]
        always += [batch.batch_id for agency in facts.agencies.values() for batch in agency.batches]
        stamps = batches.stamps(self._asker, always, BATCH_PAGES)
        used = [row["rule_id"] for row in self._asker.rows(_RULES_USED, batches=list(stamps))]
        pages = Pages(
            environment(), facts, self._agencies, set(stamps), only=self._only, shows_keys=self._keys, more_rules=used
        )
        cards = scorecard.gather(self._asker)
        planned = self._batches(pages, stamps)
        planned += [*pages.rules(), *pages.entities(), *pages.scorecards(cards), *pages.agencies()]
        planned += [*_assets(pages), pages.overview(now)]
        return self._folder.write(planned, self._edition)

    def _batches(self, pages: Pages, stamps: Mapping[uuid.UUID, batches.Stamp]) -> list[Page]:
        """The pages of batches; details are asked only of those that are out of date, and of all at once."""
        shown = {
            batch_id: f"{stamp.state} {[(str(other), other in stamps) for other in stamp.related]}"
            for batch_id, stamp in stamps.items()
        }
        stale = [
            batch_id
            for batch_id, shows in shown.items()
            if not self._folder.is_current(_batch_path(batch_id), shows, self._edition)
        ]
        details = batches.details(self._asker, stale) if stale else {}
        return [
            Page(_batch_path(batch_id), shows, functools.partial(_detail_page, pages, details, batch_id))
            for batch_id, shows in shown.items()
        ]


def _detail_page(pages: Pages, details: Mapping[uuid.UUID, batches.BatchDetail], batch_id: uuid.UUID) -> str:
    return pages.batch(details[batch_id])


def _batch_path(batch_id: uuid.UUID) -> str:
    return f"batch/{batch_id}.html"


def _remember(settings: Settings, agencies: Mapping[str, Agency], now: dt.datetime) -> None:
    """Keep what the views need: deadlines and the fields a rule looks at, which only code knows; scores of batches."""
    known = {
        (rule.id, field)
        for suite in suites.load(suites.SUITES).values()
        for rule in suite.rules
        for field in columns.of_rule(rule.id, suite.contract)
    }
    with connect(settings, ROLE) as connection:
        deadlines.record(connection, agencies, now)
        if set(connection.execute("select rule_id, field from quality.rule_field").fetchall()) != known:
            _replace_fields(connection, sorted(known))
        connection.execute(
            "insert into quality.batch_score select * from quality.score_not_kept on conflict do nothing"
        )


def _replace_fields(connection: Connection, known: list[tuple[str, str]]) -> None:
    connection.execute("lock table quality.rule_field in share row exclusive mode")
    connection.execute("delete from quality.rule_field")
    with connection.cursor() as cursor:
        cursor.executemany("insert into quality.rule_field (rule_id, field) values (%s, %s)", known)


def _assets(pages: Pages) -> list[Page]:
    listed = json.dumps(pages.index(), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    css = environment().get_template("report.css.j2").render()
    script = (_TEMPLATES / "page.js").read_text(encoding="utf-8")
    return [
        Page("assets/report.css", css, lambda: css),
        Page("assets/page.js", script, lambda: script),
        Page("assets/pages.js", listed, lambda: f"window.FLYOVER_PAGES = {listed};\n"),
    ]


def _edition(agencies: Mapping[str, Agency]) -> str:
    """Stands for all that shapes a page beside its facts: templates, code, texts of rules, names of agencies."""
    names = [(a.agency_code, a.name_zh, a.name_en, a.area) for a in agencies.values()]
    rules = [(r.id, r.severity, r.why, repr(r.check)) for s in suites.load(suites.SUITES).values() for r in s.rules]
    return site.digest(_look(), repr(reasons.known()), repr(rules), repr(names))


@functools.cache
def _look() -> str:
    mixed = hashlib.blake2b(digest_size=12)
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.glob("*.yaml"), *_TEMPLATES.iterdir()]):
        mixed.update(path.read_bytes())
    return mixed.hexdigest()


@functools.cache
def environment(*folders: Path) -> jinja2.Environment:
    """Templates of ours, those of ``folders`` first; what is put into them is escaped, what is missing an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, _TEMPLATES]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["count"] = lambda number: f"{number:,}"
    made.filters["pct"] = _pct
    made.filters["moment"] = lambda at: f"{at:%Y-%m-%d %H:%M} UTC" if at else "—"
    made.filters["local"] = lambda at: f"{at:%Y-%m-%d %H:%M}"
    made.filters["score"] = figures.shown
    made.filters["share"] = figures.share
    made.filters["change"] = figures.change
    made.filters["measure"] = figures.measure
    made.filters["hours"] = figures.hours
    made.filters["told"] = lambda check: json.dumps(check, ensure_ascii=False, indent=1, sort_keys=True)
    return made


def _pct(share: float) -> str:
    """A share that is not whole never reads 100%: the second decimal is cut, not rounded."""
    return f"{share:.0f}%" if share in (0.0, 100.0) else f"{int(share * 100) / 100:.2f}%"


_RULES_USED = """
select rule_id from quality.rule_result where batch_id = any(%(batches)s)
union
select rule_id from quality.unread where batch_id = any(%(batches)s)
"""
