-- Who may do what. Re-applied whole after every migration; least privilege, decided per schema.

revoke all on schema public from public;

grant usage on schema connect, vault, audit to flyover_connector;
grant select, insert, update, delete on all tables in schema connect to flyover_connector;
grant select, insert on vault.data_key to flyover_connector;
grant select on vault.erased to flyover_connector;
grant select (agency_code, source, entity, record_id, version) on vault.identity to flyover_connector;  -- what arrived
grant insert on audit.entry to flyover_connector;
grant usage on schema quality to flyover_connector;
grant insert on quality.stage_run to flyover_connector;
grant select on quality.batch to flyover_connector;
grant usage on schema quarantine to flyover_connector;
grant select on all tables in schema quarantine to flyover_connector;

grant usage on schema landing, quarantine, quality, connect to flyover_sink;
grant select, insert on all tables in schema landing to flyover_sink;
grant update on landing.drain to flyover_sink;
grant update, delete on landing.drain_member to flyover_sink;
grant execute on function landing.make_months_ahead to flyover_sink;
grant usage on sequence landing.row_id to flyover_sink;
grant select, insert on all tables in schema quarantine to flyover_sink;
grant select on connect.batch, connect.delivery, connect.contract to flyover_sink;
grant select, insert, update on quality.batch to flyover_sink;
grant insert on quality.stage_run to flyover_sink;

grant usage on schema vault, quality to flyover_vault;
grant select, insert on all tables in schema vault to flyover_vault;
grant update on vault.drain to flyover_vault;
grant insert on quality.stage_run to flyover_vault;

grant usage on schema landing, judging, quarantine, quality, connect, released, audit to flyover_judge;
grant select on all tables in schema landing, judging, released to flyover_judge;
grant insert on landing.event_seen, landing.duplicate to flyover_judge;
grant insert, update, delete on landing.person_fact, landing.person_elsewhere to flyover_judge;
grant update on landing.person_fact_mark to flyover_judge;
grant select, insert, update on all tables in schema quarantine to flyover_judge;
grant select, insert, update on all tables in schema quality to flyover_judge;
grant usage on all sequences in schema quality to flyover_judge;
grant delete on quality.rule_field to flyover_judge;                                     -- it follows the suites
grant delete on quality.profile, quality.history to flyover_judge;   -- measured again when copies landed meanwhile
grant select on connect.batch, connect.delivery to flyover_judge;
grant select (batch_id, batch_seq, data) on connect.outbox to flyover_judge;  -- what a correction is held against
grant insert on audit.entry to flyover_judge;

grant usage on schema released, quality, mart to flyover_dbt;
grant select on all tables in schema released to flyover_dbt;
grant select on quality.batch to flyover_dbt;
grant update (modelled_at) on quality.batch to flyover_dbt;
grant usage on schema quarantine to flyover_dbt;
grant select (entity_table, batch_id, released_seq) on quarantine.entry to flyover_dbt;   -- which waivers moved
grant select on quality.released_seq to flyover_dbt;   -- how far a build may read
grant insert on quality.stage_run to flyover_dbt;
grant usage, create on schema core, staging, intermediate, mart to flyover_dbt;

grant usage on schema persons to flyover_dbt;
grant select on persons.link, persons.alias to flyover_dbt;

-- finds out who is whom: the one role that opens the vault, in one task and at a person's asking, and every look is
-- audited. What dbt makes for it (int_persons__stated, int_persons__resolved) its models grant by name.
grant usage on schema persons, vault, intermediate, quality, audit to flyover_linker;
grant select on vault.identity, vault.data_key, vault.erased to flyover_linker;
grant select, insert on persons.run, persons.link, persons.alias, persons.decision, persons.candidate to flyover_linker;
grant update (superseded_at, superseded_seq) on persons.link, persons.alias to flyover_linker;
grant update (undone_at, undone_by, undone_reason) on persons.decision to flyover_linker;
grant update (status, decided_by, decided_at, reason) on persons.candidate to flyover_linker;
grant usage, select on quality.released_seq to flyover_linker;
grant insert on quality.stage_run, audit.entry to flyover_linker;

