-- tables
create table to_escalate (
  application uuid primary key,
  noted_at    timestamptz not null
);
create index on to_escalate (noted_at, application);

-- overdue
insert into {schema}.to_escalate (application, noted_at) values ($1, $2)
on conflict (application) do update set noted_at = excluded.noted_at;

-- settled
delete from {schema}.to_escalate where application = $1;
