-- Two rows of one division on one day would count everything joined to it twice.
select former.division_code, former.valid_from, later.valid_from as overlapping_from
from {{ ref('dim_division') }} as former
inner join {{ ref('dim_division') }} as later
    on former.division_code = later.division_code and former.valid_from < later.valid_from
where former.valid_to is null or later.valid_from < former.valid_to
