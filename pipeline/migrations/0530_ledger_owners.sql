-- A holder's statement starts from the accounts of one owner. Without this it read every posting of the agency, and took
-- longer with every entry of anybody's.

create index on ledger.account (owner_id, agency_code);
