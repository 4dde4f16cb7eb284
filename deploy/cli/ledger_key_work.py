"""The work of `tongban ledger-key` on a department's database and key file."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime

from deploy.private_file import write_private
from deploy.reach import Reached
from deploy.runner.errors import StackError
from deploy.secrets import new_signing_key
from shared.eventstore import ledger_rotation
from shared.eventstore.ledger_keys import LedgerKeys, Rotation, id_of, read_statement
from shared.eventstore.ledger_rotation import NotChanged
from shared.eventstore.signed_head import origin_of


@dataclass(frozen=True, slots=True)
class ShownKey:
    """`size`, `epoch`: the ledger when it began to sign; `until`: the largest ledger it counts for, None: any."""

    id: str
    key: str
    size: int
    epoch: int
    since: datetime
    until: int | None
    is_withdrawn: bool


async def shown(reached: Reached) -> list[ShownKey]:
    """Oldest first. Those of a chain that broke off, since the key was lost, count for what they counted."""
    origin = origin_of(str(reached.registry.member))
    found: dict[str, ShownKey] = {}
    keys: LedgerKeys | None = None
    async with reached.pool() as pool:
        for change in await ledger_rotation.changes(pool):
            told = read_statement(change.statement or "", origin)
            if change.key is not None:
                keys = LedgerKeys.beginning_with(change.key, origin)
            elif keys is not None:
                keys = keys.extended([change.statement or ""])
            assert keys is not None
            if (key := change.key or (told.key if isinstance(told, Rotation) else None)) is not None:
                begun = change.size, change.epoch, change.taken_at
                found[key] = ShownKey(id_of(key), key, *begun, None, is_withdrawn=False)
            for one in keys.keys:
                was = found[one]
                found[one] = ShownKey(
                    was.id, was.key, was.size, was.epoch, was.since, keys.until.get(one), one in keys.withdrawn
                )
    return list(found.values())


async def rotated(reached: Reached) -> str:
    """The id of the new key. StackError, here and below: nothing was changed."""
    path = reached.place.need_ledger_key_file()
    async with reached.pool() as pool:
        return await _changed(reached, ledger_rotation.rotate(pool, str(reached.registry.member), path))


async def withdrawn(reached: Reached, key: str, size: int) -> None:
    path = reached.place.need_ledger_key_file()
    async with reached.pool() as pool:
        await _changed(reached, ledger_rotation.withdraw(pool, str(reached.registry.member), path, key, size))


async def accepted(reached: Reached) -> str:
    """The id of the key in the file; one is made if there is no file."""
    path = reached.place.need_ledger_key_file()
    if not path.exists():
        write_private(path, new_signing_key())
    async with reached.pool() as pool:
        return await _changed(reached, ledger_rotation.accept(pool, str(reached.registry.member), path))


async def _changed(reached: Reached, work: Awaitable[LedgerKeys]) -> str:
    try:
        return id_of((await work).present)
    except NotChanged as problem:
        raise StackError(f"{reached.name}: {problem}") from None
