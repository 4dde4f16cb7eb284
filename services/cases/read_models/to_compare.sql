-- tables
create table compared_people (
  "case"  uuid not null,
  person  uuid not null,
  as_told int  not null,   -- number of the last event about the person that the case was compared with
  primary key ("case", person)
);
create index on compared_people (person);

create table said_of_people (
  person  uuid        primary key,
  version int         not null,
  said_at timestamptz not null
);

-- about
insert into {schema}.compared_people ("case", person, as_told) values ($1, $2, $3)
on conflict ("case", person) do nothing;

-- compared
insert into {schema}.compared_people ("case", person, as_told) values ($1, $2, $3)
on conflict ("case", person) do update set as_told = greatest(compared_people.as_told, excluded.as_told);

-- closed
delete from {schema}.compared_people where "case" = $1;

-- said
insert into {schema}.said_of_people (person, version, said_at) values ($1, $2, $3)
on conflict (person) do update set version = excluded.version, said_at = excluded.said_at
where said_of_people.version < excluded.version;
