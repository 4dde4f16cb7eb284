"""Asking a fact: entitlement first, then the answer; either way the question is kept before anything is told."""

from dataclasses import dataclass
from datetime import datetime

from services.certificates.domain.dates import day_in_china
from services.certificates.facts import question
from services.certificates.facts.answering import UNKNOWN, Answered, Known, answer
from services.certificates.facts.entitlement import AskableFact, Refusal
from services.certificates.facts.question import QUESTION, AnswerFact, Asking, Command, RefuseFact
from services.certificates.facts.register_entries import Entry, find_entry
from services.certificates.read_models.holdings import living_of
from shared.contracts.errors import NotAllowed
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards.id_number import IdNumber


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the question is about, as the asker has it before him."""

    name: str
    id_number: IdNumber


@dataclass(frozen=True, slots=True)
class Ask:
    fact: AskableFact
    person: Person
    about: str | None
    purpose: str
    case: str


async def ask(
    store: Store, pool: Pool, caller: Caller, asked: Ask, now: datetime, context: Context
) -> tuple[Done[question.State], question.Answered]:
    """Raises NotAllowed when his role, or the purpose, does not entitle him; that he asked is kept all the same.
    Refused for one about themselves."""
    id = context.id_for("question")
    entry = await find_entry(pool, asked.person.name, asked.person.id_number)
    if entry:
        caller.stand_aside(entry.person)
    asking = Asking(
        question=id,
        person=entry.person if entry else None,
        fact=asked.fact.fact,
        about=asked.about,
        asker=caller.id,
        division=caller.division or "",
        purpose=asked.purpose,
        case=asked.case,
        now=now,
    )
    because = asked.fact.refusal(caller.roles, asked.purpose)
    command: Command
    if because:
        command = RefuseFact(asking, because)
    else:
        came_to = await _answered(pool, asked, entry, now)
        command = AnswerFact(asking, came_to.answer, came_to.basis)
    done = await store.execute(QUESTION.stream(id), QUESTION, command, context)
    match done.state:
        case question.Answered() as answered:
            return done, answered
        case _:
            raise not_entitled(because or "role")


async def _answered(pool: Pool, asked: Ask, entry: Entry | None, now: datetime) -> Answered:
    if entry is None:
        return UNKNOWN
    known = Known(entry, await living_of(pool, entry.person), day_in_china(now))
    return answer(asked.fact.fact, asked.about or "", known)


def not_entitled(because: Refusal) -> NotAllowed:
    if because == "purpose":
        return NotAllowed(
            "purpose_not_covered",
            "该事实不为此用途共享，请从目录所列用途中选择；本次查询已记录。",
            "This fact is not shared for that purpose; please choose one that is listed. The question was recorded.",
        )
    return NotAllowed(
        "not_entitled",
        "您的岗位无权查询该事实，请由有权部门办理；本次查询已记录。",
        "Your role does not entitle you to ask this; those who are entitled may. The question was recorded.",
    )
