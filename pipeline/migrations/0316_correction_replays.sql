-- Which batches carry a correction's rows, kept with it; and an index by which the row of a record is found in a batch.

create index on quarantine.entry (batch_id, record_id);     -- whether a record was kept back again
drop index quarantine.entry_batch_id_idx;                   -- the one above serves what asks by batch

alter table quarantine.correction
    add column replay_batches uuid[] not null default '{}'; -- filled in when it is finished
update quarantine.correction as c
set replay_batches = array(
    select distinct q.replay_batch_id
    from quarantine.correction_row as r
    inner join quarantine.entry as q on r.entity_table = q.entity_table and r.quarantine_id = q.quarantine_id
    where r.correction_id = c.correction_id and r.outcome = 'taken' and q.replay_batch_id is not null
)
where c.finished_at is not null;

drop view portal.corrections, portal.correction_rows;

create view portal.corrections with (security_barrier) as
select
    correction_id, source, origin, content_sha256, repeat_of, rows, taken, kept, refused, replay_batches,
    received_at, finished_at
from quarantine.correction
where agency_code = current_setting('flyover.agency', true);

create view portal.correction_rows with (security_barrier) as
select
    r.correction_id, r.seq, r.outcome, r.code, r.field, r.file, r.part, r.line, r.entity_table, r.quarantine_id,
    r.batch_id, r.record_id, m.delivery_id, q.status, q.replay_batch_id
from quarantine.correction_row as r
inner join quarantine.correction as c on r.correction_id = c.correction_id
left join connect.batch as m on r.batch_id = m.batch_id
left join quarantine.entry as q on r.entity_table = q.entity_table and r.quarantine_id = q.quarantine_id
where c.agency_code = current_setting('flyover.agency', true);
