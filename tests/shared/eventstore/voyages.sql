-- tables
create table voyages (
  stream   text primary key,
  version  int not null,
  crates   bigint not null,
  disorder int not null default 0   -- how often an event came that does not follow
);
create table sightings (
  stream  text not null,
  version int not null,
  times   int not null default 1,
  primary key (stream, version)
);

-- followed
insert into {schema}.voyages (stream, version, crates) values ($1, $2, $3)
on conflict (stream) do update
set version = excluded.version, crates = voyages.crates + excluded.crates,
    disorder = voyages.disorder + (excluded.version <> voyages.version + 1)::int

-- sighted
insert into {schema}.sightings (stream, version) values ($1, $2)
on conflict (stream, version) do update set times = sightings.times + 1