-- posts to the ledger and never changes it; its events dbt makes for it (int_credits__events, granted by that model)
grant usage on schema ledger, intermediate, quality to flyover_ledger;
grant select, insert on ledger.run, ledger.account, ledger.posting, ledger.entry, ledger.mark, ledger.disagreement
    to flyover_ledger;
grant update, delete on ledger.mark to flyover_ledger;
grant update (superseded_at) on ledger.disagreement to flyover_ledger;
grant select on ledger.entries to flyover_ledger;
grant usage on all sequences in schema ledger to flyover_ledger;
grant usage, select on quality.released_seq to flyover_ledger;
grant insert on quality.stage_run to flyover_ledger;
grant usage on schema ledger to flyover_dbt, engineer, quality_officer;
grant select on ledger.entries, ledger.run to flyover_dbt;
grant select on all tables in schema ledger to engineer;
grant select on ledger.disagreement to quality_officer;
revoke execute on function ledger.balances, ledger.overdrawn from public;
grant execute on function ledger.balances, ledger.overdrawn to flyover_ledger, flyover_dbt, engineer;

grant usage on schema core, mart, quality, audit to flyover_publisher;
grant select on all tables in schema core, mart to flyover_publisher;
grant insert on mart.release, mart.indicator_value, mart.indicator_definition to flyover_publisher;
grant select, insert, update on mart.current_release to flyover_publisher;
grant update (subject) on mart.indicator_definition to flyover_publisher;
grant insert, delete on mart.area, mart.dimension, mart.dimension_member, mart.target to flyover_publisher;
grant insert on mart.indicator_source, mart.revision, mart.revision_delivery, mart.explained to flyover_publisher;
grant select on quality.batch to flyover_publisher;
grant insert on quality.stage_run, audit.entry to flyover_publisher;

grant usage on schema portal to flyover_connector, flyover_portal;
grant select, insert, update on portal.token to flyover_connector;                       -- ./flyover token
grant select, update (last_used_at) on portal.token to flyover_portal;
grant insert, select (upload_id) on portal.upload to flyover_portal;
grant select on portal.uploads, portal.deliveries, portal.refusals, portal.repairs, portal.batches,
    portal.rule_results, portal.kept_back, portal.corrections, portal.correction_rows to flyover_portal;
grant usage on schema portal to engineer;
grant select on portal.upload to engineer;
grant usage on schema audit to flyover_portal;
grant insert on audit.entry to flyover_portal;

-- the quality officer's desk reads by these; it decides as flyover_judge, through expectations.decisions alone
grant usage on schema portal, audit to flyover_officer;
grant select on portal.officer to flyover_officer;
grant select, update (last_used_at) on portal.officer_token to flyover_officer;
grant select on portal.officer_waiting, portal.officer_entries, portal.officer_batches, portal.officer_rule_results,
    portal.officer_decided, portal.officer_trail, portal.officer_alerts to flyover_officer;
grant insert on audit.entry to flyover_officer;
revoke execute on function portal.is_theirs from public;
grant execute on function portal.is_theirs to flyover_officer;

-- watches and reconciles: keys and counts of everything, the content of nothing (core is compared as flyover_dbt)
grant usage on schema connect, landing, quarantine, released, quality, vault to flyover_watch;
grant select on connect.batch, connect.delivery, connect.contract, connect.refusal to flyover_watch;
grant select (batch_id, batch_seq, record_id, version) on connect.outbox to flyover_watch;
grant select (batch_id, record_id, version, subject) on connect.identity_outbox to flyover_watch;
grant select (agency_code, source, entity, record_id, version) on vault.identity to flyover_watch;
grant select on vault.erased to flyover_watch;
grant select (agency_code, asked_at) on connect.cursor to flyover_watch;
grant select on landing.duplicate, landing.drain, landing.forgotten, vault.drain to flyover_watch;
grant select (topic, batch_id, fingerprint, landed_at) on quarantine.undecodable to flyover_watch;
grant select on all tables in schema quality to flyover_watch;
grant insert, update, delete on quality.reconciliation_run, quality.reconciliation, quality.failed_task, quality.alert,
    quality.alert_message, quality.alert_told to flyover_watch;
