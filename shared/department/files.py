"""Files, kept outside events and named in them by the SHA-256 of their content."""

from dataclasses import dataclass
from hashlib import sha256

from shared.eventstore.database import Pool

PUT = "insert into files (sha256, media, content) values ($1, $2, $3) on conflict (sha256) do nothing"
GET = "select media, content from files where sha256 = $1"


@dataclass(frozen=True, slots=True)
class StoredFile:
    media: str  # 'application/pdf'
    content: bytes


async def put(pool: Pool, media: str, content: bytes) -> str:
    """Returns its name, 64 hexadecimal digits. Storing the same again changes nothing."""
    name = sha256(content)
    await pool.execute(PUT, name.digest(), media, content)
    return name.hexdigest()


async def get(pool: Pool, name: str) -> StoredFile | None:
    """None: no such file here."""
    row = await pool.fetchrow(GET, bytes.fromhex(name))
    return StoredFile(**row) if row else None
