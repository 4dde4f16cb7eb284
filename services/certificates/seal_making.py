"""Making a seal: keys, picture and certificate. Repeated, or by two at once, it comes to the same one.

The keys are named by the seal, so whoever is second gets the first one's; the stream lets one making be the seal's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.certificates.bodies import Bodies
from services.certificates.certification import Authority, Subject
from services.certificates.domain import seal_refusals as refusals
from services.certificates.domain.dates import years_after
from services.certificates.domain.seal import SEAL, require_within
from services.certificates.domain.seal_commands import Keeper, MakeSeal
from services.certificates.domain.seal_state import Applied, Cancelled, NotApplied, State
from services.certificates.images.handwriting import handwriting
from services.certificates.images.official_seal import official_seal
from services.certificates.keys import signing_key, sm2_key
from services.certificates.x509 import Validity
from shared.contracts.seals import SealApplied
from shared.department import files
from shared.department.key_store import KeyStore
from shared.department.staff import find_appointment
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store, repeated

YEARS = 5  # that a seal's certificate is in force
SVG = "image/svg+xml"

OwnHand = Callable[[], Awaitable[bytes]]
"""Gives the SVG of a picture that was handed in, once it was examined."""


@dataclass(frozen=True, slots=True)
class SealMaking:
    store: Store
    keys: KeyStore
    authority: Authority
    bodies: Bodies

    async def make(
        self, seal: UUID, keeper: Keeper, now: datetime, context: Context, *, own_hand: OwnHand | None = None
    ) -> Done[State]:
        """`own_hand`: an officer's handwriting as they handed it in; without it one is drawn from their name.

        Raises Refused, Invalid and what `own_hand` raises; then nothing was made but keys, which the next try finds.
        """
        stream = SEAL.stream(seal)
        loaded = await self.store.load(stream, SEAL)
        if repeat := repeated(loaded, context):
            return repeat
        state = loaded.state
        if isinstance(state, NotApplied):
            raise refusals.no_such_seal()
        require_within(state.of.division, keeper)
        if isinstance(state, Cancelled):
            raise refusals.cancelled_already()
        if not isinstance(state, Applied):
            return Done(stream, state, loaded.version, ())
        image = await files.put(self.store.pool, SVG, await _drawn(state.of, own_hand))
        validity = Validity(now.replace(microsecond=0), years_after(now.replace(microsecond=0), YEARS))
        key = await self.keys.make(signing_key(seal), "ES256")
        sm2 = await self.keys.make(sm2_key(seal), "SM2")
        certified = await self.authority.certify(await self._subject(state.of), key, validity, now)
        command = MakeSeal(
            certificate=certified.certificate,
            issuer=certified.issuer,
            sm2_public_key=sm2.text,
            image=image,
            valid_from=validity.begin,
            valid_to=validity.end,
            keeper=keeper,
            now=now,
        )
        return await self.store.execute(stream, SEAL, command, context)

    async def _subject(self, of: SealApplied) -> Subject:
        body = of.owner_name
        if of.staff is not None:
            appointment = await find_appointment(self.store.pool, of.staff)
            body = self.bodies.serving(of.division, appointment.roles if appointment else ())
        return Subject(of.seal, of.kind, of.owner_name, of.owner_code, body)


async def _drawn(of: SealApplied, own_hand: OwnHand | None) -> bytes:
    if of.kind == "signature" and own_hand is not None:
        return await own_hand()
    if own_hand is not None:
        raise refusals.seals_are_drawn()
    return await asyncio.to_thread(official_seal if of.kind == "seal" else handwriting, of.owner_name)
