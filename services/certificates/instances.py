"""One valid certificate for each type and holder, or for each purpose where the type says several may be valid."""

from uuid import UUID

from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import Issued, Suspended
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.life_refusals import being_corrected
from services.certificates.read_models.holdings import living_of
from services.certificates.use_cases.present import in_its_place
from shared.contracts.certificates import CertificateIssued
from shared.eventstore.database import Pool
from shared.eventstore.store import Store


async def living_for_the_same(
    store: Store, pool: Pool, type: CertificateType, of: CertificateIssued
) -> list[CertificateIssued]:
    """Its holder's living certificates for the same, the oldest first; itself, too, once it is issued."""
    found = []
    for holding in await living_of(pool, of.citizen):
        state = (await store.stand(CERTIFICATE.stream(holding.certificate), CERTIFICATE)).state
        if isinstance(state, Issued | Suspended) and is_for_the_same(type, state.as_issued, of):
            found.append(state.as_issued)
    return found


async def in_place_of_another(
    store: Store, pool: Pool, type: CertificateType, says: CertificateIssued, replaces: UUID | None = None
) -> CertificateIssued:
    """Pointing at the certificate that it takes the place of, if there is one.

    `replaces`: the one that it was asked for in place of, though it may be for something else, such as a child's former
    name. Raises Refused while that one is being corrected.
    """
    standing = await in_its_place(store, replaces) if replaces else None
    if isinstance(standing, Issued | Suspended):
        if standing.correction:
            raise being_corrected()
        before = standing.as_issued
    elif living := await living_for_the_same(store, pool, type, says):
        before = living[-1]
    else:
        return says
    return says.model_copy(update={"replaces": before.certificate, "replaces_identifier": before.identifier})


def is_for_the_same(type: CertificateType, one: CertificateIssued, other: CertificateIssued) -> bool:
    if one.certificate_type != other.certificate_type:
        return False
    distinguishing = type.one_open_per if type.several_valid else ()
    return all(one.content.get(name) == other.content.get(name) for name in distinguishing)
