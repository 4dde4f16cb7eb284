"""Withdrawing, with a reason that the definition answers in its own words."""

from datetime import datetime
from uuid import UUID

from services.cases.definitions import Definitions
from services.cases.domain import refusals
from services.cases.domain.case import CASE
from services.cases.domain.case_state import NotOpened
from services.cases.domain.consent import Seen, WithdrawConsent
from shared.department.answer import words
from shared.eventstore.store import Store


async def withdrawal(
    store: Store,
    definitions: Definitions,
    case: UUID,
    person: UUID,
    because: str | None,
    now: datetime,
    seen: Seen | None = None,
) -> WithdrawConsent:
    """Raises Invalid for a reason that the definition has not."""
    if because is None:
        return WithdrawConsent(person, now, seen=seen)
    state = (await store.stand(CASE.stream(case), CASE)).state
    if isinstance(state, NotOpened) or person not in state.of.concerned:
        raise refusals.no_such_case()
    opened = state.of.as_opened
    definition = definitions.of_version(opened.definition, opened.definition_version)
    reason = definition.withdrawals.get(because) if definition else None
    if reason is None:
        raise refusals.no_such_reason()
    return WithdrawConsent(person, now, because, words(reason.words), seen, papers_stay=reason.papers_stay)
