-- What a department keeps beside its memory: files by their hash, keys that nobody reads, work not yet handed in.

-- Files are named by what is in them, so one that is there is right and one that is not is missing; never another.
create table files (
  sha256    bytea       primary key check (octet_length(sha256) = 32),
  media     text        not null,
  content   bytea       not null,
  stored_at timestamptz not null default clock_timestamp()
);

-- Private keys, encrypted under the department's master key. Never changed: a new key is a new name.
create table sealed_keys (
  name       text        primary key,
  algorithm  text        not null,
  public_key text        not null,
  sealed     bytea       not null,
  made_at    timestamptz not null default clock_timestamp()
);

-- Drafts are nobody's facts: kept for their writer alone, and gone when he deletes or hands them in.
create table drafts (
  id       uuid        primary key,
  owner    uuid        not null,
  kind     text        not null,   -- 'application residence'
  body     json        not null,
  saved_at timestamptz not null
);
create index on drafts (owner, saved_at desc, id desc);
