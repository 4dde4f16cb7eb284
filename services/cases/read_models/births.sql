-- tables
create table births (
  "case"      uuid primary key, -- of a birth that no case asked for: the child
  child       uuid,             -- once it is in the register
  mother      uuid not null,
  born_on     date not null,
  birth_order text not null,
  corrected   date,             -- the day of birth in an ID number that was put right
  applicant   uuid              -- whose form told it
);
create index on births (mother);
create index on births (child);

-- opened
insert into {schema}.births ("case", mother, born_on, birth_order, applicant) values ($1, $2, $3, $4, $5)
on conflict do nothing;

-- entered
insert into {schema}.births ("case", child, mother, born_on, birth_order) values ($1, $2, $3, $4, $5)
on conflict ("case") do update
set child = excluded.child, mother = excluded.mother, born_on = excluded.born_on, birth_order = excluded.birth_order;

-- corrected
update {schema}.births set corrected = $2 where child = $1;

-- closed
delete from {schema}.births where "case" = $1 and child is null;

-- annulled
delete from {schema}.births where child = $1;

-- forgotten
update {schema}.births set corrected = null where child = $1;

-- form_forgotten
delete from {schema}.births where applicant = $1 and child is null;

-- applicant_forgotten
update {schema}.births set applicant = null where applicant = $1;
