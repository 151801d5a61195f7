-- A statement is also touched by the one that voids it, and by one that tells the same actor's pseudonym differently.
{{ touched_records(
    'base_xapi__statements',
    through=[
        ('base_xapi__statements', 'moved.voids = records._record_id'),
        (
            'base_xapi__statements',
            'moved.actor = records.actor and moved._person_key is distinct from records._person_key',
        ),
        ('int_persons__moved', "moved.source_name = 'xapi' and moved.person_id_agency = records.actor"),
    ],
    is_agency_made_again_on_delete=true,
) }}
