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
from shared.department.caller import Caller
from shared.eventstore.database import Pool
from shared.eventstore.store import Loaded, Store


async def visible(
    store: Store, pool: Pool, caller: Caller, certificate: UUID, holder: UUID | None = None
) -> tuple[Standing, Loaded[State]]:
    """For its holder, and for reviewers within whose division it was issued; to others it does not exist.

    `holder`: for whom a citizen looks at it, when not for themselves.
    """
    loaded = await store.load(CERTIFICATE.stream(certificate), CERTIFICATE)
    state = loaded.state
    if isinstance(state, NotIssued):
        raise no_such_certificate()
    of = state.as_issued
    if caller.kind == "citizen":
        may_see = of.citizen == (holder or caller.id)
    else:
        may_see = (await reviewer_of(pool, caller)).serves(of.division)
    if not may_see:
        raise no_such_certificate()
    return state, loaded


async def decider(store: Store, pool: Pool, caller: Caller, certificate: UUID) -> Officer | UUID:
    """The holder himself, or an officer with the role that certificates of this type are reviewed in."""
    state, _ = await visible(store, pool, caller, certificate)
    if caller.kind == "citizen":
        return caller.id
    of = state.as_issued
    type = (await current_catalogue(pool)).version(of.certificate_type, of.catalogue_version or 1)
    return Officer(await reviewer_of(pool, caller), REVIEWERS[type.issuer])


async def as_its_issuer(store: Store, pool: Pool, caller: Caller, certificate: UUID) -> CertificateIssued:
    """What it says, for staff of the body that issued it; to others it does not exist."""
    state, _ = await visible(store, pool, caller, certificate)
    if not (await officer(store, pool, caller, certificate)).issues(state.as_issued):
        raise no_such_certificate()
    return state.as_issued


async def officer(store: Store, pool: Pool, caller: Caller, certificate: UUID) -> Officer:
    """Raises NotAllowed for the holder: it is not his to decide."""
    found = await decider(store, pool, caller, certificate)
    if not isinstance(found, Officer):
        raise not_for_holders()
    return found
