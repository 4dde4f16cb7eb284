"""The department as issuer, and one of its certificates as it was issued."""

from uuid import UUID

from services.certificates.credential.issuer import CredentialIssuer
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.keys import keys_of
from services.certificates.settings import CertificatesSettings
from shared.contracts.certificates import CertificateIssued
from shared.contracts.errors import NotFound
from shared.contracts.event import Recorded
from shared.eventstore.store import Store


def issuer_of(store: Store, settings: CertificatesSettings) -> CredentialIssuer:
    return CredentialIssuer(store, keys_of(store.pool, settings), settings.public_url)


async def issued_to(store: Store, certificate: UUID, citizen: UUID) -> tuple[Recorded, CertificateIssued]:
    """The event that issued a certificate. Raises NotFound, for somebody else's too."""
    for event in (await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)).events:
        if isinstance(event.data, CertificateIssued) and event.data.citizen == citizen:
            return event, event.data
    raise NotFound(
        "no_such_certificate",
        "没有找到该证照，请从“我的证照”中打开。",
        "There is no such certificate; please open it from your list.",
    )
