"""./flyover credits: accounts of the credit bank, why an application came out so, and the rules."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from cli.output import Table, emit_table, emit_tables, say
from pipeline.settings import load
from pipeline.zone import ZONE

credits_ = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
_DAY = ["%Y-%m-%d"]
_HELD = ("agency", "account", "owner", "institution", "programme", "outcome", "amount", "unit")
_POSTED = (
    "posting", "recorded", "effective", "kind", "record", "account", "programme", "outcome", "amount", "rule",
    "reverses",
)  # fmt: skip


@credits_.command()
def account(
    who: Annotated[str, typer.Argument(help="Number of the account as core shows it (a pseudonym), or a learner key.")],
    on: Annotated[dt.datetime | None, typer.Option("--on", formats=_DAY, help="As of this day; today.")] = None,
    known: Annotated[dt.datetime | None, typer.Option("--known", formats=_DAY, help="As known that evening.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what an account, or all accounts of a learner, hold on a day, and every posting behind it.

    With --known: as it was known then, before later corrections.
    """
    from ledger import asking

    day = on.date() if on else _today()
    moment = None if known is None else (known + dt.timedelta(days=1)).replace(tzinfo=ZONE)
    statement = asking.account(load(), who, day, moment)
    emit_tables(
        [
            Table("balances", f"What it holds on {day}", _HELD, statement.held),
            Table("postings", "Postings", _POSTED, statement.posted),
        ],
        as_json,
        on=day,
        known=None if known is None else known.date(),
    )


@credits_.command()
def explain(
    application: Annotated[str, typer.Argument(help="Number of the application.")], as_json: AsJson = False
) -> None:
    """Show under which rule an application was decided, which caps bit, what was recognised and why not more."""
    from ledger import asking
    from ledger.conversion import STEPS

    lines = asking.explain(load(), application, _today())
    columns = (
        "outcome",
        "title",
        "rule",
        "applied",
        "bank says",
        *(s.replace("_", " ") for s in STEPS),
        "recognised",
        "why",
    )
    rows = [
        (
            line.outcome_id, line.title, line.rule_version, line.applied, line.bank_says,
            *(line.after.get(step) for step in STEPS), line.recognised, line.why,
        )
        for line in lines
    ]  # fmt: skip
    emit_table(f"Application {application}: what each step left", columns, rows, as_json)


@credits_.command("post")
def post_credits(
    everything: Annotated[bool, typer.Option("--all", help="Work out every holder anew, moved or not.")] = False,
    as_json: AsJson = False,
) -> None:
    """Post what follows from the bank's records and is missing; reverse what no longer follows. Safe to repeat."""
    from ledger.post import post

    report = post(load(), everything=everything)
    row = (report.run_id, report.holders, report.postings, report.reversals, report.disagreements)
    columns = ("run", "holders looked at", "postings", "reversals", "new disagreements")
    emit_table("Posted to the ledger", columns, [row], as_json)
    if report.run_id is not None:
        say("core takes it in with the next build")


@credits_.command("rules")
def show_rules(as_json: AsJson = False) -> None:
    """Show every version of the rules of conversion and when it is in force."""
    from ledger import rules

    columns = (
        "version",
        "from",
        "to",
        "institution",
        "total cap %",
        "online cap %",
        "least overlap %",
        "hours a credit",
    )
    rows = []
    for rule in rules.load().rules:
        hours = ", ".join(f"{kind} {hours}" for kind, hours in rule.hours_per_credit.items())
        caps = (rule.total_cap_pct, rule.online_cap_pct, rule.least_overlap_pct)
        rows.append((rule.version, rule.valid_from, rule.valid_to, rule.institution_code, *caps, hours))
    emit_table("Rules of conversion", columns, rows, as_json)


def _today() -> dt.date:
    return dt.datetime.now(ZONE).date()
