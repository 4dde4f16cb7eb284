-- tables
create table to_notify (
  application      uuid primary key,
  certificate_type text not null,
  refused_at       timestamptz not null,
  has_notice       boolean not null,
  document         text                -- SHA-256 of the notice, once there is one
);
create index on to_notify (refused_at, application) where document is null;

-- refused
insert into {schema}.to_notify (application, certificate_type, refused_at, has_notice) values ($1, $2, $3, $4)
on conflict (application) do nothing;

-- issued
update {schema}.to_notify set document = $2 where application = $1;
