-- When a live system was last asked to its end: it was heard of even where it had nothing new.

alter table connect.cursor add column asked_at timestamptz not null default now();
