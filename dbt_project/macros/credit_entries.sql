{#
    Entries of the ledger are never changed, but whose they are may be found out later: those of an owner who is another
    learner now are taken out of the fact, and made again with the entries that are new.
#}
{% macro take_out_moved_entries() %}
{% if execute and is_incremental() %}
delete from {{ this }} as fact
using (
    select held.agency_code, held.owner_id
    from (select distinct agency_code, owner_id, learner_key from {{ this }}) as held
    left join {{ ref('int_credits__owners') }} as owners
        on held.agency_code = owners.agency_code and held.owner_id = owners.owner_id
    where held.learner_key is distinct from owners.learner_key
) as moved
where fact.agency_code = moved.agency_code and fact.owner_id = moved.owner_id
{% endif %}
{% endmacro %}
