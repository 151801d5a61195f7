-- A delivery of which nothing was new leaves no manifest; how much of it was unchanged is kept with the delivery.

alter table connect.delivery add column unchanged_rows bigint not null default 0;

-- Outbox rows are only ever written beside their manifest, in its transaction; checking that again row by row costs
-- more than writing the row.
alter table connect.outbox drop constraint outbox_batch_id_fkey;
alter table connect.identity_outbox drop constraint identity_outbox_batch_id_fkey;
