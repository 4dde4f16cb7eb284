-- tables
create table seal_uses (
  event       uuid primary key,
  seal        uuid        not null,
  certificate uuid        not null,
  digest      text        not null,   -- SHA-256 of what was signed
  used_at     timestamptz not null
);
create index on seal_uses (seal, used_at desc, event desc);

-- used
insert into {schema}.seal_uses (event, seal, certificate, digest, used_at) values ($1, $2, $3, $4, $5);
