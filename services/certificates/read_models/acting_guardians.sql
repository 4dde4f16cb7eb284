-- tables
create table acting_guardians (
  id       uuid primary key,   -- of the application or certificate
  kind     text not null check (kind in ('application', 'certificate')),
  ward     uuid not null,
  guardian uuid not null,
  since    timestamptz not null
);

-- acts
insert into {schema}.acting_guardians (id, kind, ward, guardian, since) values ($1, $2, $3, $4, $5);

-- ended
delete from {schema}.acting_guardians where id = $1;
