"""One certificate, for whoever may see it, and who may decide on it."""

from uuid import UUID

from services.certificates.api.reviewing import reviewer_of
from services.certificates.catalogue_now import current_catalogue
from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import NotIssued, Standing, State
from services.certificates.domain.life_refusals import no_such_certificate, not_for_holders
from services.certificates.domain.officer import Officer
from services.certificates.domain.review_chain import REVIEWERS
from shared.contracts.certificates import CertificateIssued
from shared.department.powers import Power
from shared.eventstore.database import Pool
from shared.eventstore.store import Loaded, Store


async def visible(
    store: Store, pool: Pool, power: Power, certificate: UUID, holder: UUID | None = None
) -> tuple[Standing, Loaded[State]]:
    """For its holder, and for staff of the body that issued it; to others it does not exist.

    `holder`: for whom a citizen looks at it, when not for themselves.
    """
    loaded = await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)
    state = loaded.state
    if isinstance(state, NotIssued):
        raise no_such_certificate()
    of = state.as_issued
    if power.caller.kind == "citizen":
        may_see = of.citizen == (holder or power.caller.id)
    else:
        may_see = (await _officer(pool, power, of)).issues(of)
    if not may_see:
        raise no_such_certificate()
    return state, loaded


async def decider(store: Store, pool: Pool, power: Power, certificate: UUID) -> Officer | UUID:
    """The holder, or an officer with the role that certificates of this type are reviewed in."""
    state, _ = await visible(store, pool, power, certificate)
    return power.caller.id if power.caller.kind == "citizen" else await _officer(pool, power, state.as_issued)


async def officer(store: Store, pool: Pool, power: Power, certificate: UUID) -> Officer:
    """Raises NotAllowed for the holder: it is not theirs to decide."""
    found = await decider(store, pool, power, certificate)
    if not isinstance(found, Officer):
        raise not_for_holders()
    return found


async def _officer(pool: Pool, power: Power, of: CertificateIssued) -> Officer:
    type = (await current_catalogue(pool)).version(of.certificate_type, of.catalogue_version or 1)
    return Officer(reviewer_of(power), REVIEWERS[type.issuer])
