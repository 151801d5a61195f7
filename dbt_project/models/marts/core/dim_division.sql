select * from {{ ref('int_divisions__dated') }}
