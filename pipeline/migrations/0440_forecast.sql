-- What is forecast, in every way it was tried, and how much each way erred where it could be tested. A run is written
-- whole or not at all and is never changed; readers take the latest.

create schema forecast;

create table forecast.run (
    run_id integer generated always as identity primary key,
    made_at timestamptz not null default now(),
    inputs text not null,                       -- checksum of the history it was made from
    methods text not null,                      -- what made it: our version and the library's
    built_at timestamptz                        -- since when core has taken it in
);

-- one thing forecast for one area; without a method it waits for the return that its note names
create table forecast.series (
    run_id integer not null references forecast.run,
    realm text not null check (realm in ('real', 'simulated')),
    indicator_code text not null,
    member text not null,                       -- stage, or total
    area_code text not null,
    area_level text not null check (area_level in ('province', 'prefecture', 'county')),
    method text,                                -- the way that is published
    note text not null,                         -- its error, or what is missing
    first_year integer,
    last_year integer,
    years integer not null,
    primary key (run_id, realm, indicator_code, member, area_code)
);

create table forecast.point (
    run_id integer not null,
    realm text not null,
    indicator_code text not null,
    member text not null,
    area_code text not null,
    method text not null,
    year integer not null,
    value double precision not null,
    value_low double precision not null,
    value_high double precision not null,
    is_tested boolean not null,                 -- so many years ahead were backtested; beyond, the width is extrapolated
    primary key (run_id, realm, indicator_code, member, area_code, method, year),
    foreign key (run_id, realm, indicator_code, member, area_code) references forecast.series,
    constraint point_in_its_interval check (value_low <= value and value <= value_high)
);

create table forecast.backtest (
    run_id integer not null references forecast.run,
    realm text not null,
    indicator_code text not null,
    member text not null,
    area_level text not null,
    method text not null,
    is_chosen boolean not null,
    cells integer not null,
    first_origin integer not null,
    last_origin integer not null,
    mase double precision not null,
    naive_mase double precision not null,       -- of the last value repeated, on the same years
    mape_pct double precision,
    coverage_pct double precision not null,
    primary key (run_id, realm, indicator_code, member, area_level, method)
);
