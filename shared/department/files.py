"""Files, kept outside events and named in them by the SHA-256 of their content."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from shared.eventstore.database import Pool

PUT = """
insert into files (sha256, media, content) values ($1, $2, $3)
on conflict (sha256) do update set stored_at = clock_timestamp()
"""
DROP = "delete from files where sha256 = $1 and stored_at < $2"
GET = "select media, content from files where sha256 = $1"


@dataclass(frozen=True, slots=True)
class StoredFile:
    media: str  # 'application/pdf'
    content: bytes


async def put(pool: Pool, media: str, content: bytes) -> str:
    """Returns its name, 64 hexadecimal digits. Storing the same again changes nothing but when that was last done."""
    name = sha256(content)
    await pool.execute(PUT, name.digest(), media, content)
    return name.hexdigest()


async def get(pool: Pool, name: str) -> StoredFile | None:
    """None: no such file here."""
    row = await pool.fetchrow(GET, bytes.fromhex(name))
    return StoredFile(**row) if row else None


async def drop(pool: Pool, name: str, before: datetime) -> None:
    """Unless it was stored again since a moment: whoever is about to speak of it stores it first."""
    await pool.execute(DROP, bytes.fromhex(name), before)
