-- tables
create table household_register (
  person        uuid primary key,
  name          text not null,
  same_key      text not null,   -- of the name: equal for all its spellings
  id_number     text not null,   -- masked: 130123********0019
  division      text not null collate "C",
  address       text not null,
  registered_on date not null,
  died_on       date,
  annulled_at   timestamptz      -- the entry should never have been made
);
create index household_register_by_place on household_register (division, person);
create index household_register_by_name on household_register (same_key, division, person);

-- registered
insert into {schema}.household_register (person, name, same_key, id_number, division, address, registered_on)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (person) do nothing

-- corrected
update {schema}.household_register set name = $2, same_key = $3, id_number = $4 where person = $1

-- moved
update {schema}.household_register set division = $2, address = $3 where person = $1

-- annulled
update {schema}.household_register set annulled_at = $2 where person = $1

-- died
update {schema}.household_register set died_on = $2 where person = $1;

-- forgotten
update {schema}.household_register set name = '', same_key = '', id_number = '', address = '' where person = $1
