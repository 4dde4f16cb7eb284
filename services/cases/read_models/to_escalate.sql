-- tables
create table to_escalate (
  "case"   uuid        not null,
  item     text        not null,   -- '' for the whole
  level    text        not null,
  noted_at timestamptz not null,
  primary key ("case", item, level)
);

-- overdue
insert into {schema}.to_escalate ("case", item, level, noted_at) values ($1, $2, $3, $4)
on conflict ("case", item, level) do update set noted_at = excluded.noted_at;

-- told
delete from {schema}.to_escalate where "case" = $1 and item = $2 and level = $3;

-- item_settled
delete from {schema}.to_escalate where "case" = $1 and item = $2;

-- settled
delete from {schema}.to_escalate where "case" = $1;
