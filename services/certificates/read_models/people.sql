-- tables
create table people (
  person    uuid primary key,
  name      text not null,
  id_number text not null,
  division  text not null,   -- of the household
  address   text not null,
  died_on   date,
  guardians uuid[] not null default '{}',  -- of a minor
  annulled  boolean not null default false
);
create index on people (id_number);
create index on people using gin (guardians);

-- registered
insert into {schema}.people (person, name, id_number, division, address) values ($1, $2, $3, $4, $5);

-- corrected
update {schema}.people set name = $2, id_number = $3 where person = $1;

-- moved
update {schema}.people set division = $2, address = $3 where person = $1;

-- guarded
update {schema}.people set guardians = $2 where person = $1;

-- died
update {schema}.people set died_on = $2 where person = $1;

-- annulled
update {schema}.people set annulled = true where person = $1;

-- forgotten
update {schema}.people set name = '', id_number = '', address = '' where person = $1;
