"""./flyover persons: who is whom, what is asked, what people decided; names stay masked unless a steward looks."""

from __future__ import annotations

import datetime as dt
import sys
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import emit_table, say
from cli.quarantine_choice import By, Reason
from pipeline.errors import BadInput
from pipeline.settings import load

if TYPE_CHECKING:
    from expectations.decisions.people import Actor
    from keeping.erasure import Find
    from linkage.keys import SourcePerson
    from linkage.review import Question, Side

persons = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
AsRole = Annotated[str, typer.Option("--role", help="viewer, officer or steward.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Show names and dates; a steward may, and it is kept who did.")]
Of = Annotated[str, typer.Argument(help="A record as AGENCY:SOURCE:ID, or the key of a learner.")]
Which = Annotated[str, typer.Argument(help="Number of a question, or a record as AGENCY:SOURCE:ID.")]
Learner = Annotated[uuid.UUID, typer.Argument(help="Key of a learner, as core.dim_learner has it.")]
Whose = Annotated[uuid.UUID | None, typer.Argument(help="With a record: the learner it is about.")]


@persons.command("link")
def link() -> None:
    """Look at everybody now and write what is new; the warehouse takes it in at its next build."""
    from linkage.run import link_persons

    found = link_persons(load(), say=say)
    say(f"{found.recorded:,} links recorded, {found.superseded:,} superseded")
    say(f"{found.opened:,} questions opened, {found.closed:,} closed")


