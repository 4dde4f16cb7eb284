"""Counts that a department makes of itself in its database. Each statement is bounded, and cheap while all is well."""

from collections.abc import Mapping, Sequence

from shared.department.gauge import Gauge
from shared.department.vital_signs import BegunEpoch, Numbering, OwnFeed, StuckList
from shared.eventstore.database import Pool

MOST_COUNTED = 100_000
RUNS_OUT_WITHIN = "3 days"
EPOCHS_OF = "7 days"

FEEDS = """
select f.feed, h.head, p.published,
       (select e.recorded_at from log l join events e on e.stream = l.stream and e.version = l.version
        where l.feed = f.feed and l.sequence = p.published + 1) as oldest
from unnest($1::text[]) as f (feed)
cross join lateral (select coalesce(max(sequence), 0) as head from log where log.feed = f.feed) h
cross join lateral (select coalesce((select published from relay where relay.feed = f.feed), 0) as published) p
"""
NUMBERING = f"""
select (select count(*) from (select from outbox limit {MOST_COUNTED}) as waiting) as waiting,
       (select e.recorded_at from (select stream, version from outbox order by seq limit 1) as o
        join events e on e.stream = o.stream and e.version = o.version) as oldest
"""  # noqa: S608 - our own number
STUCK = "select list, count(*) as things, min(since) as since from stuck group by list order by list limit 100"
CLOCKS = f"""
select rule, count(*) as clocks from timers
where fired_at is null and clock is not null and try_at < clock_timestamp() + interval '{RUNS_OUT_WITHIN}'
group by rule order by rule limit 100
"""  # noqa: S608 - our own number


EPOCHS = f"""
select number, begun_at, count(l.nth) filter (where recovered) as recovered,
       count(l.nth) filter (where not recovered)
         + coalesce((select sum(last - first + 1) from lost_ranges r where r.epoch = number), 0)::bigint as lost
from epochs left join lost_events l on l.epoch = number
where begun_at > clock_timestamp() - interval '{EPOCHS_OF}'
group by number, begun_at order by number limit 100
"""  # noqa: S608 - our own number


async def epochs(pool: Pool) -> tuple[BegunEpoch, ...]:
    """Of the own history, that began within EPOCHS_OF."""
    return tuple(BegunEpoch(**row) for row in await pool.fetch(EPOCHS))


async def own_feeds(pool: Pool, feeds: Sequence[str]) -> Mapping[str, OwnFeed]:
    rows = await pool.fetch(FEEDS, feeds)
    return {row["feed"]: OwnFeed(row["head"], row["published"], row["oldest"]) for row in rows}


async def numbering(pool: Pool) -> Numbering:
    row = await pool.fetchrow(NUMBERING)
    assert row is not None
    return Numbering(row["waiting"], row["oldest"])


async def stuck(pool: Pool) -> Mapping[str, StuckList]:
    """By to-do list; lists with nothing stuck are missing."""
    return {row["list"]: StuckList(row["things"], row["since"]) for row in await pool.fetch(STUCK)}


async def clocks(pool: Pool) -> Mapping[str, int]:
    """By timer rule: legal clocks that run out within RUNS_OUT_WITHIN."""
    return {row["rule"]: row["clocks"] for row in await pool.fetch(CLOCKS)}


async def gauges(pool: Pool, wanted: Sequence[Gauge]) -> Mapping[str, int]:
    return {one.name: await pool.fetchval(one.count) for one in wanted}
