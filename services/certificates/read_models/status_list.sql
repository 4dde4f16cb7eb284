-- tables
create table status_list (
  certificate uuid primary key,
  list        int      not null,
  index       int      not null,
  status      smallint not null default 0,   -- 0 valid, 1 invalid, 2 suspended
  unique (list, index)
);
create index on status_list (list) where status <> 0;

-- issued
insert into {schema}.status_list (certificate, list, index) values ($1, $2, $3);

-- changed
update {schema}.status_list set status = $2 where certificate = $1;
