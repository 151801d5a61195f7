"""What a receipt says of corrections: of one that came back, and of a delivery that was corrected since."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors import messages
from connectors.corrections import showing
from connectors.registry import Agency
from expectations.rules import reasons
from expectations.rules.reasons import Reason
from expectations.rules.suites import Text
from pipeline import contracts
from pipeline.db import SQL, Connection, dict_row
from pipeline.settings import Settings
from portal.agency.receipt import Answered, Corrected, Correction, Receipt

FETCH_ROWS = 2_000


def find(connection: Connection[Any], receipt_id: uuid.UUID) -> Mapping[str, Any] | None:
    """A correction as it is written down; None where there is no such one."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from portal.corrections where correction_id = %s", (receipt_id,)).fetchone()


def deliveries(connection: Connection[Any], receipt_id: uuid.UUID) -> list[uuid.UUID]:
    """The replays that carry a correction's rows."""
    found = connection.execute(
        "select distinct b.delivery_id from portal.corrections as c "
        "inner join portal.batches as b on b.batch_id = any(c.replay_batches) where c.correction_id = %s",
        (receipt_id,),
    )
    return [delivery_id for (delivery_id,) in found]


def gather(connection: Connection[Any], settings: Settings, agency: Agency, row: Mapping[str, Any]) -> Correction:
    """What is to be said of a correction but for what its replays came to."""
    with connection.cursor(row_factory=dict_row) as cursor:
        corrects = cursor.execute(_CORRECTS, {"id": row["correction_id"]}).fetchall()
        overtaken = cursor.execute(_OVERTAKEN, {"id": row["correction_id"]}).fetchone()
    return Correction(
        corrects=tuple(Corrected(c["receipt_id"], c["origin"], c["at"], c["rows"]) for c in corrects),
        taken=row["taken"],
        kept=row["kept"],
        refused=row["refused"],
        overtaken=overtaken["rows"] if overtaken else 0,
        repeat_of=row["repeat_of"],
        is_sent=row["finished_at"] is not None,
        contracts={c.table: c for c in contracts.of_source(settings.contracts_dir, agency.source)},
    )


def since(connection: Connection[Any], delivery_ids: Sequence[uuid.UUID]) -> tuple[Corrected, ...]:
    """Corrections of what came with these deliveries, the oldest first."""
    found = connection.execute(
        "select c.correction_id, c.origin, c.received_at, count(*) from portal.correction_rows as r "
        "inner join portal.corrections as c on r.correction_id = c.correction_id "
        "where r.delivery_id = any(%s) and r.outcome = 'taken' group by 1, 2, 3 order by 3",
        (list(delivery_ids),),
    )
    return tuple(Corrected(*row) for row in found)


def answers(connection: Connection[Any], receipt: Receipt, *, limit: int | None = None) -> Iterator[Answered]:
    """Rows of a correction that were not taken, in the order of the file; constant memory."""
    if receipt.correction is None:
        return
    texts = reasons.known()
    with connection.cursor(name=f"answers_{uuid.uuid4().hex}", row_factory=dict_row) as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(
            "select * from portal.correction_rows where correction_id = %s and outcome <> 'taken' "
            "order by seq limit %s",
            (receipt.receipt_id, limit),
        )
        for row in cursor:
            contract = receipt.correction.contracts.get(row["entity_table"] or "")
            yield Answered(
                file=row["file"] if row["part"] is None else f"{row['file']} / {row['part']}",
                line=row["line"],
                table=contract.entity if contract else None,
                record=showing.own_number(row["record_id"], contract) if contract else None,
                field=row["field"],
                code=row["code"],
                reason=_reason(row["code"], texts),
                is_refused=row["outcome"] == "refused",
            )


def _reason(code: str, texts: Mapping[str, Reason]) -> Reason:
    if code in texts:
        return texts[code]
    message = messages.of(code)
    return Reason(Text(message.title_zh, message.title_en), Text(message.mend_zh, message.mend_en), "info")


# The rows of a correction's own replay are corrected by a further one: its receipt is the one to name then.
_CORRECTS = SQL(
    """
with touched as (
    select delivery_id, batch_id, count(*) as rows
    from portal.correction_rows
    where correction_id = %(id)s and batch_id is not null
    group by delivery_id, batch_id
),

known as (
    select
        coalesce(d.delivery_id, c.correction_id) as receipt_id, coalesce(d.origin, c.origin) as origin,
        coalesce(d.started_at, c.received_at) as at, t.rows
    from touched as t
    left join portal.deliveries as d on t.delivery_id = d.delivery_id
    left join portal.corrections as c on t.batch_id = any(c.replay_batches)
)

select receipt_id, origin, at, sum(rows)::bigint as rows
from known
where receipt_id is not null
group by receipt_id, origin, at
order by at
"""
)
_OVERTAKEN = (
    "select count(*) as rows from portal.correction_rows where correction_id = %(id)s and outcome = 'taken' "
    "and status = 'closed' and replay_batch_id is null"
)
