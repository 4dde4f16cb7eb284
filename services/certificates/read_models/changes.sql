-- tables
create table changes (
  event         uuid primary key,
  person        uuid,               -- null, like all that follows, when only the settling is known
  kind          text check (kind in ('moved', 'corrected', 'died', 'lives', 'born', 'annulled')),
  from_division text,               -- of a move
  heard_at      timestamptz,
  story         text,
  settled_at    timestamptz         -- by our own clock: it had arrived by then
);
create index on changes (heard_at, event) where kind is not null and settled_at is null;
create index on changes (person) where kind = 'moved';

-- heard
insert into {schema}.changes (event, person, kind, from_division, heard_at, story) values ($1, $2, $3, $4, $5, $6)
on conflict (event) do update set
  person = excluded.person, kind = excluded.kind, from_division = excluded.from_division,
  heard_at = excluded.heard_at, story = excluded.story;

-- settled
insert into {schema}.changes (event, settled_at) values ($1, $2)
on conflict (event) do update set settled_at = excluded.settled_at;
