-- Landing by month of arrival: months are made ahead by whoever lands, rows that came when their month was missing are
-- taken out of the default partition, and what retention has dropped is remembered by batch, so that books still add up.

create table landing.forgotten (                -- superseded rows that retention dropped; all had been released
    batch_id uuid primary key,
    rows bigint not null,
    forgotten_at timestamptz not null default now()
);

-- Makes the partition of a month unless it is there. Made beside the table and then attached: readers are waited for at
-- the (empty) default partition alone, and no longer than the time limit. Gives the rows found in the default partition.
create function landing.make_month(landing_table text, day date) returns bigint
language plpgsql security definer set search_path = '' set timezone = 'UTC' set lock_timeout = '15s' as $$
declare
    first_day timestamptz := date_trunc('month', day::timestamptz);
    following timestamptz := first_day + interval '1 month';
    month_table text := landing_table || to_char(first_day, '"__"YYYY_MM');
    default_table text := landing_table || '__default';
    strays bigint := 0;
begin
    perform pg_catalog.pg_advisory_xact_lock(7003361);
    if pg_catalog.to_regclass(pg_catalog.format('landing.%I', month_table)) is not null then
        return 0;
    end if;
    execute pg_catalog.format('create table landing.%I (like landing.%I including defaults)', month_table, landing_table);
    if pg_catalog.to_regclass(pg_catalog.format('landing.%I', default_table)) is not null then
        execute pg_catalog.format(
            'with moved as (delete from landing.%I where _landed_at >= %L and _landed_at < %L returning *) '
            'insert into landing.%I select * from moved', default_table, first_day, following, month_table);
        get diagnostics strays = row_count;
    end if;
    execute pg_catalog.format('alter table landing.%I attach partition landing.%I for values from (%L) to (%L)',
        landing_table, month_table, first_day, following);
    return strays;
end
$$;

-- Sees that every landing table has this month, the months to come, and a month for each row of its default partition.
create function landing.make_months_ahead(ahead integer) returns table (landing_table text, strays bigint)
language plpgsql security definer set search_path = '' set timezone = 'UTC' as $$
declare
    month date;
begin
    if ahead not between 0 and 24 then
        raise exception 'months ahead are 0 to 24, not %', ahead;
    end if;
    for landing_table in
        select c.relname from pg_catalog.pg_class as c
        where c.relnamespace = 'landing'::regnamespace and c.relkind = 'p' order by c.relname
    loop
        strays := 0;
        for month in
            execute pg_catalog.format(
                'select (date_trunc(''month'', now()) + make_interval(months => n))::date '
                'from generate_series(0, %s) as n '
                'union select distinct date_trunc(''month'', _landed_at)::date from landing.%I order by 1',
                ahead, landing_table || '__default')
        loop
            strays := strays + landing.make_month(landing_table, month);
        end loop;
        return next;
    end loop;
end
$$;

revoke execute on function landing.make_month, landing.make_months_ahead from public;
