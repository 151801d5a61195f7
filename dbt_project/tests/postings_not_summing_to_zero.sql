-- Double entry: what one account gets another gives. The ledger refuses such a posting, so core has lost an entry.
select posting_id, credit_unit_code, sum(amount_credits) as amount_credits
from {{ ref('fct_credit_entry') }}
group by posting_id, credit_unit_code
having sum(amount_credits) <> 0
