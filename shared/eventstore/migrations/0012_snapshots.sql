-- Folded states of long streams, so that a command need not fold them from the beginning. A cache: never asked for the
-- truth, made again from events at any time, deleted freely. One a stream and release: `code` is the fingerprint of the
-- code that made it, and no other code reads it.
create table snapshots (
  stream   text        not null,
  code     text        not null,
  version  int         not null check (version > 0),
  event_id uuid        not null,   -- of the event of that version: another history has another
  kind     text        not null,   -- which of the aggregate's states
  state    text        not null,   -- JSON
  digest   bytea       not null check (octet_length(digest) = 32),   -- of all that, lest anything be changed by hand
  taken_at timestamptz not null default clock_timestamp(),
  constraint snapshots_pkey primary key (stream, code)
);
