"""One run that posts: works out holders, compares with what the ledger has, and writes the difference set by set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger import play, reading
from ledger.book import Disagreement
from ledger.postings import Posting, difference
from ledger.reading import Holder
from ledger.rules import RuleBook
from pipeline.db import Connection
from pipeline.errors import FlyoverError
from pipeline.released_seq import next_released_seq

_ACCOUNT_COLUMNS = "account_key, agency_code, kind, owner_id, institution_code, programme_code"
_POSTING_COLUMNS = (
    "posting_id, run_id, content_key, kind, agency_code, owner_id, source_entity, record_id, event_id, category_code, "
    "rule_version, effective_on, recorded_at"
)
_LIVE = """
select posting.posting_id, posting.content_key
from touched
inner join ledger.posting as posting using (agency_code, owner_id)
left join ledger.posting as undone on undone.reverses = posting.posting_id
where posting.reverses is null and undone.posting_id is null
    and {which}
"""
_SAID_COLUMNS = (
    "agency_code, owner_id, source_entity, record_id, reason, bank_says, rules_give, steps, rule_version, recorded_at"
)
_SAME: Final = (
    "d.agency_code = said.agency_code and d.owner_id = said.owner_id and d.source_entity = said.source_entity "
    "and d.record_id = said.record_id and d.reason = said.reason and d.bank_says = said.bank_says "
    "and d.rules_give is not distinct from said.rules_give and d.steps = said.steps "
    "and d.rule_version is not distinct from said.rule_version"
)
_SUPERSEDE: Final = f"""
update ledger.disagreement as d set superseded_at = %s
from touched
where d.agency_code = touched.agency_code and d.owner_id = touched.owner_id and d.superseded_at is null
    and (touched.agency_code, touched.holder_key) in (select * from unnest(%s::text[], %s::uuid[]))
    and not exists (select from said where {_SAME})
