-- tables
create table seals (
  seal            uuid primary key,
  kind            text             not null check (kind in ('seal', 'signature')),
  owner_name      text             not null,
  owner_code      text             not null,   -- GB 32100, or the staff id of an officer
  division        text collate "C" not null,
  status          text             not null default 'applied'
                  check (status in ('applied', 'made', 'in_use', 'stopped', 'cancelled')),
  applied_at      timestamptz      not null,
  applied_event   uuid             not null unique,
  valid_to        timestamptz                  -- of its certificate; null until it is made
);
create index on seals (kind, owner_code, applied_at);
create index on seals (division, applied_at desc, seal desc);

-- applied
insert into {schema}.seals (seal, kind, owner_name, owner_code, division, applied_at, applied_event)
values ($1, $2, $3, $4, $5, $6, $7);

-- made
update {schema}.seals set status = 'made', valid_to = $2 where seal = $1;

-- moved_on
update {schema}.seals set status = $2 where seal = $1;
