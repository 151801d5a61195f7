{#
    Columns of one kind of event of the credit bank: all kinds have one list, and what a kind does not say is null.
    `told` says what it does: day is required; holder, owner, record and event are expressions, too, with defaults.
#}
{% macro credit_event(kind, entity, told) %}
{%- set columns = {
    'outcome_id': 'text', 'application_id': 'text', 'institution_code': 'text', 'teaching_institution_code': 'text',
    'programme_code': 'text', 'issuer_id': 'text', 'outcome_kind_code': 'text', 'outcome_title': 'text',
    'credit_framework_code': 'text', 'category_code': 'text', 'bank_credits': 'numeric(14, 4)',
    'outcome_credits': 'numeric(14, 4)', 'learning_hours': 'numeric(14, 4)', 'programme_credits': 'numeric(14, 4)',
    'credits_applied': 'numeric(14, 4)', 'credits_recognised': 'numeric(14, 4)', 'overlap_pct': 'numeric(14, 4)',
    'is_online': 'boolean', 'is_elsewhere': 'boolean', 'applied_date': 'date',
} -%}
select
        agency_code,
        learner_key as holder_key,
        {{ told.get('owner', 'account_id_credit_bank') }} as owner_id,
        '{{ kind }}' as event_kind_code,
        {{ told.day }} as event_date,
        'credit_bank__{{ entity }}' as source_entity,
        {{ told.get('record', 'record_id') }} as record_id,
        {% for column, type in columns.items() -%}
        ({{ told.get(column, 'null') }})::{{ type }} as {{ column }},
        {% endfor -%}
        {{ told.get('event', '_event_id') }} as _event_id
{%- endmacro %}
