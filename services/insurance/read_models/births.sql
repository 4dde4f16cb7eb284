-- tables
create table births (
  child       uuid primary key,
  mother      uuid not null,
  born_on     date not null,
  annulled_at timestamptz
);
create index on births (annulled_at, child) where annulled_at is not null;
create table struck_births (   -- told in another stream, hence perhaps before the birth itself
  child uuid primary key
);

-- recorded
insert into {schema}.births (child, mother, born_on) values ($1, $2, $3);

-- annulled
update {schema}.births set annulled_at = $2 where child = $1;

-- struck
insert into {schema}.struck_births (child) values ($1) on conflict do nothing;
