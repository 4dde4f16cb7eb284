"""Deleted with the event that a person was erased, beside rows of read models: keys of the person's fields, and rows
of other tables that hold plain text.

It takes the road of the read models, so it happens in the very transaction that takes the event in: a command's, a
subscription's, a recovery's after a restore. What a department erases goes with its own event; what it was given goes
when whoever told it says that it erased it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

import structlog

from shared.contracts.erasure import PersonErased
from shared.contracts.event import Event, Recorded
from shared.contracts.registry import Registry
from shared.eventstore.database import Pool
from shared.eventstore.limits import SKEW_SECONDS
from shared.eventstore.read_model import ReadModel, Statement

log = structlog.get_logger(__name__)

KEYS, OWN_ROWS = "keys", "drafts"

# Keys that were made before the event only: whoever was erased may come again.
# `for update`: it waits for those who store something under them, see `append`.
DROP_KEYS = f"""
with dropped as materialized (
  select id from person_keys
  where owner = $1::text and provider = $2::text and sealed is not null
    and made_at <= $3::timestamptz + interval '{SKEW_SECONDS} seconds'
  order by id for update
), gone as (
  update person_keys k set sealed = null, master = null, in_use = false, erased_at = clock_timestamp()
  from dropped where k.provider = $2 and k.id = dropped.id
  returning k.id, is_own, feeds, owner
), told as (
  insert into key_outbox (key) select id from gone where is_own and feeds <> '{{}}'
), forgotten as (
  delete from snapshots where keys && array(select id from gone)
)
select count(pg_notify('keys_dropped', concat_ws(' ', $2, id, owner))) from gone
"""  # noqa: S608 - our own
# An event that says so, and keys that are there all the same: they were put back from an older copy of theirs.
OWN_AGAIN = f"""
select o.owner, (v.data ->> 'erased_at')::timestamptz as erased_at
from erasures e
join events v on v.stream = 'erasure-' || e.person and v.type = $1
cross join lateral (
  select v.data ->> 'person' as owner union select json_array_elements_text(v.data -> 'also')
) o
where exists (
  select from person_keys k where k.owner = o.owner and k.is_own and k.sealed is not null
    and k.made_at <= (v.data ->> 'erased_at')::timestamptz + interval '{SKEW_SECONDS} seconds'
)
"""  # noqa: S608
GIVEN_AGAIN = f"""
select o.owner, (i.event -> 'data' ->> 'erased_at')::timestamptz as erased_at
from inbox i
cross join lateral (
  select i.event -> 'data' ->> 'person' as owner union select json_array_elements_text(i.event -> 'data' -> 'also')
) o
where i.feed = $1 and i.type = $2 and exists (
  select from person_keys k where k.provider = $3 and k.owner = o.owner and k.sealed is not null
    and k.made_at <= (i.event -> 'data' ->> 'erased_at')::timestamptz + interval '{SKEW_SECONDS} seconds'
)
"""  # noqa: S608
DROP_DRAFTS = "delete from drafts where owner = $1"


def beside_events(
    registry: Registry, events: tuple[type[Event], ...], forgotten: Mapping[str, str]
) -> tuple[ReadModel, ...]:
    """`events`: the kinds of PersonErased that count here. `forgotten`: the department's own statements, by name."""
    if not events:
        return ()
    own = [kind for kind in events if registry.type_of(kind).startswith(f"{registry.department}.")]
    statements = {OWN_ROWS: DROP_DRAFTS, **forgotten}

    def project(event: Recorded) -> Iterator[Statement]:
        erased = event.data
        if not isinstance(erased, PersonErased):
            return
        is_own = type(erased) in own
        teller = str(registry.member) if is_own else (event.feed or "").rpartition(".")[0]
        for owner in (str(erased.person), *erased.also):
            yield KEYS, (owner, teller, erased.erased_at)
        for name in statements if is_own else ():
            yield name, (erased.person,)

    return (ReadModel("erased keys", 1, events, project, {**statements, KEYS: DROP_KEYS}),)


async def carry_out_again(pool: Pool, registry: Registry, events: tuple[type[Event], ...]) -> int:
    """Before anybody is served: drop keys that are here although their person was erased, as after keys were put back
    from an older backup. Needs the read model `erasures`. Returns how many persons and streams that were."""
    found: list[tuple[str, str, datetime]] = []
    for kind in events:
        type = registry.type_of(kind)
        if type.startswith(f"{registry.department}."):
            rows = await pool.fetch(OWN_AGAIN, type)
            found += [(row["owner"], str(registry.member), row["erased_at"]) for row in rows]
            continue
        feed = registry.feed_of(kind)
        for given in registry.heard(feed) if feed else ():
            rows = await pool.fetch(GIVEN_AGAIN, given.full_name, type, str(given.member))
            found += [(row["owner"], str(given.member), row["erased_at"]) for row in rows]
    for owner, provider, erased_at in found:
        await pool.execute(DROP_KEYS, owner, provider, erased_at)
    if found:
        log.warning("keys of erased persons were here again, and are dropped", owners=len(found))
    return len(found)
