-- tables
create table staff_directory (
  staff        uuid primary key,
  name         text not null,
  login        text,
  roles        text[] not null,
  division     text not null collate "C",
  department   text,
  appointed_at timestamptz not null,
  dismissed_at timestamptz
);
create index staff_directory_by_place on staff_directory (division, staff);

-- appointed
insert into {schema}.staff_directory (staff, name, roles, division, appointed_at, department)
values ($1, $2, $3, $4, $5, $6)
on conflict (staff) do update
set name = excluded.name, roles = excluded.roles, division = excluded.division,
    appointed_at = excluded.appointed_at, department = excluded.department

-- login_given
update {schema}.staff_directory set login = $2 where staff = $1

-- dismissed
update {schema}.staff_directory set dismissed_at = $2 where staff = $1
