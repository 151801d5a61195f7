"""One decision about many rows, by set: what was meant, what could still be decided, and what was left and why.

Rows are chosen as they stand, then locked in one order, so that of two people who decide the same rows at once one
is served first and the other is told what is left. The decision, its line in the audit trail and a line in the history
of each row are one transaction with the rows themselves.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from expectations.decisions.people import Actor, require
from expectations.decisions.selection import Selection, Status, require_reach, where
from expectations.decisions.trail import note
from pipeline.db import SQL, Connection
from pipeline.released_seq import next_released_seq

Action = Literal["mend", "waive", "return", "refuse", "reopen", "replay", "lapse"]


@dataclass(frozen=True)
class Act:
    """A kind of decision: from which states, into which."""

    action: Action
    allowed: tuple[Status, ...]
    after: Status


MEND = Act("mend", ("open", "returned"), "mended")
WAIVE = Act("waive", ("open", "returned"), "waived")
RETURN = Act("return", ("open",), "returned")
REFUSE = Act("refuse", ("open", "returned"), "refused")
LAPSE = Act("lapse", ("waived",), "open")
REOPEN = Act("reopen", ("mended", "waived", "returned", "refused"), "open")


@dataclass(frozen=True)
class Decided:
    """What came of a decision."""

    decided: int
    batches: tuple[uuid.UUID, ...]
    """whose rows were decided"""
    left: tuple[tuple[int, str], ...]
    """(entry, why) of rows that were meant and not decided"""
    decision_id: int | None = None
    """None when nothing was decided"""


def decide(
    connection: Connection,
    act: Act,
    selection: Selection,
    *,
    actor: Actor,
    reason: str,
    expires_on: dt.date | None = None,
) -> Decided:
    """Carry out one decision in the caller's transaction.

    :raises NotAllowed: when the actor is no officer, or rows of another agency are named
    """
    require(actor, "officer")
    require_reach(connection, selection, actor)
    choose(connection, selection, actor)
    lock(connection, act, selection)
    return carry_out(connection, act, selection, actor=actor, reason=reason, expires_on=expires_on)


def choose(connection: Connection, selection: Selection, actor: Actor, *, lapsed_on: dt.date | None = None) -> None:
    """Put into ``chosen`` what is meant, as it stands now; with ``lapsed_on`` only what was waived to a day before."""
    condition, parameters = where(selection, actor)
    if lapsed_on is not None:
        condition += SQL(" and q.waiver_expires_on < %(on)s")
        parameters["on"] = lapsed_on
    connection.execute("drop table if exists pg_temp.chosen, pg_temp.locked")
    connection.execute(
        SQL(
            "create temporary table chosen on commit drop as select q.entity_table, q.quarantine_id "
            "from quarantine.entry as q where {condition} order by q.quarantine_id limit %(most)s"
        ).format(condition=condition),
        {**parameters, "most": selection.limit},
    )
    connection.execute("analyze chosen")  # else the planner takes it for a few rows and loops over a hundred thousand


def lock(connection: Connection, act: Act, selection: Selection, today: dt.date | None = None) -> None:
    """Put into ``locked`` the chosen rows as they stand once they are ours, and why one cannot be decided."""
    connection.execute(
        SQL("create temporary table locked on commit drop as {} order by 1, 2 for update of q").format(SQL(_LOCKED)),
        {
            "allowed": list(act.allowed),
            "or": f"{', '.join(act.allowed[:-1])} or {act.allowed[-1]}" if act.allowed[1:] else act.allowed[0],
            "action": act.action,
            "rule": selection.rule,
            "today": today,
        },
    )
    connection.execute("analyze locked")


_LOCKED = """
select q.entity_table, q.quarantine_id, q.batch_id, q.agency_code, q.status,
    case
        when q.status <> all(%(allowed)s)
            then 'is ' || q.status || coalesce(' by ' || q.decided_by, '') || ', not ' || %(or)s
        when %(action)s = 'lapse' and q.waiver_expires_on >= %(today)s::date then 'was waived anew'
        when %(action)s = 'waive' and q.stage <> 'rule' then 'could not be read, so there is nothing to release'
        when %(action)s = 'waive' and %(rule)s::text is not null and q.rule_ids <> array[%(rule)s::text]
            then 'is kept back by ' || array_to_string(array_remove(q.rule_ids, %(rule)s), ', ') || ' too'
        when %(action)s = 'reopen' and q.status = 'mended' and exists (
            select from connect.batch as c
            left join quality.batch as b on c.batch_id = b.batch_id
            where c.replay_of = q.batch_id and coalesce(b.status, 'landing') in ('landing', 'landed')
        ) then 'is on its way in a replay'
    end as why
