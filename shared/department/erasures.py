"""Requests for erasure at one department: to be looked at, kept, or erased."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from shared.contracts.erasure import ErasureLookDue, ErasureTaken, PersonErased, PersonKept, Reason
from shared.contracts.event import Event, Recorded
from shared.contracts.identity import ErasureAsked
from shared.department.paging import Place
from shared.eventstore.database import Connection, Pool
from shared.eventstore.read_model import ReadModel, Statement
from shared.messaging.erasure_request import Vocabulary

REASONS = TypeAdapter(tuple[Reason, ...])


def project(event: Recorded) -> Iterator[Statement]:
    match event.data:
        case (
            ErasureTaken(person=person, request=request, asked_at=at)
            | ErasureAsked(person=person, request=request, asked_at=at)
        ):
            yield "taken", (person, request, at)
        case ErasureLookDue(person=person, due_at=at):
            yield "due", (person, at)
        case PersonKept(person=person, reasons=reasons, look_again_at=again, kept_at=at):
            yield "kept", (person, REASONS.dump_json(reasons).decode(), again, at)
        case PersonErased(person=person, erased_at=at):
            yield "erased", (person, at)


def erasures(vocabulary: Vocabulary, *, asks_itself: bool = False) -> ReadModel:
    """The department's list. `asks_itself`: identity, where its own event of the request opens it."""
    taken: type[Event] = ErasureAsked if asks_itself else ErasureTaken
    events = (taken, ErasureLookDue, vocabulary.kept, vocabulary.erased)
    return ReadModel.beside(__file__, version=1, events=events, project=project)


NEXT = """
select since, person from erasures where status = 'open' and (since, person) > ($1, $2)
order by since, person limit $3
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a request here. `answered_at` None: not answered yet."""

    request: UUID
    status: str  # 'open', 'kept', 'erased'
    reasons: tuple[Reason, ...]
    answered_at: datetime | None


async def next_open(pool: Pool, *, after: Place, limit: int) -> Sequence[Place]:
    """The longest waiting first; each place's id is the person."""
    rows = await pool.fetch(NEXT, *after, limit)
    return [Place(row["since"], row["person"]) for row in rows]


async def standing_of(pool: Pool | Connection, person: UUID) -> Standing | None:
    """None: nobody asked."""
    row = await pool.fetchrow("select request, status, reasons, answered_at from erasures where person = $1", person)
    return standing(row) if row else None


def standing(row: asyncpg.Record) -> Standing:
    return Standing(row["request"], row["status"], REASONS.validate_json(row["reasons"]), row["answered_at"])
