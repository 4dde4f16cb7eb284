"""Encrypting every private key anew under the current master key, so that an older one can be given up.

Safe beside departments that sign: a key is replaced in one statement, and only as it was read. Broken off, the same
again goes on with what is left.
"""

from dataclasses import dataclass

from shared.department.sealed_key import SealedKey, seal
from shared.eventstore.database import Pool
from shared.eventstore.master_keys import Masters

AT_ONCE = 500  # keys a page

OTHERS = """
select name, algorithm, sealed, master from sealed_keys
where master is distinct from $1 and name > $2 order by name limit $3
"""
REPLACE = "update sealed_keys set sealed = $2, master = $3 where name = $1 and sealed = $4"
ALREADY = "select count(*) from sealed_keys where master = $1"


@dataclass(frozen=True, slots=True)
class Rekeyed:
    master: str  # id of the current one
    wrapped: int
    already: int
    unopened: tuple[SealedKey, ...]  # no master key at hand opens them: as they were


async def rekey(pool: Pool, masters: Masters) -> Rekeyed:
    """Raises Misconfigured: there is no master key."""
    known = masters()
    current = known[0]
    already: int = await pool.fetchval(ALREADY, current.id)
    wrapped, after = 0, ""
    unopened: list[SealedKey] = []
    while rows := await pool.fetch(OTHERS, current.id, after, AT_ONCE):
        for row in rows:
            key = SealedKey(**row)
            private = key.opened(known)
            if private is None:
                unopened.append(key)
                continue
            anew = seal(key.name, key.algorithm, private, current)
            done = await pool.execute(REPLACE, key.name, anew.sealed, anew.master, key.sealed)
            wrapped += done == "UPDATE 1"  # else another did it meanwhile
        after = rows[-1]["name"]
    return Rekeyed(current.id, wrapped, already, tuple(unopened))
