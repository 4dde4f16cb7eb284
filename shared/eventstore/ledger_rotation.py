"""Changes the key of a department's ledger, in its key file and its database together.

The file comes first: should we be killed in between, the department takes in from it what the database lacks. Nobody
numbers meanwhile, so what the old key has signed is no larger than the statement says.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.contracts.errors import TongbanError
from shared.eventstore import ledger_key_file
from shared.eventstore.database import Connection, Pool
from shared.eventstore.ledger_key_file import HeldKeys, NoKeys
from shared.eventstore.ledger_keys import MOST_STATEMENTS, LedgerKeys, id_of, rotation, withdrawal
from shared.eventstore.ledger_signer import begin, known_keys, learn
from shared.eventstore.signed_head import origin_of, verifier_key

HOLD_WITHIN = "10s"
CHANGES = "select nth, key, statement, size, epoch, taken_at from ledger_keys order by nth"


class NotChanged(TongbanError):
    """Nothing was changed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row beside the log. `key`: with which a chain begins; else a statement."""

    nth: int
    key: str | None
    statement: str | None
    size: int
    epoch: int
    taken_at: datetime


async def changes(pool: Pool) -> list[Change]:
    return [Change(**row) for row in await pool.fetch(CHANGES)]


async def rotate(pool: Pool, member: str, path: Path) -> LedgerKeys:
    """A fresh key follows the present one. NotChanged: the file does not hold that, or cannot be written."""
    async with _held_log(pool) as (connection, size):
        keys, present = await _present(connection, member, path)
        key = Ed25519PrivateKey.generate()
        statement = rotation(keys.origin, present, key, size, datetime.now(UTC))
        return await _state(connection, keys, statement, path, ledger_key_file.pem(key))


async def withdraw(pool: Pool, member: str, path: Path, key_id: str, size: int) -> LedgerKeys:
    """What an earlier key has signed of more than `size` events counts no more. NotChanged: it is no earlier key, or
    counts for no more than that."""
    async with _held_log(pool) as (connection, _):
        keys, present = await _present(connection, member, path)
        if id_of(keys.present) == key_id:
            raise NotChanged(f"{key_id} is the present key: rotate it first, then withdraw it")
        key = next((one for one in keys.until if id_of(one) == key_id), None)
        if key is None:
            raise NotChanged(f"{key_id} is no earlier key of this ledger: `tongban ledger-key show` lists them")
        if size >= keys.until[key]:
            raise NotChanged(f"{key_id} counts for no more than {keys.until[key]} events already")
        statement = withdrawal(keys.origin, key, size, present, datetime.now(UTC))
        return await _state(connection, keys, statement, path)


async def accept(pool: Pool, member: str, path: Path) -> LedgerKeys:
    """The key of the file signs from now on, though the one before has not signed for it: neighbours will raise the
    alarm `key` until their operators have settled it."""
    held, origin = _read(path), origin_of(member)
    own = verifier_key(origin, held.private[-1].public_key())
    async with _held_log(pool) as (connection, _):
        known = await known_keys(connection, origin)
        if known is not None and known.present == own:
            raise NotChanged(f"{id_of(own)} signs this ledger already")
        await begin(connection, own)
    return LedgerKeys.beginning_with(own, origin)


@asynccontextmanager
async def _held_log(pool: Pool) -> AsyncIterator[tuple[Connection, int]]:
    """Within: nothing is numbered. NotChanged: somebody holds the log for long."""
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(f"set local lock_timeout = '{HOLD_WITHIN}'")
            yield connection, await connection.fetchval("select hold_log()")
    except asyncpg.LockNotAvailableError:
        raise NotChanged(f"the log was in use for {HOLD_WITHIN}: please try again") from None
    except asyncpg.UniqueViolationError:
        raise NotChanged(
            "somebody else has just changed the keys: look at them with `tongban ledger-key show`"
        ) from None


async def _present(connection: Connection, member: str, path: Path) -> tuple[LedgerKeys, Ed25519PrivateKey]:
    origin, held = origin_of(member), _read(path)
    known = await known_keys(connection, origin)
    if known is None:
        raise NotChanged("this ledger has no key yet: start the department once")
    keys = await learn(connection, known, held.statements)
    for key in held.private:
        if verifier_key(origin, key.public_key()) == keys.present:
            return keys, key
    raise NotChanged(f"the key file does not hold the key that signs this ledger, {id_of(keys.present)}")


async def _state(connection: Connection, keys: LedgerKeys, statement: str, path: Path, more: str = "") -> LedgerKeys:
    if len(keys.statements) >= MOST_STATEMENTS:
        raise NotChanged(f"there are {MOST_STATEMENTS} statements about this ledger's keys: no further one is read")
    try:
        ledger_key_file.add(path, ledger_key_file.block(statement) + more)
    except OSError as error:
        raise NotChanged(f"the key file cannot be written ({type(error).__name__})") from None
    return await learn(connection, keys, [statement])


def _read(path: Path) -> HeldKeys:
    try:
        return ledger_key_file.read(path)
    except NoKeys as problem:
        raise NotChanged(f"the key file is of no use: {problem}") from None
