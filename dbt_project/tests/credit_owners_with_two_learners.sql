-- The ledger works out everything about one holder together; an owner of two would be worked out by halves.
select agency_code, owner_id
from {{ ref('int_credits__owners') }}
group by agency_code, owner_id
having count(*) > 1
