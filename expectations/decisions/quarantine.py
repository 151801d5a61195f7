"""The quarantine queue: what waits there, and every decision a quality officer can take about rows, one or many.

::

    open ──mend──▶ mended ──replay──▶ closed          (a new batch carries the corrected row)
     │ └──waive──▶ waived ──lapses──▶ open            (the row is released as it is, until a day)
     │ └─refuse──▶ refused                            (the row is never used)
     └──return───▶ returned ──▶ mend, waive, refuse   (the agency is to send it again)

    mended, waived, returned, refused ──reopen──▶ open   (undo, as long as nothing was replayed)

Every decision takes a reason and who made it, and is kept in the same transaction: one line in ``audit.entry``, one
in ``quarantine.decision``, and one in the history of each row. The books of the batch a row came with never change: a
row that was quarantined stays counted so. A waiver and its end both take a new ``released_seq`` on the entry: the row
enters ``released.<table>``, or appears in ``released.<table>__departed``, above the number incremental models have
reached.
"""

from __future__ import annotations

import datetime as dt

from expectations.decisions import decide
from expectations.decisions.days import today
from expectations.decisions.decide import Act, Decided
from expectations.decisions.entries import Entry, breakdown, count, list_entries
from expectations.decisions.mend import Correction, mend, mend_all, mend_rows
from expectations.decisions.people import HOUSE, Actor
from expectations.decisions.replay import Replay, replay, replay_all
from expectations.decisions.selection import Selection
from expectations.decisions.show import Shown, show
from expectations.judging.gx import ROLE
from pipeline.db import connect
from pipeline.errors import BadInput
from pipeline.settings import Settings

__all__ = [
    "Correction",
    "Decided",
    "Entry",
    "Replay",
    "Selection",
    "Shown",
    "breakdown",
    "count",
    "lapse_waivers",
    "list_entries",
    "mend",
    "mend_all",
    "mend_rows",
    "refuse",
    "reopen",
    "replay",
    "replay_all",
    "return_",
    "show",
    "waive",
]


def waive(settings: Settings, selection: Selection, *, reason: str, expires_on: dt.date, actor: Actor) -> Decided:
    """Release rows as they are, to the end of the day ``expires_on`` in Zhejiang.

    Left are rows that could not be read, and, where a rule was named, rows that another rule keeps back too.

    :raises BadInput: when the day has passed
    """
    if expires_on < today():
        raise BadInput(f"a waiver to {expires_on} would have ended already", advice="Give a day to come.")
    return _decided(settings, decide.WAIVE, selection, actor, reason, expires_on)


def return_(settings: Settings, selection: Selection, *, reason: str, actor: Actor) -> Decided:
    """Give rows back to their agency, which is to send them again; they can still be mended, waived or refused."""
    return _decided(settings, decide.RETURN, selection, actor, reason)


def refuse(settings: Settings, selection: Selection, *, reason: str, actor: Actor) -> Decided:
    """Decide that rows are never used."""
    return _decided(settings, decide.REFUSE, selection, actor, reason)


def reopen(settings: Settings, selection: Selection, *, reason: str, actor: Actor) -> Decided:
    """Take a decision back: the rows are open again. Left is what a replay carries already.

    Nothing of it is forgotten: the history of a row keeps both.
    """
    return _decided(settings, decide.REOPEN, selection, actor, reason)


def lapse_waivers(settings: Settings, on: dt.date) -> int:
    """Open again what was waived to a day before ``on``; how many rows. Safe to repeat."""
    due = Selection(status="waived")
    with connect(settings, ROLE) as connection:
        decide.choose(connection, due, HOUSE, lapsed_on=on)
        decide.lock(connection, decide.LAPSE, due, on)
        reason = f"waived to a day before {on}"
        return decide.carry_out(connection, decide.LAPSE, due, actor=HOUSE, reason=reason).decided


def _decided(
    settings: Settings,
    act: Act,
    selection: Selection,
    actor: Actor,
    reason: str,
    expires_on: dt.date | None = None,
) -> Decided:
    with connect(settings, ROLE) as connection:
        return decide.decide(connection, act, selection, actor=actor, reason=reason, expires_on=expires_on)
