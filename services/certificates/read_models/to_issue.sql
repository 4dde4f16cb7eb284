-- tables
create table to_issue (
  application uuid primary key,
  approved_at timestamptz,        -- null when terminated, or only the issue is known: the two come from different streams
  is_issued   boolean not null default false
);
create index on to_issue (approved_at, application) where approved_at is not null and not is_issued;

-- approved
insert into {schema}.to_issue (application, approved_at) values ($1, $2)
on conflict (application) do update set approved_at = excluded.approved_at;

-- issued
insert into {schema}.to_issue (application, is_issued) values ($1, true)
on conflict (application) do update set is_issued = true;
