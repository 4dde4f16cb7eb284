-- Keys of personal fields, one a person and department: own ones, and those that neighbours gave. Each encrypted under a
-- master key. An erased key leaves its row, so that what it sealed is known to be erased and not only unread.
create table person_keys (
  provider  text        not null,                -- 'local.identity': whose events it opens
  id        text        not null check (char_length(id) = 11),
  is_own    boolean     not null,
  in_use    boolean     not null default false,  -- further fields of the owner are sealed under it
  owner     text        not null,                -- a person's id, or a stream's; '': lost with the database
  sealed    bytea,                               -- null: erased
  master    text        check (master ~ '^[0-9a-f]{16}$'),
  feeds     text[]      not null default '{}',   -- of an own one: public feeds whose events hold fields under it
  made_at   timestamptz not null default clock_timestamp(),
  erased_at timestamptz,
  constraint person_keys_pkey primary key (provider, id),
  constraint person_keys_in_use_is_own check (not in_use or (is_own and sealed is not null)),
  constraint person_keys_is_erased check ((sealed is null) = (erased_at is not null) and (sealed is null) = (master is null))
);
create unique index person_keys_in_use on person_keys (owner) where in_use;
create index person_keys_by_owner on person_keys (owner);
create index person_keys_by_master on person_keys (master, provider, id) where master is not null;

-- Own keys that neighbours are to be told anew: given to more feeds, or erased. `reader`: to this neighbour only.
create table key_outbox (
  nth    bigint generated always as identity primary key,
  key    text   not null,
  reader text
);

-- Neighbours who have asked to be given keys, and the public key (X25519) that these are encrypted for.
create table key_readers (
  reader     text        primary key,
  public_key text        not null check (char_length(public_key) <= 100),
  since      timestamptz not null default clock_timestamp()
);

-- Under which keys the events of a snapshot are sealed: with one of them erased, it is deleted.
alter table snapshots add column keys text[] not null default '{}';
create index snapshots_by_keys on snapshots using gin (keys);
