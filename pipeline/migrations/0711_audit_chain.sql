-- The audit trail as a chain: each entry is never changed, and carries a hash over itself and the entry before, so that
-- whoever changes, removes or slips in one breaks every hash after it (./flyover audit verify).

create table audit.link (
    link_no bigint primary key,                 -- 1, 2, 3 … in the order of commits, without a gap
    entry_id bigint not null unique,            -- no foreign key: a link outlives an entry that someone removed
    hash bytea not null                         -- sha256(hash before || canonical text of the entry)
);

-- One text for one entry, whatever the session's settings; pipeline/audit.py says the same words and never calls this.
create function audit.canonical(entry audit.entry) returns bytea
language sql stable set search_path = ''
return convert_to(
    pg_catalog.jsonb_build_array(
        entry.entry_id, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        entry.actor, entry.action, entry.object, entry.detail
    )::text,
    'UTF8'
);

create function audit.append_link(of_entry bigint, canonical bytea) returns void
language sql volatile set search_path = ''
begin atomic
    insert into audit.link (link_no, entry_id, hash)
    select
        coalesce(max(l.link_no), 0) + 1, of_entry,
        sha256(
            coalesce((select p.hash from audit.link as p order by p.link_no desc limit 1), ''::bytea) || canonical
        )
    from audit.link as l;
end;

-- What was kept before today is chained in the order of its numbers.
do $$
declare
    kept audit.entry;
begin
    for kept in select * from audit.entry order by entry_id loop
        perform audit.append_link(kept.entry_id, audit.canonical(kept));
    end loop;
end
$$;

-- At commit, one transaction after the other: the lock is the last thing a transaction takes and its commit lets it go,
-- so who holds it waits for nobody. The row is read again, for the one that is kept and not the one that was announced.
-- A transaction with a picture of its own (repeatable read) would not see the newest link, and is told so.
create function audit.chain() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
    kept audit.entry;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the audit trail is written at read committed only';
    end if;
    perform pg_advisory_xact_lock(7003316);
    select e.* into kept from audit.entry as e where e.entry_id = new.entry_id;
    perform audit.append_link(kept.entry_id, audit.canonical(kept));
    return null;
end
$$;

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'what is in the audit trail stays as it is'
        using errcode = 'insufficient_privilege', hint = 'Add an entry that says what was wrong.';
end
$$;

create constraint trigger chained after insert on audit.entry
deferrable initially deferred for each row execute function audit.chain();
create trigger entered_stays before update or delete or truncate on audit.entry
for each statement execute function audit.refuse_change();
create trigger linked_stays before update or delete or truncate on audit.link
for each statement execute function audit.refuse_change();
