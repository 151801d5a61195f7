-- Which contract each entity's data are kept by, and which feeds are stopped because someone changed theirs.

create table connect.contract (
    source text not null,
    entity text not null,
    version text not null,
    document jsonb not null,                    -- names, types, keys: what a later reading is compared with
    stopped_because text,                       -- null: in force
    since timestamptz not null default now(),
    primary key (source, entity)
);

create table connect.header (                   -- columns an agency's last delivery of an entity had
    agency_code text not null,
    source text not null,
    entity text not null,
    columns text[] not null,
    delivery_id uuid not null references connect.delivery,
    primary key (agency_code, source, entity)
);
