"""Whoever signs a certificate asks here for the two that sign it: the reviewer's signature, then the body's seal."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.domain import seal_refusals as refusals
from services.certificates.domain.seal import SEAL
from services.certificates.domain.seal_state import InUse, Kind, State
from services.certificates.domain.seal_use import require_pair, require_usable
from services.certificates.keys import signing_key, sm2_key
from services.certificates.read_models.seals import current_seal
from services.certificates.read_models.to_stop import is_dismissed
from shared.contracts.errors import Broken
from shared.department import files
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


@dataclass(frozen=True, slots=True)
class UsableSeal:
    """A seal or a signature that may sign now. Its private keys stay with the key store."""

    seal: UUID
    kind: Kind
    owner_name: str  # full legal name of the body, or the officer's
    owner_code: str  # credit code of the body, or the officer's staff id
    certificate_pem: str
    issuer_pem: str
    key: str  # name in the key store, ES256: signs the PDF
    sm2_key: str  # name in the key store, SM2
    sm2_public_key: str  # uncompressed point, 130 hexadecimal digits
    image: bytes  # SVG
    valid_from: datetime
    valid_to: datetime


async def signing_pair(
    pool: Pool, store: Store, *, issuer_code: str, reviewer: UUID, now: datetime
) -> tuple[UsableSeal, UsableSeal]:
    """The reviewer's signature and the body's seal, in the order in which they sign.

    Raises Refused "no_signature", "no_seal", "seal_stopped", "seal_cancelled", "seal_expired", "not_yet_valid",
    "officer_dismissed" or "seal_of_another_body" unless both may sign at this moment.
    """
    if await is_dismissed(pool, reviewer):
        raise refusals.officer_dismissed()
    signature = require_usable("signature", await _current(pool, store, "signature", str(reviewer)), now)
    seal = require_usable("seal", await _current(pool, store, "seal", issuer_code), now)
    require_pair(signature, seal)
    first, second = await asyncio.gather(_usable(pool, signature), _usable(pool, seal))
    return first, second


async def _current(pool: Pool, store: Store, kind: Kind, owner_code: str) -> State:
    """As the store has it: what was stopped a moment ago signs nothing."""
    seal = await current_seal(pool, kind, owner_code)
    return SEAL.initial if seal is None else (await store.stand(SEAL.stream(seal), SEAL)).state


async def _usable(pool: Pool, state: InUse) -> UsableSeal:
    of, making = state.of, state.making
    image = await files.get(pool, making.image)
    if image is None:
        raise Broken("the image of a seal was stored before it was made, and is gone")
    return UsableSeal(
        seal=of.seal,
        kind=of.kind,
        owner_name=of.owner_name,
        owner_code=of.owner_code,
        certificate_pem=making.certificate,
        issuer_pem=making.issuer,
        key=signing_key(of.seal),
        sm2_key=sm2_key(of.seal),
        sm2_public_key=making.sm2_public_key,
        image=image.content,
        valid_from=making.valid_from,
        valid_to=making.valid_to,
    )
