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
  position  bigint,                                 -- in the log of the epoch before; null: nobody had witnessed it
  leaf      bytea  check (octet_length(leaf) = 32),  -- null: the envelope does not tell enough to make it
  feed      text,                                   -- local name; null: it was given to nobody, so its leaf is all that is left
  sequence  bigint,
  id        uuid,
  event     json,                                   -- the envelope
  recovered boolean not null,
  constraint lost_events_pkey primary key (epoch, nth),
  constraint lost_events_is_known check ((feed is null) = (event is null) and (feed is null) = (id is null) and (feed is null) = (sequence is null)),
  constraint lost_events_recovered_is_known check (not recovered or event is not null)
);

create index lost_events_id on lost_events (id);
create index lost_events_leaf on lost_events (leaf);

create trigger epochs_append_only before update or delete or truncate on epochs
  for each statement execute function refuse_change();
create trigger lost_events_append_only before update or delete or truncate on lost_events
  for each statement execute function refuse_change();

-- A foreign feed is known by epoch, sequence and, in the inbox, id. A checkpoint stands in the last epoch that was
-- adopted, an event in the epoch that gave it its number.
alter table checkpoints add column epoch int not null default 1 check (epoch > 0);
alter table inbox add column epoch int not null default 1 check (epoch > 0);

-- Epochs of its provider as each foreign feed adopted them, in that order. A number that comes again takes the place of
-- the one before, and of all later ones; the rows stay as evidence of what was told.
create table feed_epochs (
  nth        bigint      generated always as identity primary key,
  feed       text        not null,
  number     int         not null check (number > 1),
  epoch      json        not null,
  adopted_at timestamptz not null default clock_timestamp()
);
create index feed_epochs_feed on feed_epochs (feed, nth);
create trigger feed_epochs_append_only before update or delete or truncate on feed_epochs
  for each statement execute function refuse_change();

-- Events that were taken in, and that their provider's history does not have: evidence, and the beginning of a list of
-- what followed from them. Nothing is ever removed here.
create table phantoms (
  nth            bigint      generated always as identity primary key,
  feed           text        not null,
  epoch          int         not null,
  sequence       bigint      not null,
  id             uuid        not null,
  stream         text        not null,
  type           text        not null,
  event          json        not null,
  received_at    timestamptz not null,
  parked         json,                  -- how it was parked: then it was never applied
  found_at       timestamptz not null default clock_timestamp(),
  again_sequence bigint,                -- it came again in a later epoch, under this number: it is history
  again_at       timestamptz,
  constraint phantoms_again_is_dated check ((again_sequence is null) = (again_at is null))
);
create index phantoms_id on phantoms (id);
create index phantoms_lost on phantoms (feed) where again_at is null;

-- Read models that hold what phantoms left in them, until they are built anew. No foreign feed that they take in moves
-- meanwhile. `build`: what was being built of it at that moment, which may have read phantoms too.
create table rebuilds_due (
  name  text        primary key,
  since timestamptz not null default clock_timestamp(),
  build bigint
);

-- Moves what was taken in beyond a point of divergence out of the inbox; nothing else ever leaves it. Returns how many
-- events.
create function take_back(of_feed text, after bigint) returns bigint
  language sql security definer set search_path = public, pg_temp as $$
  with unparked as (
    delete from parked where feed = of_feed and sequence > after returning *
  ), gone as (
    delete from inbox where feed = of_feed and sequence > after
    returning feed, epoch, sequence, id, stream, type, event, received_at
  ), kept as (
    insert into phantoms (feed, epoch, sequence, id, stream, type, event, received_at, parked)
    select g.feed, g.epoch, g.sequence, g.id, g.stream, g.type, g.event, g.received_at, row_to_json(u)
    from gone g left join unparked u on u.sequence = g.sequence
    order by g.sequence
    returning 1
  )
  select count(*) from kept
$$;
revoke execute on function take_back from public;

-- What an event led to. Only events that others caused have a cause, so a citizen's command costs nothing here.
create index events_cause on events using hash ((metadata ->> 'causation_id'))
  where metadata ->> 'causation_id' is not null;

-- What becomes of an own event that followed from a phantom: one officer proposes, another one answers. A proposal that
-- was refused makes room for the next.
create table phantom_proposals (
  event       uuid        not null,
  nth         int         not null check (nth > 0),
  verdict     text        not null check (verdict in ('stands', 'corrected')),
  reason      text        not null check (char_length(reason) between 3 and 500),
  proposed_by text        not null,
  proposed_at timestamptz not null default clock_timestamp(),
  constraint phantom_proposals_pkey primary key (event, nth),
  constraint phantom_proposals_by_key unique (event, nth, proposed_by)
);
create table phantom_answers (
  event        uuid        not null,
  nth          int         not null,
  proposed_by  text        not null,
  is_confirmed boolean     not null,
  decided_by   text        not null,
  decided_at   timestamptz not null default clock_timestamp(),
  constraint phantom_answers_pkey primary key (event, nth),
  constraint phantom_answers_proposal foreign key (event, nth, proposed_by)
    references phantom_proposals (event, nth, proposed_by),
  constraint phantom_answers_by_another check (decided_by <> proposed_by)
);
create trigger phantom_proposals_append_only before update or delete or truncate on phantom_proposals
  for each statement execute function refuse_change();
create trigger phantom_answers_append_only before update or delete or truncate on phantom_answers
  for each statement execute function refuse_change();
