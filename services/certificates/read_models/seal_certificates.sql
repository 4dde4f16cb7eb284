-- tables
create table seal_certificates (
  seal       uuid primary key,
  serial     text        not null,             -- of its certificate, hexadecimal
  issuer     bytea       not null,             -- SHA-256 of the issuer's certificate, PEM
  revoked    text        check (revoked in ('hold', 'for_good')),   -- null: it counts
  since      timestamptz,
  changes    int         not null default 0,   -- how often it stopped or began again to count
  changed_at timestamptz
);
create index on seal_certificates (issuer) where changes > 0;

-- made
insert into {schema}.seal_certificates (seal, serial, issuer) values ($1, $2, $3);

-- stopped
update {schema}.seal_certificates set revoked = 'hold', since = $2, changes = changes + 1, changed_at = $2
where seal = $1;

-- resumed
update {schema}.seal_certificates set revoked = null, since = null, changes = changes + 1, changed_at = $2
where seal = $1;

-- cancelled
update {schema}.seal_certificates
set revoked = 'for_good', since = coalesce(since, $2), changes = changes + 1, changed_at = $2 where seal = $1;
