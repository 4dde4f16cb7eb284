"""Reasons to keep a person that more than one department has."""

from uuid import UUID

from shared.department.erasure_rules import Found
from shared.eventstore.store import Store

# few items are on a desk at a time, and each stream begins with what was asked
ITEM = """
select exists (
  select from item_desk d join events e on e.stream = d.stream and e.type = $2 || '.ItemTaken'
  where d.status in ('taken', 'withdrawn') and e.data ->> 'applicant' = $1
)
"""


async def item_under_way(store: Store, person: UUID) -> Found | None:
    """A case of theirs waits for something that the department is to do."""
    return await found_if(store, ITEM, str(person), store.registry.department)


async def found_if(store: Store, question: str, *arguments: object) -> Found | None:
    """For a question that is answered by yes or no, and tells no day."""
    return Found() if await store.pool.fetchval(question, *arguments) else None


async def found_last(store: Store, question: str, *arguments: object) -> Found | None:
    """For a question that is answered by the last day there is, or by none."""
    last = await store.pool.fetchval(question, *arguments)
    return None if last is None else Found(last)
