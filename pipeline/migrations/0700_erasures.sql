-- Who was erased by which erasure, so that a restored copy can be told again.

alter table vault.erased add column erasure_id uuid;
