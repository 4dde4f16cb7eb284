-- tables
create table certificates (
  certificate       uuid primary key,
  application       uuid        not null,           -- its versions have one
  citizen           uuid        not null,
  certificate_type  text        not null,
  identifier        text        not null unique,   -- GB/T 36904
  number            text        not null,
  issuing_body      text        not null,
  issuing_body_code text        not null,
  holder_masked     text        not null,
  valid_from        date        not null,
  valid_to          date,
  issued_at         timestamptz not null,
  document          text,                          -- SHA-256 of the PDF
  standing          text        not null default 'valid',
  since             timestamptz,                   -- of its standing, unless it has held all the time
  superseded_by     text                           -- identifier
);
create index on certificates (application, issued_at desc);
create index on certificates (citizen, issued_at desc, certificate desc);

-- issued
insert into {schema}.certificates
  (certificate, application, citizen, certificate_type, identifier, number, issuing_body, issuing_body_code,
   holder_masked, valid_from, valid_to, issued_at, document)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- stands
update {schema}.certificates set standing = $2, since = $3, superseded_by = $4 where certificate = $1;

-- forgotten
update {schema}.certificates set holder_masked = $2 where citizen = $1;
