-- tables
create table mandates_given (
  mandate        uuid        primary key,
  principal      uuid        not null,
  principal_name text        not null,
  agent          uuid,                  -- who was told, later who accepted or declined
  agent_name     text        not null,
  addressee      uuid,                  -- pseudonym of the ID number it was given to
  matters        text[]      not null,
  until          date        not null,
  status         text        not null check (status in ('offered', 'accepted', 'declined', 'ended')),
  reason         text,                  -- why it ended
  given_at       timestamptz not null,
  changed_at     timestamptz not null,
  at_counter     boolean     not null
);
create index mandates_given_by_principal on mandates_given (principal, given_at);
create index mandates_given_by_addressee on mandates_given (addressee, given_at);
create index mandates_given_by_agent on mandates_given (agent, given_at);

-- given
insert into {schema}.mandates_given
  (mandate, principal, principal_name, agent, agent_name, matters, until, status, given_at, changed_at, at_counter)
values ($1, $2, $3, $4, $5, $6, $7, 'offered', $8, $8, $9)
on conflict (mandate) do nothing

-- addressed
update {schema}.mandates_given set addressee = $2 where mandate = $1

-- answered
update {schema}.mandates_given set agent = $2, agent_name = $3, status = $4, changed_at = $5 where mandate = $1

-- ended
update {schema}.mandates_given set status = 'ended', reason = $2, changed_at = $3 where mandate = $1;

-- principal_forgotten
update {schema}.mandates_given set principal_name = '' where principal = $1

-- agent_forgotten
update {schema}.mandates_given set agent_name = '' where agent = $1

-- unnamed_agent_forgotten
update {schema}.mandates_given set agent_name = '' where mandate = any($1::uuid[]) and agent is null
