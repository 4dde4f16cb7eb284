-- Keys of providers that were missed for a while, and those that an operator gave up: what these seal reads as erased
-- until they come after all. One that comes unless it was given up leaves no row.
create table missing_keys (
  provider    text        not null,                -- 'local.identity'
  id          text        not null check (char_length(id) = 11),
  feed        text        not null,                -- in which it was missed first
  since       timestamptz not null default clock_timestamp(),
  given_up_at timestamptz,
  given_up_by text,
  reason      text,
  came_at     timestamptz,                         -- after all
  constraint missing_keys_pkey primary key (provider, id),
  constraint missing_keys_given_up check (
    (given_up_at is null) = (given_up_by is null) and (given_up_at is null) = (reason is null)
    and (came_at is null or given_up_at is not null)
  )
);
create index missing_keys_waiting on missing_keys (since, provider, id) where given_up_at is null;

-- Not known to be erased: an operator gave it up, or nobody had it after a restore.
alter table person_keys add column is_given_up boolean not null default false;

-- Each reader's next few, however many wait for another.
create index key_outbox_by_reader on key_outbox (reader, nth);
