-- tables
create table guests (
  room    text not null,
  version int  not null,
  name    text not null,
  primary key (room, version)
);

-- came
insert into {schema}.guests (room, version, name) values ($1, $2, $3)
on conflict (room, version) do nothing
