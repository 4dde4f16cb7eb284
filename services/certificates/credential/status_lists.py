"""The department's status lists: an entry for each certificate, and each list as a signed statement."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.certificates.credential import status_list
from services.certificates.credential.certificate import status_uri
from services.certificates.credential.issuer import CredentialIssuer
from services.certificates.domain.status_entry import (
    STATUS_ENTRY,
    ClaimStatusEntry,
    StatusEntry,
    candidates,
    claim_id,
)
from services.certificates.read_models.status_list import list_exists, statuses_in
from shared.contracts.errors import Broken, NotFound
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool


@dataclass(frozen=True, slots=True)
class StatusLists:
    pool: Pool
    issuer: CredentialIssuer

    async def enter(self, certificate: UUID, day: date, now: datetime, context: Context) -> StatusEntry:
        """The entry of a certificate about to be issued, claimed now or before.

        Its list is signed as if it were fetched: a certificate whose status nobody could learn must not come to be.
        """
        entry = await self._claim(certificate, day, context)
        await self._signed(entry.list, now)
        return entry

    async def token(self, list: int, now: datetime) -> str:
        """Raises NotFound for a list that no certificate is in."""
        if not 0 < list < 2**31 or not await list_exists(self.pool, list):
            raise NotFound(
                "no_such_status_list",
                "没有这份状态列表，请使用证照中所载的地址。",
                "There is no such status list; please use the address that the credential names.",
            )
        return await self._signed(list, now)

    async def _signed(self, list: int, now: datetime) -> str:
        claims = status_list.claims_of(status_uri(self.issuer.url, list), await statuses_in(self.pool, list), now)
        return await self.issuer.sign(status_list.TYP, claims, now)

    async def _claim(self, certificate: UUID, day: date, context: Context) -> StatusEntry:
        """The first of the certificate's entries that nobody had before it."""
        for entry in candidates(certificate, day):
            stream = STATUS_ENTRY.stream(claim_id(entry))
            claim = await self.issuer.store.execute(stream, STATUS_ENTRY, ClaimStatusEntry(certificate), context)
            if claim.state == certificate:
                return entry
        raise Broken("all status lists of a month are full")