"""  # noqa: S608 - names of ours
_SAY: Final = f"""
insert into ledger.disagreement ({_SAID_COLUMNS})
select {_SAID_COLUMNS} from said
where not exists (select from ledger.disagreement as d where d.superseded_at is null and {_SAME})
"""  # noqa: S608 - names of ours


class LedgerBroken(FlyoverError):
    """What was to be posted would break a promise of the ledger; nothing of it was posted."""


class Run:
    """Its number, its moment and what it wrote so far. The temporary table ``touched`` has the owners it looks at."""

    def __init__(self, connection: Connection, book_of_rules: RuleBook, today: dt.date) -> None:
        self._connection, self._rules, self._today = connection, book_of_rules, today
        row: Any = connection.execute("select nextval('ledger.run_id'), clock_timestamp()").fetchone()
        self.run_id, self._recorded_at = row
        self.postings = self.reversals = self.disagreements = 0

    def take(self, holders: Sequence[Holder]) -> None:
        """Work out these holders and write what differs."""
        wanted: list[Posting] = []
        said: list[Disagreement] = []
        due: list[tuple[str, str, dt.date]] = []
        for (agency, key), events in reading.of_holders(self._connection, holders):
            written = play.write(events, self._rules, self._today)
            wanted += written.postings
            said += written.disagreements
            if day := play.due(events, self._today):
                due.append((agency, key, day))
        live = self._live("(touched.agency_code, touched.holder_key) in (select * from unnest(%s::text[], %s::uuid[]))",
            [agency for agency, _ in holders], [key for _, key in holders])  # fmt: skip
        surplus, missing = difference(live, wanted)
        self._reverse(surplus)
        self._add(missing)
        self._disagree(holders, said)
        self._note_due(due)

    def forget_gone_owners(self) -> None:
        """Reverse what was posted for owners of whom the bank tells nothing any more."""
        self._reverse([posting for posting, _ in self._live("touched.holder_key is null")])
        self._connection.execute(
            "update ledger.disagreement as d set superseded_at = %s from touched "
            "where d.agency_code = touched.agency_code and d.owner_id = touched.owner_id "
            "and touched.holder_key is null and d.superseded_at is null",
            (self._recorded_at,),
        )

    def close(self) -> None:
        """See that no account is overdrawn, and let core know of the run.

        :raises LedgerBroken: naming the account; the transaction is then rolled back
        """
        broken = self._connection.execute(
            "select account_key, effective_on from ledger.overdrawn(%s) limit 1", (self.run_id,)
        ).fetchone()
        if broken:
            raise LedgerBroken(
                f"the credit bank's account {broken[0]} would be below zero on {broken[1]}; nothing was posted. "
                "This is a fault of ours: ./flyover credits explain shows how the conversions came about"
            )
        self._connection.execute(
            "insert into ledger.run (run_id, recorded_at, released_seq, postings, reversals) "
            "values (%s, %s, %s, %s, %s)",
            (
                self.run_id,
                self._recorded_at,
                next_released_seq(self._connection),
                self.postings,
                self.reversals,
            ),
        )

    def _live(self, which: str, *values: Any) -> list[tuple[int, Any]]:
        return [(number, key) for number, key in self._connection.execute(_LIVE.format(which=which), values or None)]

    def _reverse(self, surplus: Sequence[int]) -> None:
        if not surplus:
            return
        self._connection.execute(
            f"insert into ledger.posting ({_POSTING_COLUMNS}, reverses) "  # noqa: S608 - names of ours
            "select nextval('ledger.posting_id'), %s, gen_random_uuid(), 'reversal', agency_code, owner_id, "
            "source_entity, record_id, event_id, category_code, rule_version, effective_on, %s, posting_id "
            "from ledger.posting where posting_id = any(%s) order by posting_id",
            (self.run_id, self._recorded_at, list(surplus)),
        )
        self._connection.execute(
            "insert into ledger.entry (posting_id, line, account_key, outcome_id, amount, unit) "
            "select undoing.posting_id, entry.line, entry.account_key, entry.outcome_id, -entry.amount, entry.unit "
            "from ledger.posting as undoing inner join ledger.entry as entry on undoing.reverses = entry.posting_id "
            "where undoing.reverses = any(%s)",
            (list(surplus),),
        )
        self.reversals += len(surplus)

    def _add(self, missing: Sequence[Posting]) -> None:
        if not missing:
            return
        self._open_accounts(missing)
        numbers = [
            number
            for (number,) in self._connection.execute(
                "select nextval('ledger.posting_id') from generate_series(1, %s)", (len(missing),)
            )
        ]
        self._copy(f"ledger.posting ({_POSTING_COLUMNS})", self._posting_rows(numbers, missing))
        self._copy("ledger.entry (posting_id, line, account_key, outcome_id, amount, unit)", (
            (number, line, entry.account.key, entry.outcome_id, entry.amount, entry.unit)
            for number, posting in zip(numbers, missing, strict=True)
            for line, entry in enumerate(posting.entries, 1)
        ))  # fmt: skip
        self.postings += len(missing)

    def _posting_rows(self, numbers: Sequence[int], missing: Sequence[Posting]) -> Iterator[tuple[Any, ...]]:
        for number, posting in zip(numbers, missing, strict=True):
            origin = posting.origin
            yield (
                number, self.run_id, posting.key, posting.kind, origin.agency_code, posting.owner, origin.source_entity,
                origin.record_id, origin.event_id, posting.category, posting.rule_version, posting.effective_on,
                self._recorded_at,
            )  # fmt: skip

    def _open_accounts(self, missing: Sequence[Posting]) -> None:
        accounts = {entry.account for posting in missing for entry in posting.entries}
        rows = [(a.key, a.agency_code, a.kind, a.owner, a.institution_code, a.programme_code) for a in accounts]
        self._connection.execute(
            f"insert into ledger.account ({_ACCOUNT_COLUMNS}) "  # noqa: S608 - names of ours
            "select * from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) "
            "on conflict (account_key) do nothing",
            [list(column) for column in zip(*rows, strict=True)],
        )

    def _disagree(self, holders: Sequence[Holder], said: Sequence[Disagreement]) -> None:
        """Keep what is said now beside what was said before; what is no longer so is superseded."""
        self._connection.execute("create temporary table said (like ledger.disagreement) on commit drop")
        self._connection.execute("alter table said alter disagreement_id drop not null")
        self._copy(
            f"said ({_SAID_COLUMNS})",
            (
                (
                    d.origin.agency_code, d.owner, d.origin.source_entity, d.origin.record_id, d.reason, d.bank_says,
                    d.rules_give, list(d.steps), d.rule_version, self._recorded_at,
                )
                for d in said
            ),
        )  # fmt: skip
        self._connection.execute(
            _SUPERSEDE, (self._recorded_at, [agency for agency, _ in holders], [key for _, key in holders])
        )
        self.disagreements += self._connection.execute(_SAY).rowcount
        self._connection.execute("drop table said")

    def _note_due(self, due: Sequence[tuple[str, str, dt.date]]) -> None:
        if due:
            agencies, keys, days = zip(*due, strict=True)
            self._connection.execute(
                "update touched set due_date = due.day "
                "from unnest(%s::text[], %s::uuid[], %s::date[]) as due (agency_code, holder_key, day) "
                "where touched.agency_code = due.agency_code and touched.holder_key = due.holder_key",
                (list(agencies), list(keys), list(days)),
            )

    def _copy(self, into: str, rows: Iterator[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:
            for row in rows:
                copy.write_row(row)
