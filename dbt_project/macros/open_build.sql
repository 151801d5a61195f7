{#
    Fix how far this build reads: every released_seq up to the bound is committed, because whoever takes one
    holds the same advisory lock until commit. Without the bound, models of one run would see different
    releases, and what reached one input between two models would never be looked at again.
#}
{% macro open_build() %}
create table if not exists intermediate.build_bound (
    is_only boolean primary key default true check (is_only),
    released_seq bigint not null,
    opened_at timestamptz not null
);
create table if not exists intermediate.watermark (
    model_name text not null,
    input_name text not null,
    released_seq bigint not null,
    definition text,
    primary key (model_name, input_name)
);
grant select on intermediate.build_bound to flyover_linker;
alter table intermediate.watermark add column if not exists definition text;
do $$
begin
    perform pg_advisory_xact_lock(7003302);
    insert into intermediate.build_bound (released_seq, opened_at)
    select case when is_called then last_value else 0 end, now() from quality.released_seq
    on conflict (is_only) do update set released_seq = excluded.released_seq, opened_at = excluded.opened_at;
end
$$;
{% endmacro %}