grant select (entity_table, row_id, batch_id, released_seq, status) on quarantine.entry to flyover_dbt;
do $$
declare
    place record;
begin
    for place in
        select n.nspname as schema, c.relname as name
        from pg_class as c
        inner join pg_namespace as n on c.relnamespace = n.oid
        where (n.nspname in ('landing', 'released') and c.relkind in ('p', 'v') and c.relname like '%\_\_%'
                and c.relname not like '%\_\_departed')
            or (n.nspname = 'quarantine' and c.relkind in ('r', 'p') and (c.relname = 'entry' or c.relname like '%\_\_%'))
    loop
        execute format('grant select (%s) on %I.%I to flyover_watch',
            case when place.schema = 'quarantine'
                then 'entity_table, row_id, batch_id, batch_seq, agency_code, stage, status, rule_ids, opened_at, '
                    || 'decided_at, waiver_expires_on'
                else '_row_id, _batch_id, _batch_seq, _agency_code, _record_id, _version' end,
            place.schema, place.name);
    end loop;
end
$$;

-- forecasts from yearly sums by county (int_forecast__history, which dbt grants by name) and from nothing else
grant usage on schema forecast, intermediate to flyover_forecast;
grant select, insert on all tables in schema forecast to flyover_forecast;
grant update (built_at) on forecast.run to flyover_forecast;
grant usage on schema forecast to flyover_dbt, engineer;
grant select on all tables in schema forecast to flyover_dbt, engineer;

-- reads one person's file, and keeps who looked; the name is opened by a role of its own (./flyover learner --with-name)
grant usage on schema core, audit to flyover_learner;
grant select on all tables in schema core to flyover_learner;
grant insert on audit.entry to flyover_learner;
grant usage on schema vault, audit to flyover_names;
grant select on vault.identity, vault.data_key, vault.erased to flyover_names;
grant insert on audit.entry to flyover_names;

-- lands and judges a delivery in a transaction that is always rolled back (./flyover preview)
grant flyover_connector, flyover_sink, flyover_judge, flyover_portal to flyover_preview;

-- looks, by whatever program: what is set on the role holds in psql and in BI tools as in ./flyover sql. A role may
-- change its own settings (never its rights); each time we come by they are as they should be.
grant usage on schema mart to policymaker;
grant select on all tables in schema mart to policymaker;
do $$
begin
    execute format('alter role policymaker in database %I reset all', current_database());
end
$$;
alter role policymaker reset all;
alter role policymaker connection limit 20;
alter role policymaker set default_transaction_read_only = on;
alter role policymaker set statement_timeout = '30s';
alter role policymaker set idle_in_transaction_session_timeout = '1min';
alter role policymaker set idle_session_timeout = '1h';

grant usage on schema quality, mart to quality_officer;
grant select on all tables in schema quality, mart to quality_officer;

grant usage on schema connect, landing, judging, quarantine, released, quality, staging, intermediate, core, mart, audit,
    persons to engineer;
grant select on all tables in schema connect, landing, judging, quarantine, released, quality, staging, intermediate,
    core, mart, audit, persons to engineer;

-- Locks that our stages wait for, and who is connected: closed to the public (stack/database.py), open to who works.
do $$
declare
    opened record;
begin
    for opened in
        select p.oid::regprocedure as name, r.rolname as role
        from pg_proc as p
        cross join pg_roles as r
        where p.pronamespace = 'pg_catalog'::regnamespace
            and (p.proname like 'pg%\_advisory\_%' or p.proname = 'pg_stat_get_activity')
            and (r.rolname like 'flyover\_%' or r.rolname in ('engineer', 'quality_officer'))
            and r.rolname <> 'flyover_owner'
            and not has_function_privilege(r.oid, p.oid, 'execute')
    loop
        execute format('grant execute on function %s to %I', opened.name, opened.role);
    end loop;
end
$$;

-- what dbt builds later
alter default privileges for role flyover_dbt in schema core
    grant select on tables to flyover_publisher, flyover_learner, engineer;
alter default privileges for role flyover_dbt in schema staging, intermediate grant select on tables to engineer;
alter default privileges for role flyover_dbt in schema mart
    grant select on tables to policymaker, quality_officer, engineer, flyover_publisher;
