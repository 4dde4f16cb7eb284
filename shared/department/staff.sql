-- tables
create table staff (
  staff    uuid primary key,
  name     text   not null,
  division text   not null,
  roles    text[] not null
);
create index on staff (division);

-- appointed
insert into {schema}.staff (staff, name, division, roles) values ($1, $2, $3, $4)
on conflict (staff) do update
set name = excluded.name, division = excluded.division, roles = excluded.roles;

-- dismissed
update {schema}.staff set roles = '{}' where staff = $1;
