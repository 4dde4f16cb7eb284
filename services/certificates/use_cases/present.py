"""The paper that stands today in the place of one that was issued before."""

from uuid import UUID

from services.certificates.domain.certificate import CERTIFICATE
from services.certificates.domain.certificate_state import Living, NotIssued, State, Superseded
from shared.eventstore.store import Store


async def in_its_place(store: Store, certificate: UUID) -> State:
    """The last of those that took its place, one after another; itself, where none did."""
    state = (await store.stand(CERTIFICATE.stream(certificate), CERTIFICATE)).state
    while isinstance(state, Superseded):
        state = (await store.stand(CERTIFICATE.stream(state.by), CERTIFICATE)).state
    return state


def is_being_made(paper: State) -> bool:
    """An approval or a correction is stored, and the document that it leads to is not there yet."""
    return isinstance(paper, NotIssued) or (isinstance(paper, Living) and paper.correction is not None)
