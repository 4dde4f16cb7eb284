-- Epochs of the own history, after the first. Events of the log after `position` stand in the epoch, whenever they were
-- numbered: the log itself need not say so.
create table epochs (
  number   int         primary key check (number > 1),
  position bigint      not null check (position >= 0),   -- events of the log that the epochs before share
  feeds    jsonb       not null,                         -- local name of a feed -> last sequence that they share
  begun_at timestamptz not null default clock_timestamp(),
  reason   text        not null check (char_length(reason) between 3 and 500 and reason !~ '[[:cntrl:]]')  -- public
);

-- Own events that others knew of and the log had not, when an epoch began. `recovered`: stored again, with their ids.
create table lost_events (
  epoch     int    not null references epochs,
  nth       int    not null check (nth > 0),
  position  bigint,                                 -- in the log of the epoch before; null: unknown
  leaf      bytea  check (octet_length(leaf) = 32),  -- null: nobody had witnessed it
  feed      text,                                   -- local name; null: it was given to nobody, so its leaf is all that is left
  sequence  bigint,
  id        uuid,
  event     json,                                   -- the envelope
  recovered boolean not null,
  constraint lost_events_pkey primary key (epoch, nth),
  constraint lost_events_is_known check ((feed is null) = (event is null) and (feed is null) = (id is null) and (feed is null) = (sequence is null)),
  constraint lost_events_recovered_is_known check (not recovered or event is not null)
);

create trigger epochs_append_only before update or delete or truncate on epochs
  for each statement execute function refuse_change();
create trigger lost_events_append_only before update or delete or truncate on lost_events
  for each statement execute function refuse_change();

-- A foreign feed is known by epoch, sequence and, in the inbox, id.
alter table checkpoints add column epoch int not null default 1 check (epoch > 0);
alter table inbox add column epoch int not null default 1 check (epoch > 0);

-- Events that were taken in, and that their provider's history does not have: evidence, and the beginning of a list of
-- what followed from them.
create table phantoms (
  feed      text        not null,
  epoch     int         not null,
  sequence  bigint      not null,
  id        uuid        not null,
  stream    text        not null,
  type      text        not null,
  event     json        not null,
  found_at  timestamptz not null default clock_timestamp(),
  constraint phantoms_pkey primary key (feed, epoch, sequence)
);
create index phantoms_id on phantoms (id);

-- Read models that hold what phantoms left in them, until they are built anew. No feed that they take in moves meanwhile.
create table rebuilds_due (
  name   text        primary key,
  since  timestamptz not null default clock_timestamp()
);

-- Moves what was taken in beyond a point of divergence out of the inbox; nothing else ever leaves it. Returns how many
-- events. They may not be parked any more.
create function take_back(of_feed text, after bigint) returns bigint
  language sql security definer set search_path = public, pg_temp as $$
  with gone as (
    delete from inbox where feed = of_feed and sequence > after returning feed, epoch, sequence, id, stream, type, event
  ), kept as (
    insert into phantoms (feed, epoch, sequence, id, stream, type, event)
    select feed, epoch, sequence, id, stream, type, event from gone
    returning 1
  )
  select count(*) from kept
$$;
revoke execute on function take_back from public;
