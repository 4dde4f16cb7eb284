"""Master keys under which stored keys are encrypted, and which KEY_MASTER_FILE does not hold."""

from dataclasses import dataclass

from shared.contracts.errors import Away
from shared.eventstore.database import Pool
from shared.eventstore.master_keys import Masters

# Leaps from one master key to the next in the index: as cheap with a million keys as with one.
USED = """
with recursive used (master) as (
  (select master from person_keys where master is not null order by master limit 1)
  union all
  select (select k.master from person_keys k where k.master > u.master order by k.master limit 1)
  from used u where u.master is not null
)
select master from used where master is not null
union
select master from sealed_keys where master is not null
order by master
"""


@dataclass(frozen=True, slots=True)
class MastersAway:
    """`ids`: of the missing ones. `is_all`: nothing that is stored can be opened."""

    ids: tuple[str, ...] = ()
    is_all: bool = False


async def masters_away(pool: Pool, masters: Masters) -> MastersAway:
    """A file that cannot be read holds none."""
    used = [row["master"] for row in await pool.fetch(USED)]
    try:
        known = {one.id for one in masters()}
    except Away:
        known = set()
    away = tuple(one for one in used if one not in known)
    return MastersAway(away, bool(used) and len(away) == len(used))
