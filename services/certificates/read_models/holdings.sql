-- tables
create table holdings (
  certificate        uuid primary key,
  citizen            uuid        not null,
  certificate_type   text        not null,
  division           text        not null collate "C",
  identifier         text        not null,
  holder_name        text        not null,
  valid_to           date,
  issued_at          timestamptz not null,
  issued_event       uuid        not null,
  status             text        not null default 'valid'
                     check (status in ('valid', 'suspended', 'revoked', 'superseded', 'expired')),
  revocation_waits   boolean     not null default false,
  is_being_corrected boolean     not null default false,
  to_look_at_since   timestamptz  -- when a change of the register suspended it
);
create index on holdings (to_look_at_since, certificate) where to_look_at_since is not null;
create index on holdings (citizen, issued_at) where status in ('valid', 'suspended');
create index on holdings (issued_at desc, certificate desc);
create index on holdings (division, issued_at desc, certificate desc);

-- issued
insert into {schema}.holdings
  (certificate, citizen, certificate_type, division, identifier, holder_name, valid_to, issued_at, issued_event)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- stands
update {schema}.holdings set
  status = $2,
  to_look_at_since = $3,
  revocation_waits = revocation_waits and $2 in ('valid', 'suspended'),
  is_being_corrected = is_being_corrected and $2 in ('valid', 'suspended')
where certificate = $1;

-- revocation
update {schema}.holdings set revocation_waits = $2 where certificate = $1;

-- correction
update {schema}.holdings set is_being_corrected = true where certificate = $1;

-- forgotten
update {schema}.holdings set holder_name = '' where citizen = $1;
