"""The documents of certificates: made, kept, found again."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.certificates.credential.issuer import CredentialIssuer
from services.certificates.credential.qr import qr_text
from services.certificates.credential.status_lists import StatusLists
from services.certificates.document.making import Signers, make_document, page_for
from services.certificates.domain.certificate import Sealed
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.keys import keys_of
from services.certificates.sealing import signing_pair
from services.certificates.settings import CertificatesSettings
from shared.contracts.certificates import CertificateIssued
from shared.contracts.errors import Broken, Refused
from shared.department import files
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Documents:
    """`says` is a certificate as drawn up; its moment of issue decides who may sign, and is the time of signing."""

    store: Store
    pool: Pool
    issuer: CredentialIssuer

    async def require_possible(
        self, says: CertificateIssued, type: CertificateType, reviewer: UUID, counter: UUID | None = None
    ) -> None:
        """Raises Refused for a reason of `signing_pair`, Invalid "missing_glyph". Nothing is signed.

        `counter`: who signs for the second body, where the type has one.
        """
        page_for(says, type, await self._signers(says, reviewer, counter), qr="").require_glyphs()

    async def with_status(self, says: CertificateIssued, day: date, context: Context) -> CertificateIssued:
        """With an entry in a status list, its own now or since before."""
        lists = StatusLists(self.pool, self.issuer)
        entry = await lists.enter(says.certificate, day, says.issued_at, context)
        return says.model_copy(update={"status_list": entry.list, "status_index": entry.index})

    async def make(
        self, says: CertificateIssued, type: CertificateType, reviewer: UUID, counter: UUID | None = None
    ) -> Sealed:
        """Draw, sign, seal and keep. Raises as `require_possible`, and what the key store raises.

        Kept before it is issued: an event must not name a document that is not there. What is then not issued after
        all, because another process was first, stays unreachable.
        """
        signers = await self._signers(says, reviewer, counter)
        made = await make_document(says, type, signers, self.issuer.keys, await qr_text(self.issuer, says))
        await files.put(self.pool, PDF, made.pdf)
        return made.sealed

    async def _signers(self, says: CertificateIssued, reviewer: UUID, counter: UUID | None) -> Signers:
        first = await self._pair(says.issuing_body_code, reviewer, says)
        if says.countersigning_body_code is None:
            return first
        if counter is None:
            raise countersigning_needed()
        return replace(first, counter=await self._pair(says.countersigning_body_code, counter, says))

    async def _pair(self, body: str, reviewer: UUID, says: CertificateIssued) -> Signers:
        signature, seal = await signing_pair(
            self.pool, self.store, issuer_code=body, reviewer=reviewer, now=says.issued_at
        )
        return Signers(reviewer, signature, seal)


def countersigning_needed() -> Refused:
    return Refused(
        "countersigning_needed",
        "该证照须由两个单位分别签章，不能由一方更正；请撤销后重新申请。",
        "Two bodies sign and seal this certificate, so one alone does not correct it; revoke it and apply anew.",
    )


def documents_of(store: Store, pool: Pool, settings: CertificatesSettings) -> Documents:
    return Documents(store, pool, CredentialIssuer(store, keys_of(pool, settings), settings.public_url))


async def document_of(pool: Pool, issued: CertificateIssued) -> bytes | None:
    """None: it was issued before there were documents."""
    if issued.document is None:
        return None
    file = await files.get(pool, issued.document)
    if file is None:
        raise Broken("a document was kept before its certificate was issued, and is gone")
    return file.content
