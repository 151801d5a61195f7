-- What a sender is told: where each row stood, what was repaired, what was refused; and where a live pull goes on.

alter table connect.batch add column file text;         -- as the sender knows it
alter table connect.outbox
    add column line integer,                            -- of the file; a spreadsheet's row
    add column part text,                               -- file, sheet or page the line is counted in
    add column field text;                              -- contract property at fault, of a rejected row

create table connect.repair (                           -- counted, never the rows themselves
    delivery_id uuid not null references connect.delivery on delete cascade,
    entity text not null,
    file text,
    code text not null,                                 -- connectors/messages has the text
    field text,
    rows bigint not null,
    first_line integer
);
create index on connect.repair (delivery_id);

create table connect.refusal (                          -- deliveries of which nothing could be kept
    refusal_id uuid primary key,
    agency_code text not null,
    source text not null,
    origin text not null,
    content_sha256 bytea,
    code text not null,
    problem text not null,
    file text,
    line integer,
    advice text,
    refused_at timestamptz not null default now()
);
create index on connect.refusal (agency_code, content_sha256);

create table connect.cursor (                           -- where the next pull from a live system begins
    agency_code text not null,
    source text not null,
    cursor text not null,
    delivery_id uuid not null references connect.delivery,
    moved_at timestamptz not null default now(),
    primary key (agency_code, source)
);
