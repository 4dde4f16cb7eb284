"""Statements about the keys of personal fields, see `person_keys`."""

from shared.eventstore.limits import SKEW_SECONDS

OWN = """
select id, owner, sealed, master, feeds from person_keys
where owner = any($1) and is_own and (in_use or sealed is null)
"""
# Its commit waits for no disk: PostgreSQL makes durable in order, so no event under the key is durable before the key.
SOON = "set_config('synchronous_commit', 'off', true)"
# Made after whatever was erased of the same owner, also by the clock that is held against the time of an erasure.
ADD = f"""
with made as (
  insert into person_keys (id, provider, is_own, in_use, owner, sealed, master, feeds, made_at)
  select id, $1, true, true, owner, sealed, $2, string_to_array(feeds, ' '), greatest(clock_timestamp(), (
    select max(erased_at) + interval '{2 * SKEW_SECONDS} seconds' from person_keys k
    where k.owner = new.owner and is_own
  ))
  from unnest($3::text[], $4::text[], $5::bytea[], $6::text[]) as new (id, owner, sealed, feeds)
  on conflict (owner) where in_use do nothing
  returning id, feeds
), told as (
  insert into key_outbox (key) select id from made where feeds <> '{{}}'
)
select id, {SOON} from made
"""  # noqa: S608 - our own
GROW = f"""
with grown as (
  update person_keys k
  set feeds = array(select distinct feed from unnest(k.feeds || string_to_array(new.feeds, ' ')) as all_of (feed))
  from unnest($1::text[], $2::text[]) as new (id, feeds)
  where k.id = new.id and k.is_own and k.sealed is not null
  returning k.id
), told as (
  insert into key_outbox (key) select id from grown
)
select id, {SOON} from grown
"""  # noqa: S608 - our own
# Of events that came back: how far their keys had been given was lost with the database as well.
GIVE_AGAIN = """
with grown as (
  update person_keys k
  set feeds = array(select distinct feed from unnest(k.feeds || string_to_array(new.feeds, ' ')) as all_of (feed))
  from unnest($1::text[], $2::text[]) as new (id, feeds)
  where k.id = new.id and k.is_own and not k.feeds @> string_to_array(new.feeds, ' ')
  returning k.id
)
insert into key_outbox (key) select id from grown
"""
FIND = "select id, sealed, master from person_keys where provider = $1 and id = any($2)"
GIVEN = """
select id, owner, sealed, master, made_at from person_keys
where provider = $1 and id = any($2) and sealed is not null and not is_own
"""
# What was erased stays so, and no provider speaks for another's key. What its provider has lost stays with who has it.
TAKE = """
with taken as (
insert into person_keys as k (provider, id, is_own, owner, sealed, master, erased_at, made_at, is_given_up)
select $1, id, false, owner, sealed, case when sealed is not null then $2 end,
  case when sealed is null then clock_timestamp() end, coalesce(made_at, clock_timestamp()), is_lost
from unnest($3::text[], $4::text[], $5::bytea[], $6::timestamptz[], $7::bool[])
  as new (id, owner, sealed, made_at, is_lost)
on conflict (provider, id) do update
set sealed = excluded.sealed, master = excluded.master, erased_at = excluded.erased_at,
  made_at = least(k.made_at, excluded.made_at), is_given_up = excluded.is_given_up,
  owner = case when k.is_given_up then excluded.owner else k.owner end
where (k.is_given_up or (k.sealed is not null and not excluded.is_given_up)) and not k.is_own
returning id, owner, sealed
)
select count(pg_notify('keys_dropped', concat_ws(' ', $1, id, owner))) from taken where sealed is null
"""
TAKE_BACK = """
insert into person_keys (provider, id, is_own, owner, sealed, master, feeds, made_at)
values ($1, $2, true, $3, $4, $5, $6::text[], coalesce($7, clock_timestamp()))
on conflict do nothing
"""
GIVE_UP = """
insert into person_keys (provider, id, is_own, owner, sealed, master, erased_at, is_given_up)
select $1, id, true, '', null, null, clock_timestamp(), true from unnest($2::text[]) as lost (id)
on conflict do nothing
"""
