-- tables
create table reviewers (
  staff       uuid primary key,
  name        text    not null,
  division    text    not null,
  is_reviewer boolean not null
);

-- appointed
insert into {schema}.reviewers (staff, name, division, is_reviewer) values ($1, $2, $3, $4)
on conflict (staff) do update
set name = excluded.name, division = excluded.division, is_reviewer = excluded.is_reviewer;

-- dismissed
update {schema}.reviewers set is_reviewer = false where staff = $1;
