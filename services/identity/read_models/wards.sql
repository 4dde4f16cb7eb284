-- tables
create table wards (
  person   uuid not null,
  guardian uuid not null,
  primary key (person, guardian)
);
create index wards_by_guardian on wards (guardian, person);

-- cleared
delete from {schema}.wards where person = $1

-- named
insert into {schema}.wards (person, guardian) values ($1, $2)
on conflict (person, guardian) do nothing
