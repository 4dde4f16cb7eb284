-- The feed that an event travels in, by its local name, as the release that stored it knows: so a leader of an older
-- release numbers rightly what it does not know. Null: private, or stored before there was this column.
alter table events add column feed text;

-- Releases that lived here, by the read models they keep, and when an instance last did. An older release does not
-- supersede one that lived a moment ago.
create table releases_seen (
  keeps   text        primary key,   -- as instances say at connecting: 'holdings_v1 staff_v2'
  seen_at timestamptz not null default clock_timestamp()
);

-- Leave to go back, given by the operator: an older release may supersede what stood then, soon and once.
create table roll_backs (
  nth        bigint      generated always as identity primary key,
  keeps      text        not null,
  allowed_at timestamptz not null default clock_timestamp(),
  used_at    timestamptz
);
