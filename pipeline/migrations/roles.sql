-- What is set on roles and on the server's own functions, and is no right to an object of ours. Re-applied whole.

-- The policymaker looks, by whatever program: what is set on the role holds in psql and in BI tools as in ./flyover sql.
-- A role may change its own settings (never its rights); each time we come by they are as they should be.
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
            and (r.rolname like 'flyover\_%' or r.rolname = 'engineer')
            and r.rolname <> 'flyover_owner'
            and not has_function_privilege(r.oid, p.oid, 'execute')
    loop
        execute format('grant execute on function %s to %I', opened.name, opened.role);
    end loop;
    -- an officer looks and holds no lock; earlier releases let quality_officer
    for opened in
        select p.oid::regprocedure as name
        from pg_proc as p
        cross join lateral aclexplode(p.proacl) as a
        where p.pronamespace = 'pg_catalog'::regnamespace
            and (p.proname like 'pg%\_advisory\_%' or p.proname = 'pg_stat_get_activity')
            and a.grantee = 'quality_officer'::regrole
    loop
        execute format('revoke execute on function %s from quality_officer', opened.name);
    end loop;
end
$$;
