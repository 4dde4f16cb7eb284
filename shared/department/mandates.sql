-- tables
create table mandates (
  mandate        uuid   primary key,
  principal      uuid   not null,
  principal_name text   not null,
  agent          uuid   not null,
  agent_name     text   not null,
  matters        text[] not null,
  until          date   not null   -- its last day
);
create index on mandates (agent, principal);

-- accepted
insert into {schema}.mandates (mandate, principal, principal_name, agent, agent_name, matters, until)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (mandate) do nothing;

-- ended
delete from {schema}.mandates where mandate = $1;

-- principal_forgotten
update {schema}.mandates set principal_name = '' where principal = $1;

-- agent_forgotten
update {schema}.mandates set agent_name = '' where agent = $1;
