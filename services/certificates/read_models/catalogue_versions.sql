-- tables
create table catalogue_versions (
  code          text        not null,
  version       int         not null,
  in_force_from date        not null,
  definition    jsonb       not null,
  published_by  uuid        not null,
  published_at  timestamptz not null,
  event         uuid        not null,
  primary key (code, version)
);

-- published
insert into {schema}.catalogue_versions
  (code, version, in_force_from, definition, published_by, published_at, event)
values ($1, $2, $3, $4, $5, $6, $7);
