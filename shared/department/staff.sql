-- tables
create table staff (
  staff      uuid        primary key,
  name       text        not null,
  division   text        not null,
  roles      text[]      not null,
  department text,
  at         timestamptz not null,
  person     uuid                    -- of the register
);
create index on staff (division);

-- appointed
insert into {schema}.staff (staff, name, division, roles, department, at, person) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (staff) do update
set name = excluded.name, division = excluded.division, roles = excluded.roles, department = excluded.department,
    at = excluded.at, person = excluded.person;

-- dismissed
update {schema}.staff set roles = '{}', department = null, at = $2 where staff = $1;
