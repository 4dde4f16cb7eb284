-- tables
create table terminated_reviews (
  application      uuid primary key,
  certificate_type text        not null,
  reason           text        not null,
  reviewed_by      uuid[]      not null,
  terminated_at    timestamptz not null
);
create index on terminated_reviews using gin (reviewed_by);

-- terminated
insert into {schema}.terminated_reviews (application, certificate_type, reason, reviewed_by, terminated_at)
values ($1, $2, $3, $4, $5);
