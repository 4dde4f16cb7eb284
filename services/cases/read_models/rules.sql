-- tables
create table register_rules (
  version       int  primary key,
  in_force_from date not null,
  told          text not null   -- the event's data, JSON
);

-- published
insert into {schema}.register_rules (version, in_force_from, told) values ($1, $2, $3)
on conflict (version) do update set in_force_from = excluded.in_force_from, told = excluded.told;
