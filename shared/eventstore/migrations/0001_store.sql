-- A department's memory. events is the truth; log is the truth about order; the rest are caches or wait-lists.

create table events (
  stream      text        not null check (stream <> '' and stream !~ '[[:cntrl:]]'),
  version     int         not null check (version > 0),
  id          uuid        not null,
  type        text        not null check (type !~ '[[:cntrl:]]'),
  schema      smallint    not null check (schema > 0),
  data        json        not null,   -- json, not jsonb: the exact bytes are hashed
  metadata    json        not null,
  recorded_at timestamptz not null,
  constraint events_pkey primary key (stream, version),   -- this IS the optimistic concurrency control
  constraint events_id_key unique (id)                    -- and this recognises a repeated command
);

-- A row lives milliseconds: from the commit of its event until the sequencer numbers it.
create table outbox (
  seq     bigint generated always as identity primary key,
  stream  text not null,
  version int  not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- Dense, final numbers: position over the whole department (the ledger's leaf index), sequence within the feed.
create table log (
  position bigint primary key check (position > 0),
  feed     text,
  sequence bigint check (sequence > 0),
  stream   text  not null,
  version  int   not null,
  leaf     bytea not null check (octet_length(leaf) = 32),
  constraint log_event_key unique (stream, version),
  constraint log_feed_sequence_key unique (feed, sequence),
  constraint log_public_is_numbered check ((feed is null) = (sequence is null))
);

-- How far each own feed has reached the broker.
create table relay (
  feed      text primary key,
  published bigint not null default 0 check (published >= 0)
);

-- This department's own copy of what it was given; read models rebuild from it without broker or neighbour.
create table inbox (
  feed        text        not null,
  sequence    bigint      not null,
  event       json        not null,
  received_at timestamptz not null default clock_timestamp(),
  constraint inbox_pkey primary key (feed, sequence)
);

-- How far each foreign feed has been applied.
create table checkpoints (
  feed     text primary key,
  sequence bigint not null default 0 check (sequence >= 0)
);

-- Which read models stand, in which version.
create table read_models (
  name    text primary key,
  version int  not null
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: history is not changed', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger events_append_only before update or delete or truncate on events
  for each statement execute function refuse_change();
create trigger log_append_only before update or delete or truncate on log
  for each statement execute function refuse_change();
