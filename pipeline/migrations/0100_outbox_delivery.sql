-- A delivery of which nothing was new leaves no manifest; how much of it was unchanged is kept with the delivery.

alter table connect.delivery add column unchanged_rows bigint not null default 0;
