-- tables
create table register_entries (
  person          uuid primary key,
  same_key        text not null,      -- of the name: equal for all its spellings
  id_number       text not null,
  division        text not null,      -- of the household
  died_on         date,
  identity_event  uuid not null,
  residence_event uuid not null,
  death_event     uuid
);
create index on register_entries (id_number);

-- registered
insert into {schema}.register_entries (person, same_key, id_number, division, identity_event, residence_event)
values ($1, $2, $3, $4, $5, $5);

-- corrected
update {schema}.register_entries set same_key = $2, id_number = $3, identity_event = $4 where person = $1;

-- moved
update {schema}.register_entries set division = $2, residence_event = $3 where person = $1;

-- died
update {schema}.register_entries set died_on = $2, death_event = $3 where person = $1;

-- forgotten
update {schema}.register_entries set same_key = '', id_number = '' where person = $1;
