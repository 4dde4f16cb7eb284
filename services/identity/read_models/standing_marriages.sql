-- tables
create table standing_spouses (
  person   uuid not null,
  marriage uuid not null,
  primary key (person, marriage)
);
create index standing_spouses_by_marriage on standing_spouses (marriage);
create table the_dead (
  person      uuid primary key,   -- all the dead: which of them were married, another stream knows
  died_on     date not null,      -- or the day their entry was annulled
  is_annulled boolean not null
);

-- recorded
insert into {schema}.standing_spouses (marriage, person) values ($1, $2)
on conflict (person, marriage) do nothing

-- ended
delete from {schema}.standing_spouses where marriage = $1

-- died
insert into {schema}.the_dead (person, died_on, is_annulled) values ($1, $2, false)
on conflict (person) do nothing

-- annulled
insert into {schema}.the_dead (person, died_on, is_annulled) values ($1, $2, true)
on conflict (person) do update set died_on = excluded.died_on, is_annulled = true

-- lives
delete from {schema}.the_dead where person = $1
