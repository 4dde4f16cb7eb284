"""Reasons for which the service bureau keeps a person's data."""

from pathlib import Path
from uuid import UUID

from shared.contracts.cases import CasesErased, CasesKept
from shared.contracts.identity import ErasureAsked
from shared.department.erasure import Erasure
from shared.department.erasure_finds import found_if
from shared.department.erasure_rules import Found
from shared.eventstore.store import Store
from shared.messaging.erasure_request import Vocabulary

UNDER_WAY = "select exists (select from cases where persons @> array[$1::uuid] and status <> 'closed')"


async def case_under_way(store: Store, person: UUID) -> Found | None:
    """Their own, or one that rests on their consent."""
    return await found_if(store, UNDER_WAY, person)


ERASURE = Erasure(
    Vocabulary(ErasureAsked, CasesErased, CasesKept), Path(__file__).parent, {"case_under_way": case_under_way}
)
