"""Encrypting every private key, and every key of a person, anew under the current master key; then an older one can go.

Safe beside departments that sign: a key is replaced in one statement, and only as it was read. Broken off, the same
again goes on with what is left.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.department.sealed_key import SealedKey, seal
from shared.eventstore.database import Pool
from shared.eventstore.master_keys import MasterKey, Masters
from shared.eventstore.person_keys import unwrapped
from shared.eventstore.person_keys import wrapped as wrapped_key

AT_ONCE = 500  # keys a page

OTHERS = """
select name, algorithm, sealed, master from sealed_keys
where master is distinct from $1 and name > $2 order by name limit $3
"""
REPLACE = "update sealed_keys set sealed = $2, master = $3 where name = $1 and sealed = $4"
ALREADY = """
select (select count(*) from sealed_keys where master = $1) + (select count(*) from person_keys where master = $1)
"""
OTHER_PERSONS = """
select provider, id, sealed, master from person_keys
where master <> $1 and (provider, id) > ($2, $3) order by provider, id limit $4
"""
REPLACE_PERSONS = """
update person_keys k set sealed = new.sealed, master = $1
from unnest($2::text[], $3::text[], $4::bytea[], $5::bytea[]) as new (provider, id, sealed, before)
where k.provider = new.provider and k.id = new.id and k.sealed = new.before
"""


@dataclass(frozen=True, slots=True)
class Rekeyed:
    master: str  # id of the current one
    wrapped: int
    already: int
    unopened: tuple[SealedKey, ...]  # no master key at hand opens them: as they were
    persons_unopened: Mapping[str, int]  # keys of persons of which that is so, by their master key


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
    persons, lost = await _rekey_persons(pool, known)
    return Rekeyed(current.id, wrapped + persons, already, tuple(unopened), lost)


async def _rekey_persons(pool: Pool, masters: Sequence[MasterKey]) -> tuple[int, Mapping[str, int]]:
    current, known = masters[0], {one.id for one in masters}
    wrapped, after = 0, ("", "")
    lost: Counter[str] = Counter()
    while rows := await pool.fetch(OTHER_PERSONS, current.id, *after, AT_ONCE):
        lost.update(row["master"] for row in rows if row["master"] not in known)
        opened = [row for row in rows if row["master"] in known]
        keys = [(row["id"], unwrapped(row["id"], row["sealed"], row["master"], masters)) for row in opened]
        columns = (
            [row["provider"] for row in opened],
            [id for id, _ in keys],
            [wrapped_key(id, secret, current) for id, secret in keys],
            [row["sealed"] for row in opened],
        )
        done = await pool.execute(REPLACE_PERSONS, current.id, *columns)
        wrapped += int(done.rpartition(" ")[2])  # others were replaced or erased meanwhile
        after = rows[-1]["provider"], rows[-1]["id"]
    return wrapped, lost
