-- When commands are to come by themselves: a projection of own events, written in the transaction that stores them, and
-- made again from them at any time. Only what became of a timer once it was due is known nowhere else; lost, it costs a
-- repetition without effect.
create table timers (
  stream   text        not null,
  rule     text        not null,
  name     text        not null check (name !~ '[[:cntrl:]]'),   -- no personal data: it is logged
  set_by   uuid        not null,            -- the event
  story    text        not null,            -- its correlation
  clock    jsonb,                           -- the legal clock that due_at follows from, if one does
  due_at   timestamptz,                     -- null: pending, the calendar is not published
  try_at   timestamptz,                     -- due_at, later when a try has failed
  attempts int         not null default 0 check (attempts >= 0),
  error    text,                            -- the bug that set it aside
  fired_at timestamptz,                     -- its command was carried out or refused
  constraint timers_pkey primary key (stream, rule, name),
  constraint timers_pending_has_clock check (due_at is not null or clock is not null),
  constraint timers_due_is_tried check ((due_at is null) = (try_at is null))
);
create index timers_open on timers (try_at, stream, rule, name) where fired_at is null;
create index timers_failed on timers (rule) where fired_at is null and error is not null;

-- The rules by which all own events have been gone through.
create table timer_rules (
  name    text primary key,
  version int  not null
);