from quarantine.entry as q
inner join chosen as c on q.entity_table = c.entity_table and q.quarantine_id = c.quarantine_id
"""


def carry_out(
    connection: Connection,
    act: Act,
    selection: Selection,
    *,
    actor: Actor,
    reason: str,
    expires_on: dt.date | None = None,
) -> Decided:
    """Decide the ``locked`` rows that can be decided."""
    left = connection.execute(_LEFT, (list(selection.entries),)).fetchall()
    batches = connection.execute(
        "select batch_id, count(*) from locked where why is null group by batch_id order by batch_id"
    ).fetchall()
    decided = sum(rows for _, rows in batches)
    if not decided:
        return Decided(0, (), tuple(left))
    decision_id = _write_decision(connection, act, selection, decided, actor, reason, expires_on)
    connection.execute(
        "insert into quarantine.entry_decision (quarantine_id, decision_id, agency_code, status_before, status_after) "
        "select quarantine_id, %s, agency_code, status, %s from locked where why is null",
        (decision_id, act.after),
    )
    _move(connection, act, actor, reason, expires_on)
    return Decided(decided, tuple(batch for batch, _ in batches), tuple(left), decision_id)


_LEFT = """
select quarantine_id, why from locked where why is not null
union all
select named, 'is not in quarantine' from unnest(%s::bigint[]) as named
where named not in (select quarantine_id from chosen)
order by 1
"""


def _write_decision(
    connection: Connection,
    act: Act,
    selection: Selection,
    decided: int,
    actor: Actor,
    reason: str,
    expires_on: dt.date | None,
) -> int:
    about: dict[str, Any] = selection.given()
    row = connection.execute(
        "insert into quarantine.decision (action, actor, role, reason, expires_on, selection, entries) "
        "values (%s, %s, %s, %s, %s, %s, %s) returning decision_id",
        (act.action, actor.name, actor.role, reason, expires_on, json.dumps(about, default=str), decided),
    ).fetchone()
    assert row is not None  # noqa: S101 - returning answers with the row it wrote
    detail = {"reason": reason, "decision": row[0], "entries": decided, "selection": about, "until": expires_on}
    named = str(selection.entries[0]) if len(selection.entries) == 1 else f"{decided} entries"
    note(connection, actor, f"quarantine {act.action}", named, detail)
    return int(row[0])


def _move(connection: Connection, act: Act, actor: Actor, reason: str, expires_on: dt.date | None) -> None:
    """Give the rows their new state; what enters or leaves ``released`` takes a number by which models notice it."""
    moves = act.after == "waived" or connection.execute(
        "select exists (select from locked where status = 'waived' and why is null)"
    ).fetchone() == (True,)
    connection.execute(
        "update quarantine.entry as q set status = %(after)s, decided_by = %(actor)s, decided_at = now(), "
        "decision_reason = %(reason)s, waiver_expires_on = %(until)s, "
        "released_seq = case when %(after)s = 'waived' or l.status = 'waived' then %(seq)s else q.released_seq end "
        "from locked as l where q.entity_table = l.entity_table and q.quarantine_id = l.quarantine_id "
        "and l.why is null",
        {
            "after": act.after,
            "actor": actor.name,
            "reason": reason,
            "until": expires_on,
            "seq": next_released_seq(connection) if moves else None,
        },
    )
