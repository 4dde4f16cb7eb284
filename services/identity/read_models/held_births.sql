-- tables
create table held_births (
  newborn     uuid        not null,
  mother      uuid        not null,   -- a mended request may name another
  "case"      uuid        not null,
  born_on     date        not null,
  birth_order text        not null,
  child_name  text        not null,
  division    text        not null collate "C",
  reasons     text[]      not null,
  beside      uuid[]      not null,   -- the children that make it implausible
  held_at     timestamptz not null,
  proposal    uuid,
  decision    text,
  reason      text,                   -- why it is proposed
  proposed_by uuid,
  parentage_proof text,               -- number of the test that the officers look at
  is_over     boolean     not null default false,   -- decided, withdrawn, or mended
  primary key (newborn, mother)
);
create index held_births_by_place on held_births (division, newborn) where not is_over;

-- held
insert into {schema}.held_births
  (newborn, mother, "case", born_on, birth_order, child_name, division, reasons, beside, held_at, parentage_proof)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (newborn, mother) do update
set born_on = excluded.born_on, birth_order = excluded.birth_order, child_name = excluded.child_name,
  parentage_proof = excluded.parentage_proof, division = excluded.division, reasons = excluded.reasons, beside = excluded.beside, held_at = excluded.held_at,
  proposal = null, decision = null, reason = null, proposed_by = null, is_over = false

-- proposed
update {schema}.held_births set proposal = $3, decision = $4, reason = $5, proposed_by = $6
where newborn = $1 and mother = $2

-- over
update {schema}.held_births set is_over = true where newborn = $1 and mother = $2;

-- forgotten
update {schema}.held_births
set child_name = '', parentage_proof = null, reason = left(reason, 0)   -- none stays none
where newborn = any($1::uuid[])
