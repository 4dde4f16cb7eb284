-- tables
create table people (
  person    uuid primary key,
  name      text not null,
  id_number text not null,
  division  text not null,   -- of the household
  address   text not null,
  stands    text not null default 'lives' check (stands in ('lives', 'died', 'annulled')),
  died_on   date,
  version   int  not null    -- number of the last event about them
);
create index on people (id_number);

create table phones (
  citizen uuid primary key,
  phone   text not null
);

create table marriages (
  marriage uuid   primary key,
  persons  uuid[] not null,
  licence  text   not null,
  begun_on date   not null,
  ended_by text,             -- death, divorce, annulled
  ended_on date
);
create index on marriages using gin (persons);

-- registered
insert into {schema}.people (person, name, id_number, division, address, version) values ($1, $2, $3, $4, $5, $6);

-- corrected
update {schema}.people set name = $2, id_number = $3, version = $4 where person = $1;

-- moved
update {schema}.people set division = $2, address = $3, version = $4 where person = $1;

-- stands
update {schema}.people set stands = $2, died_on = $3, version = $4 where person = $1;

-- reachable
insert into {schema}.phones (citizen, phone) values ($1, $2)
on conflict (citizen) do update set phone = excluded.phone;

-- married
insert into {schema}.marriages (marriage, persons, licence, begun_on) values ($1, $2, $3, $4);

-- parted
update {schema}.marriages set ended_by = $2, ended_on = $3 where marriage = $1;

-- forgotten
update {schema}.people set name = '', id_number = '', address = '' where person = $1;

-- phone_forgotten
update {schema}.phones set phone = '' where citizen = $1;

-- marriages_forgotten
update {schema}.marriages set licence = '' where marriage = any($1::uuid[]);
