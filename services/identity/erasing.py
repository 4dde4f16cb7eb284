"""Reasons for which public security keeps a person's data, and how it asks the others. It erases last, after them."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from services.identity.domain.erasure import ASKING, VOCABULARY, TellAnswered
from services.identity.domain.person import PERSON, Dead, Entered
from services.identity.read_models.erasure_answers import ERASURE_ANSWERS, answers_of
from shared.contracts.event import Metadata
from shared.department.engine import Engine
from shared.department.erasure import Erasure
from shared.department.erasure_finds import item_under_way
from shared.department.erasure_rules import Found
from shared.department.settings import Settings
from shared.department.sweeping import utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.erasure_request import NAME

FIRST = ("certificates", "insurance", "cases")
"""Departments that answer before the citizen is told."""

LAST = "notification"
"""The department that tells the citizen, and answers then."""

UNNAMED_AGENTS = "select mandate::text from mandates_given where principal = $1 and agent is null"
TICKETS = "delete from kiosk_tickets where holder = $1"


async def civil_status(store: Store, person: UUID) -> Found | None:
    """An entry of the register is kept for good, of the dead too; one that was annulled is none."""
    state = (await store.stand(PERSON.stream(person), PERSON)).state
    return Found() if isinstance(state, Entered | Dead) else None


async def others_keep(store: Store, person: UUID) -> Found | None:
    """Another department has not erased yet what it holds: it knows by identity's word whose that is."""
    answers = await answers_of(store.pool, person)
    waits = [name for name in (*FIRST, LAST) if name not in answers or answers[name].status != "erased"]
    return Found() if waits else None


async def all_answered(store: Store, person: UUID, request: UUID) -> bool:
    """Whether the others have answered this request; if so, the citizen is told before identity answers."""
    answers = await answers_of(store.pool, person)
    known = {name: answers[name] for name in FIRST if name in answers and answers[name].request == request}
    if len(known) < len(FIRST):
        return False
    erased, kept = (tuple(n for n in FIRST if known[n].status == status) for status in ("erased", "kept"))
    command = TellAnswered(request, erased, kept, utc_now())
    context = Context(Metadata(actor="department:identity"), key=f"{request}\nanswered")
    await store.execute(f"{NAME}-{person}", ASKING, command, context)
    return True


async def agents_named(pool: Pool, principal: UUID) -> Sequence[str]:
    """Mandates of the person whose agent has no account: the name stands under the mandate."""
    return [row["mandate"] for row in await pool.fetch(UNNAMED_AGENTS, principal)]


ERASURE = Erasure(
    VOCABULARY,
    Path(__file__).parent,
    {"civil_status": civil_status, "others_keep": others_keep, "item_under_way": item_under_way},
    {"tickets": TICKETS},
    also=agents_named,
    ready=all_answered,
    asks_itself=True,
)


async def keep_erasing(engine: Engine, settings: Settings) -> None:
    await ERASURE.keep_erasing(engine, settings, *ERASURE_ANSWERS.events)
