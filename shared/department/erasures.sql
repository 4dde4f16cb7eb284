-- tables
create table erasures (
  person        uuid        primary key,
  request       uuid        not null,
  status        text        not null default 'open' check (status in ('open', 'kept', 'erased')),
  since         timestamptz not null,        -- it is to be looked at
  reasons       json        not null default '[]',
  look_again_at timestamptz,
  answered_at   timestamptz                  -- null: not yet
);
create index on erasures (since, person) where status = 'open';

-- taken
insert into {schema}.erasures (person, request, since) values ($1, $2, $3)
on conflict (person) do update
set request = excluded.request, status = 'open', since = excluded.since, answered_at = null;

-- due
update {schema}.erasures set status = 'open', since = $2 where person = $1;

-- kept
update {schema}.erasures
set status = 'kept', reasons = $2::text::json, look_again_at = $3, answered_at = $4 where person = $1;

-- erased
update {schema}.erasures set status = 'erased', reasons = '[]', look_again_at = null, answered_at = $2 where person = $1;
