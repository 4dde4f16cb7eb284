-- tables
create table held (
  held          uuid           primary key,   -- of the settlement or allowance
  person        uuid           not null,
  matter        text           not null check (matter in ('settlement', 'allowance')),
  region        text           not null,
  hospital      text,
  hospital_name text,
  amount        numeric(15, 2) not null,
  status        text           not null default 'held'
                check (status in ('held', 'released', 'refused', 'withdrawn')),
  decision      text,                         -- proposed
  proposed_by   uuid,
  held_at       timestamptz    not null,
  decided_at    timestamptz
);
create index on held (region, held_at, held);

-- held
insert into {schema}.held (held, person, matter, region, hospital, hospital_name, amount, held_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (held) do update
set status = 'held', amount = excluded.amount, held_at = excluded.held_at, decision = null, proposed_by = null,
    decided_at = null;

-- proposed
update {schema}.held set decision = $2, proposed_by = $3 where held = $1;

-- decided
update {schema}.held set status = $2, decided_at = $3 where held = $1;
