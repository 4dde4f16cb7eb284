-- tables
create table changes (
  event         uuid primary key,
  person        uuid,               -- null, like all that follows, when only the settling is known
  kind          text check (kind in ('moved', 'corrected', 'died')),
  from_division text,               -- of a move
  heard_at      timestamptz,
  story         text,
  is_settled    boolean not null default false
);
create index on changes (heard_at, event) where kind is not null and not is_settled;

-- heard
insert into {schema}.changes (event, person, kind, from_division, heard_at, story) values ($1, $2, $3, $4, $5, $6)
on conflict (event) do update set
  person = excluded.person, kind = excluded.kind, from_division = excluded.from_division,
  heard_at = excluded.heard_at, story = excluded.story;

-- settled
insert into {schema}.changes (event, is_settled) values ($1, true)
on conflict (event) do update set is_settled = true;
