"""Which keys identity signs tokens with. Every department keeps this read model, so nobody has to ask identity."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.event import Recorded
from shared.contracts.identity import SigningKeyPublished, SigningKeyRetired
from shared.eventstore.database import Pool
from shared.eventstore.read_model import ReadModel, Statement


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case SigningKeyPublished(kid=kid, public_key=public_key, published_at=published_at):
            yield "published", (kid, public_key, published_at)
        case SigningKeyRetired(kid=kid, retired_at=retired_at):
            yield "retired", (kid, retired_at)


SIGNING_KEYS = ReadModel.beside(__file__, version=1, events=(SigningKeyPublished, SigningKeyRetired), project=project)


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    public_key: str  # the `x` of an OKP JWK (RFC 8037)
    retired_at: datetime | None


async def signing_keys(pool: Pool) -> dict[str, SigningKey]:
    """All keys ever published, by kid, retired ones too: their last tokens still have to be told apart."""
    rows = await pool.fetch("select kid, public_key, retired_at from signing_keys where public_key is not null")
    return {row["kid"]: SigningKey(**row) for row in rows}
