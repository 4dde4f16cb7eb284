-- tables
create table guests (
  room    text not null,
  version int  not null,
  name    text not null,
  phone   text not null,
  floor   text not null,
  nights  int,
  primary key (room, version)
);

-- came
insert into {schema}.guests (room, version, name, phone, floor, nights) values ($1, $2, $3, $4, $5, $6)
on conflict (room, version) do nothing
