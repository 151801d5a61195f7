-- Several drains as a group: who is alive. Who drains what follows from it (connectors/group.py).

create table landing.drain_member (
    group_name text not null,
    member_id uuid not null,
    label text not null,                        -- host and process, for people
    topics text[] not null,                     -- those this member knows: another release may know others
    joined_at timestamptz not null default now(),
    lease_until timestamptz not null,
    primary key (group_name, member_id)
);