@persons.command("review")
def review(
    why: Annotated[str | None, typer.Option("--why", help="Only questions of this kind.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    reveal: Reveal = False,
    by: By = "engineer",
    role: AsRole = "officer",
    as_json: AsJson = False,
) -> None:
    """Show open questions, the surest first: is this record that learner's?

    Names are masked: first character and length, year of birth. That someone looked is kept in the audit trail.
    """
    from linkage import review as queue

    found = queue.waiting(load(), actor=_actor(by, role, reveal), limit=limit, why=why, reveal=reveal)
    columns = ("question", "why", "bits", "record", "name", "born", "learner", "known as", "levels")
    emit_table("Is this record that learner's?", columns, [_asked(one) for one in found], as_json)
    if found and not as_json:
        say("answer with ./flyover persons same QUESTION --reason …, or different")


@persons.command("show")
def show(
    of: Of, reveal: Reveal = False, by: By = "engineer", role: AsRole = "officer", as_json: AsJson = False
) -> None:
    """Show every record that is linked to one learner; that someone looked is kept in the audit trail."""
    from linkage import review as queue

    found = queue.records(load(), _target(of), actor=_actor(by, role, reveal), reveal=reveal)
    columns = ("record", "name", "born", "sex", "division", "linked by", "bits")
    emit_table("Records of one learner", columns, [_line(side) for side in found], as_json)


@persons.command("same")
def same(which: Which, reason: Reason, learner: Whose = None, by: By = "engineer", role: AsRole = "officer") -> None:
    """Say that a record is a learner's (of a person with two ids: that the two learners are one)."""
    from linkage import decisions

    if learner is None:
        say(decisions.answer(load(), _number(which), "same", actor=_actor(by, role), reason=reason))
    else:
        say(decisions.same(load(), _record(which), learner, actor=_actor(by, role), reason=reason))


@persons.command("different")
def different(
    which: Which, reason: Reason, learner: Whose = None, by: By = "engineer", role: AsRole = "officer"
) -> None:
    """Say that a record is not a learner's; the model does not link it there again."""
    from linkage import decisions

    if learner is None:
        say(decisions.answer(load(), _number(which), "different", actor=_actor(by, role), reason=reason))
    else:
        say(decisions.different(load(), _record(which), learner, actor=_actor(by, role), reason=reason))


@persons.command("merge")
def merge(learner: Learner, into: Learner, reason: Reason, by: By = "engineer", role: AsRole = "officer") -> None:
    """Say that two learners are one person; all that is the first one's is the second one's until unmerged."""
    from linkage import decisions

    say(decisions.merge(load(), learner, into, actor=_actor(by, role), reason=reason))


@persons.command("unmerge")
def unmerge(learner: Learner, reason: Reason, by: By = "engineer", role: AsRole = "officer") -> None:
    """Take the merge of a learner into another back; both lives are as they were before."""
    from linkage import decisions

    say(decisions.unmerge(load(), learner, actor=_actor(by, role), reason=reason))


@persons.command("history")
def history(of: Of, by: By = "engineer", role: AsRole = "officer", as_json: AsJson = False) -> None:
    """Show what was linked, merged and decided, when, by which model or by whom; nothing is ever deleted."""
    from linkage import review as queue

    columns = ("since", "until", "what", "record", "learner", "rule", "bits", "by", "reason")
    rows = [
        (f"{row[0]:%Y-%m-%d %H:%M:%S}", None if row[1] is None else f"{row[1]:%Y-%m-%d %H:%M:%S}", *row[2:6],
         _bits(row[6]), *row[7:])
        for row in queue.history(load(), _target(of), actor=_actor(by, role))
    ]  # fmt: skip
    emit_table("Who was whom", columns, rows, as_json)


@persons.command("erase")
def erase(
    of: Annotated[str | None, typer.Argument(help="A record as AGENCY:SOURCE:ID, or the key of a learner.")] = None,
    by_id: Annotated[bool, typer.Option("--by-id", help="Ask for the person's resident id instead.")] = False,
    reason: Reason = "",
    by: By = "engineer",
    role: AsRole = "officer",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase one person from everything kept here, for good. Stewards only; how it is done: docs/how-to/erase.md.

    Agencies that go on sending the person are not told: their rows are left out as they come.
    """
    from keeping import erasure

    _actor(by, role)
    if role != "steward":
        raise BadInput("only stewards erase", advice="Give --role steward if you are one.")
    if not reason or (of is None) == (not by_id):
        raise BadInput("say whom and why", advice="A record or a learner, or --by-id, and --reason.")
    settings, find = load(), _find(of)
    found = erasure.look(settings, find)
    agencies = sorted({record.agency_code for record in found.records})
    say(f"{len(found.records):,} records of {len(agencies)} agencies are about this person: {', '.join(agencies)}")
    if not yes and not typer.confirm("Erase them for good?", err=True):
        raise typer.Exit(1)
    done = erasure.erase(settings, find, by=by, reason=reason, say=say)
    say(f"erased; the audit trail has it as erasure {done.erasure_id}")


def _find(of: str | None) -> Find:
    from keeping import whose

    if of is None:
        number = _resident_id()
        return lambda connection, settings: whose.of_number(connection, settings, number)
    target = _target(of)
    if isinstance(target, uuid.UUID):
        return lambda connection, settings: whose.of_learner(connection, settings, target)
    return lambda connection, settings: whose.of_person(connection, settings, target)


def _resident_id() -> str:
    """Typed, or on standard input; never an argument, which others on this machine could read."""
    from pipeline.pseudonyms import check_resident_id

    asked = sys.stdin.isatty()
    text = str(typer.prompt("Resident id", hide_input=True, err=True)) if asked else sys.stdin.readline()
    checked = check_resident_id(text, dt.datetime.now(dt.UTC).date())
    if checked.number is None:
        raise BadInput(f"the resident id is {checked.status}", advice="Type all eighteen characters.")
    return checked.number


def _asked(one: Question) -> Sequence[object]:
    levels = ", ".join(f"{what}: {level}" for what, level in one.evidence.items())
    known = "; ".join(" ".join(filter(None, (side.name, side.born))) for side in one.known)
    record = one.record
    return (
        one.candidate_id, one.why, _bits(one.weight_bits), record.record, record.name, record.born,
        str(one.learner_key), known, levels,
    )  # fmt: skip


def _line(side: Side) -> Sequence[object]:
    return (side.record, side.name, side.born, side.sex, side.division_code, side.link, _bits(side.score_bits))


def _bits(bits: float | None) -> float | None:
    return None if bits is None else round(bits, 1)


def _actor(by: str, role: str, reveal: bool = False) -> Actor:
    from expectations.decisions.people import Actor

    if role not in ("viewer", "officer", "steward"):
        raise BadInput(f"no role {role}", advice="Use viewer, officer or steward.")
    if reveal and role != "steward":
        raise BadInput("names are shown to stewards alone", advice="Give --role steward if you are one.")
    return Actor(by, role)  # type: ignore[arg-type]  # checked above


def _target(of: str) -> SourcePerson | uuid.UUID:
    try:
        return uuid.UUID(of)
    except ValueError:
        return _record(of)


def _record(of: str) -> SourcePerson:
    from linkage.keys import SourcePerson

    parts = of.split(":", 2)
    if len(parts) != 3 or not all(parts):
        raise BadInput(f"{of!r} names no record", advice="Write AGENCY:SOURCE:ID as review shows it.")
    return SourcePerson(*parts)


def _number(which: str) -> int:
    if not which.isdigit():
        raise BadInput(f"{which!r} is no question", advice="Give its number, or a record and a learner.")
    return int(which)
