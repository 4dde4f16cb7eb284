-- tables
create table corrections_to_make (
  certificate uuid primary key,
  decided_at  timestamptz not null
);
create index on corrections_to_make (decided_at, certificate);
create table successions_to_settle (
  certificate uuid primary key,
  issued_at   timestamptz not null
);
create index on successions_to_settle (issued_at, certificate);

-- to_correct
insert into {schema}.corrections_to_make (certificate, decided_at) values ($1, $2) on conflict (certificate) do nothing;

-- corrected
delete from {schema}.corrections_to_make where certificate = $1;

-- to_settle
insert into {schema}.successions_to_settle (certificate, issued_at) values ($1, $2) on conflict (certificate) do nothing;

-- settled
delete from {schema}.successions_to_settle where certificate = $1;
