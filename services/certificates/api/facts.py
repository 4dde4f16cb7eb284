"""Instead of paper (减证便民): entitled departments ask, the answer is yes, no or unknown, whom it is about sees it.

A question is a POST: who it is about goes in the body, never in an address, which proxies log and browsers keep; and
asking leaves a record, so that it is no safe method (docs/decisions/0011-a-fact-is-asked-by-post.md).
"""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import Field

from services.certificates.api.bodies import PersonName
from services.certificates.api.facts_answers import (
    FactAnswer,
    FactsListed,
    QuestionsAboutMe,
    list_fact,
    show_question,
)
from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import current_catalogue
from services.certificates.facts.asked_about import asked_about
from services.certificates.facts.asking import Ask, Person, ask
from services.certificates.facts.entitlement import AskableFact, askable_facts
from shared.contracts.errors import Invalid, NotFound
from shared.department.body import Body
from shared.department.caller import Caller
from shared.department.paging import DEFAULT_LIMIT, After, Limit, Place, page
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards import divisions
from shared.standards.id_number import IdNumber
from shared.standards.line import OneLine
from shared.standards.text import Text

Line = Annotated[str, OneLine(60)]


class Question(Body):
    """`division` or `certificate_type`, where the fact needs one. `purpose`: a code of the fact's purposes. `case`: the
    asker's own file number."""

    name: PersonName
    id_number: IdNumber
    purpose: Line
    case: Line
    division: Annotated[str | None, Field(max_length=12)] = None
    certificate_type: Annotated[str | None, Field(max_length=40)] = None


@get("/facts", tags=["facts"], summary="可核验的事实 / what may be asked, by whom and what for")
async def list_facts() -> FactsListed:
    return FactsListed(facts=[list_fact(fact) for fact in askable_facts().values()])


@post("/facts/{fact:str}", status_code=200, tags=["facts"], summary="核验一项事实 / ask a fact instead of a paper")
async def ask_fact(
    fact: FromPath[str],
    data: JSONBody[Question],
    store: NamedDependency[Store],
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[FactAnswer]:
    """By staff in an entitled role. `unknown`: nobody bears this name and number; which is wrong is not told."""
    askable = _askable(fact)
    asked = Ask(
        askable,
        Person(data.name, data.id_number),
        _about(askable, data, await current_catalogue(pool)),
        data.purpose,
        data.case,
    )
    done, answered = await ask(store, pool, caller, asked, now, context)
    shown = FactAnswer(
        question=answered.asked.question,
        fact=askable.fact,
        answer=answered.answer,
        as_of=answered.at,
        basis=answered.basis,
    )
    return stored(done, shown, status=200)


@get("/facts/asked-about-me", tags=["facts"], summary="谁核验过我 / who asked about me, the newest first")
async def list_questions_about_me(
    pool: NamedDependency[Pool],
    caller: NamedDependency[Caller],
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> QuestionsAboutMe:
    start = Place.parse(after) if after else Place.last()
    rows, following = page(await asked_about(pool, caller.citizen(), after=start, limit=limit + 1), limit)
    catalogue = await current_catalogue(pool)
    return QuestionsAboutMe(questions=[await show_question(pool, row, catalogue) for row in rows], next=following)


def _askable(fact: str) -> AskableFact:
    found = next((one for name, one in askable_facts().items() if name == fact), None)
    if found is None:
        raise NotFound(
            "unknown_fact",
            "没有这项可核验的事实，请从目录中选择。",
            "There is no such fact to ask; please choose one of the list.",
        )
    return found


def _about(fact: AskableFact, data: Question, catalogue: Catalogue) -> str | None:
    """What the fact needs beside the person. Raises Invalid when it is missing or unknown, NotValid for no code."""
    given = {"division": data.division, "certificate_type": data.certificate_type}
    if odd := [name for name, value in given.items() if value is not None and name != fact.needs]:
        text = Text("此项事实不需要该内容，请删除。", "This fact does not need it; please leave it out.")
        raise Invalid("not_needed_here", *text, fields=dict.fromkeys(odd, text))
    match fact.needs:
        case None:
            return None
        case "division" if data.division:
            return divisions.get(data.division).code
        case "certificate_type" if data.certificate_type in catalogue.types:
            return data.certificate_type
        case missing:
            text = Text("请填写有效的内容。", "Please give one that exists.")
            raise Invalid("about_what", *text, fields={missing: text})


HANDLERS = (list_facts, ask_fact, list_questions_about_me)
