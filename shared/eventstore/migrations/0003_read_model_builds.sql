-- The tables of a read model are built beside those that serve, and swapped; `build` names those that serve.
-- Null: laid before there were builds, straight in schema <name>_v<version>.
alter table read_models add column build bigint;

-- Builds under way, one a read model. Its cursors and what it skipped move in the transactions that fill its tables, so
-- a killed build goes on where it was.
create table read_model_builds (
  build       bigint generated always as identity primary key,
  name        text not null unique,
  version     int  not null,
  fingerprint text not null,          -- of the code that fills it; other code does not go on with it
  started_at  timestamptz not null default clock_timestamp()
);
create table read_model_cursors (
  build   bigint not null references read_model_builds on delete cascade,
  source  text   not null,            -- 'log' for own events, else a foreign feed
  reached bigint not null default 0 check (reached >= 0),
  constraint read_model_cursors_pkey primary key (build, source)
);
create table read_model_skipped (     -- given events that were parked when the build came by
  build    bigint not null references read_model_builds on delete cascade,
  feed     text   not null,
  sequence bigint not null,
  constraint read_model_skipped_pkey primary key (build, feed, sequence)
);

-- An instance says at connecting which read models it keeps. What it stores while others stand would be missing in
-- them for ever, also where none of its own statements fails: an event that only the newer version wants.
create function refuse_superseded() returns trigger language plpgsql as $$
declare
  kept     text := current_setting('tongban.read_models', true);
  standing text;
begin
  if kept is null then
    return null;                      -- a tool that keeps none
  end if;
  select coalesce(string_agg(name || '_v' || version, ' ' order by name collate "C"), '') into standing from read_models;
  if kept <> standing then
    raise exception 'this instance is superseded: it keeps the read models "%", and "%" stand', kept, standing
      using errcode = 'operator_intervention';
  end if;
  return null;
end $$;

create trigger events_not_by_superseded before insert on events
  for each statement execute function refuse_superseded();
create trigger checkpoints_not_by_superseded before update on checkpoints
  for each statement execute function refuse_superseded();
