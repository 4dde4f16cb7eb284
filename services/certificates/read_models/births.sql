-- tables
create table births (
  child             uuid primary key,
  mother            uuid not null,
  father            uuid,
  born_on           date not null,
  birth_certificate text not null,   -- its identifier, as it was when the birth was recorded
  "case"            uuid
);
create index on births (mother);
create index on births (father);
create table names_borne (
  person uuid not null,
  name   text not null,
  primary key (person, name)
);

-- born
insert into {schema}.births (child, mother, father, born_on, birth_certificate, "case") values ($1, $2, $3, $4, $5, $6)
on conflict (child) do nothing;

-- called
insert into {schema}.names_borne (person, name) values ($1, $2) on conflict do nothing;

-- forgotten
insert into {schema}.names_borne (person, name)
select distinct person, '' from {schema}.names_borne where person = $1 on conflict do nothing;

-- names_forgotten
delete from {schema}.names_borne where person = $1 and name <> '';
