-- tables
create table sample_ships (
  ship     text primary key,
  version  int not null,
  crates   int not null,
  unloaded int not null default 0
);

-- arrived
insert into {schema}.sample_ships (ship, version, crates) values ($1, 1, $2);

-- unloaded
update {schema}.sample_ships set unloaded = unloaded + $3, version = $2 where ship = $1;
