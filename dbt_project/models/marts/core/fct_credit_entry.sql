{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    indexes=[
        {'columns': ['posting_id', 'entry_line'], 'unique': true},
        {'columns': ['agency_code', 'owner_id']},
        {'columns': ['learner_key']},
    ],
    pre_hook="{{ take_out_moved_entries() }}",
) }}

with

build_bound as (
    select released_seq from intermediate.build_bound
),

posted as (
    select entries.*
    from {{ source('ledger', 'entries') }} as entries
    inner join build_bound on entries.released_seq <= build_bound.released_seq
),

owners as (
    select * from {{ ref('int_credits__owners') }}
),

entries as (
    select
        {{ surrogate_key(['posted.posting_id', 'posted.line']) }} as credit_entry_key,
        posted.posting_id,
        posted.line as entry_line,
        posted.kind as posting_kind_code,
        posted.reverses as reversed_posting_id,
        posted.agency_code,
        posted.owner_id,
        owners.learner_key,
        posted.source_entity,
        posted.record_id,
        posted.account_key,
        posted.account_kind as account_kind_code,
        posted.account_owner_id,
        posted.institution_code,
        posted.programme_code,
        posted.outcome_id,
        posted.category_code as credit_category_code,
        posted.rule_version,
        posted.amount as amount_credits,
        posted.unit as credit_unit_code,
        posted.effective_on,
        posted.recorded_at,
        posted.event_id as _event_id,
        posted.released_seq as _released_seq
    from posted
    left join owners on posted.agency_code = owners.agency_code and posted.owner_id = owners.owner_id
    {% if is_incremental() -%}
    left join {{ this }} as held on posted.posting_id = held.posting_id and posted.line = held.entry_line
    where held.posting_id is null
    {%- endif %}
)

select * from entries
