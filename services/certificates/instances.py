"""One valid certificate for each type and holder, or for each purpose where the type says several may be valid."""

from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.certificate_state import Issued, Suspended
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.read_models.births import earlier_attempts
from services.certificates.read_models.holdings import living_of
from shared.contracts.certificates import CertificateIssued
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


async def living_for_the_same(
    store: Store, pool: Pool, type: CertificateType, of: CertificateIssued
) -> list[CertificateIssued]:
    """Its holder's living certificates for the same, the oldest first; itself, too, once it is issued."""
    found = []
    for holding in await living_of(pool, of.citizen):
        state = (await store.load(CERTIFICATE.stream(holding.certificate), CERTIFICATE)).state
        if isinstance(state, Issued | Suspended) and is_for_the_same(type, state.as_issued, of):
            found.append(state.as_issued)
    return found


async def in_place_of_another(
    store: Store, pool: Pool, type: CertificateType, says: CertificateIssued
) -> CertificateIssued:
    """Pointing at the certificate that it takes the place of, if there is one."""
    living = await living_for_the_same(store, pool, type, says)
    if not living:
        return says
    return says.model_copy(update={"replaces": living[-1].certificate, "replaces_identifier": living[-1].identifier})


async def in_place_of_an_earlier_attempt(store: Store, pool: Pool, says: CertificateIssued) -> CertificateIssued:
    """Pointing at what the same item of a one-thing case was issued before it was corrected, a child's name say."""
    if says.replaces is not None:
        return says
    for application in await earlier_attempts(pool, says.application):
        state = (await store.load(CERTIFICATE.stream(certificate_of(application)), CERTIFICATE)).state
        if isinstance(state, Issued | Suspended):
            of = state.as_issued
            return says.model_copy(update={"replaces": of.certificate, "replaces_identifier": of.identifier})
    return says


def is_for_the_same(type: CertificateType, one: CertificateIssued, other: CertificateIssued) -> bool:
    if one.certificate_type != other.certificate_type:
        return False
    distinguishing = type.one_open_per if type.several_valid else ()
    return all(one.content.get(name) == other.content.get(name) for name in distinguishing)
