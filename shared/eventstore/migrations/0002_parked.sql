-- What a read model or a comparison looks for in the inbox, without reading the envelopes.
alter table inbox add column id uuid, add column stream text, add column type text;
update inbox set id = (event ->> 'id')::uuid, stream = event ->> 'subject', type = event ->> 'type';
alter table inbox alter column id set not null, alter column stream set not null, alter column type set not null;

-- Events of foreign feeds that could not be handled, and all later ones of their streams behind them.
-- Every row is an event of `inbox` that no read model and no reaction has seen; a dropped one never will be.
create table parked (
  feed       text        not null,
  sequence   bigint      not null,
  stream     text        not null,
  error      text,                  -- what it met; null: it only waits behind an earlier one of its stream
  attempts   int         not null default 0 check (attempts >= 0),
  parked_at  timestamptz not null default clock_timestamp(),
  tried_at   timestamptz,           -- when it was last tried
  dropped_at timestamptz,
  dropped_by text,                  -- who decided that it is never applied
  reason     text,                  -- and why
  constraint parked_pkey primary key (feed, sequence),
  constraint parked_is_given foreign key (feed, sequence) references inbox,
  constraint parked_drop_is_told check ((dropped_at is null) = (reason is null) and (dropped_at is null) = (dropped_by is null))
);
create index parked_streams on parked (feed, stream, sequence) where dropped_at is null;

-- Changed by whoever takes an event out of `parked`: the owner of a feed knows its parked streams by heart, and moves
-- the checkpoint only while what he knows still holds.
alter table checkpoints add column parkings bigint not null default 0;
