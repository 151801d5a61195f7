with

entries as (
    select * from {{ ref('fct_credit_entry') }} where learner_key is not null
),

credentials as (
    select * from {{ ref('stg_credit_bank__learning_outcomes') }}
),

courses as (
    select * from {{ ref('stg_credit_bank__shared_courses') }}
),

reversals as (
    select learner_key, reversed_posting_id from entries where reversed_posting_id is not null
),

-- what was posted and taken back is history of the ledger; what stands is a line, two sides of it but one amount:
-- that which came to an account of the learner's
standing as (
    select
        entries.learner_key,
        entries.agency_code,
        entries.owner_id,
        entries.source_entity,
        entries.record_id,
        entries.posting_kind_code,
        max(entries.outcome_id) as outcome_id,
        max(entries.institution_code) as institution_code,
        max(entries.programme_code) as programme_code,
        max(entries.effective_on) as effective_date,
        sum(entries.amount_credits) filter (where entries.amount_credits > 0 and entries.account_kind_code <> 'issued')
            as amount_credits,
        bool_or(entries.account_kind_code = 'recognised' and entries.amount_credits < 0) as is_taken_from_recognised,
        (array_agg(entries._event_id order by entries.posting_id desc))[1] as _event_id,
        max(entries._released_seq) as _released_seq
    from entries
    left join reversals
        on entries.learner_key = reversals.learner_key and entries.posting_id = reversals.reversed_posting_id
    where reversals.reversed_posting_id is null and entries.reversed_posting_id is null
    group by
        entries.learner_key, entries.agency_code, entries.owner_id, entries.source_entity, entries.record_id,
        entries.posting_kind_code
),

-- a recognition that rested on a credential revoked since is worth nothing to who would read it in a wallet
unwound as (
    select distinct learner_key, agency_code, owner_id, outcome_id
    from standing
    where is_taken_from_recognised
),

booked as (
    select
        standing.learner_key,
        'credit_' || standing.posting_kind_code as kind_code,
        standing.effective_date as begun_date,
        standing.effective_date + 1 as ended_date,
        coalesce(credentials.outcome_title, courses.course_title, standing.outcome_id) as title,
        null::uuid as institution_key,
        coalesce(
            standing.institution_code, credentials.issuer_title, credentials.issuer_id, standing.agency_code
        ) as institution_name,
        case
            when standing.posting_kind_code in ('conversion', 'transfer') and unwound.outcome_id is not null
                then 'revoked'
        end as result_code,
        null::double precision as score_pct,
        null::double precision as learning_hours,
        standing.amount_credits::double precision as credits,
        standing.agency_code,
        standing.source_entity,
        standing.record_id,
        standing._event_id,
        standing._released_seq
    from standing
    left join credentials
        on standing.agency_code = credentials.agency_code and standing.outcome_id = credentials.record_id
    left join courses
        on standing.agency_code = courses.agency_code and standing.programme_code = courses.record_id
    left join unwound
        on standing.learner_key = unwound.learner_key
        and standing.agency_code = unwound.agency_code
        and standing.owner_id = unwound.owner_id
        and standing.outcome_id = unwound.outcome_id
)

select * from booked
