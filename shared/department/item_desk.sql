-- tables
create table item_desk (
  reference uuid primary key,     -- follows from case and item
  stream    text,                 -- null while only what wakes it is known: the two come from different streams
  status    text        not null default 'unknown' check (status in ('unknown', 'taken', 'withdrawn', 'answered')),
  held      boolean     not null default false,   -- waits for something; looked at again when that has come
  woken     boolean     not null default false,
  since     timestamptz,
  others    uuid[] not null default '{}'          -- references of later attempts; what wakes them has rows of its own
);
create index on item_desk (since, reference)
  where status in ('taken', 'withdrawn') and (woken or not held or others <> '{}');

-- taken
insert into {schema}.item_desk (reference, stream, status, since) values ($1, $2, 'taken', $3)
on conflict (reference) do update set stream = excluded.stream, status = 'taken', held = false, since = excluded.since;

-- again
update {schema}.item_desk set others = others || $2::uuid where reference = $1 and not $2::uuid = any(others);

-- withdrawn
insert into {schema}.item_desk (reference, stream, status, since) values ($1, $2, 'withdrawn', $3)
on conflict (reference) do update
set stream = excluded.stream, status = 'withdrawn', held = false, since = excluded.since;

-- held
update {schema}.item_desk set held = true where reference = $1;

-- answered
update {schema}.item_desk set status = 'answered' where reference = $1;

-- woken
insert into {schema}.item_desk (reference, woken) values ($1, true)
on conflict (reference) do update set woken = true;
