"""Password hashes: Argon2id (RFC 9106), computed beside the event loop."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane; anybody may make us do this, so no more of it.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Of a password nobody knows: checking against it costs what checking a real one does.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$1KtPAm9la1hZApt7Gj734w$ziFwD2hb9upDHn9JI4TcBYKEvhhiMqMBr5ZR6lxb0Jk"


async def hashed(password: str) -> str:
    """PHC string form, with a fresh salt."""
    return await asyncio.to_thread(HASHER.hash, password)


async def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password is that of the hash; for None the same work, and never right."""
    matches = await asyncio.to_thread(_matches, password, NOBODYS if password_hash is None else password_hash)
    return matches and password_hash is not None


def _matches(password: str, password_hash: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False
