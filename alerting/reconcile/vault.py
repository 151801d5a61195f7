"""Identity side-cars of the outbox against the vault; whoever was erased is expected nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerting.reconcile.batches import Batch, Count, ids
from pipeline.db import Connection


def counts(connection: Connection, batches: Sequence[Batch]) -> Iterator[Count]:
    """Step ``vault`` of those of these batches that carry identities."""
    settled = [batch for batch in batches if not batch.is_fresh]
    for batch_id, expected, missing in connection.execute(_QUERY, {"batches": ids(settled)}):
        yield Count("vault", expected, missing, 0, batch_id)


_QUERY = """
select i.batch_id, count(*), count(*) filter (where v.record_id is null)
from connect.identity_outbox as i
inner join connect.batch as b on i.batch_id = b.batch_id
left join vault.identity as v
    on b.agency_code = v.agency_code and b.source = v.source and b.entity = v.entity
    and i.record_id = v.record_id and i.version = v.version
left join vault.erased as e on i.subject = e.subject
where i.batch_id = any(%(batches)s) and b.published_at is not null and e.subject is null
group by i.batch_id
"""
