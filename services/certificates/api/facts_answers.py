"""How facts that may be asked are shown, what an asker is told, and what is shown to whom it was about."""

from datetime import datetime
from uuid import UUID

from services.certificates.catalogue import Catalogue
from services.certificates.facts.asked_about import AskedAbout
from services.certificates.facts.entitlement import AskableFact, askable_facts
from services.certificates.facts.question import Answer as Outcome
from shared.contracts.case_items import Words
from shared.contracts.identity import Role
from shared.department.answer import Answer, division_name, words
from shared.department.staff import find_appointment
from shared.eventstore.database import Pool
from shared.standards.text import Text


class FactAnswer(Answer):
    """No more than was asked. `basis`: the event that it rests on."""

    question: UUID
    fact: str
    answer: Outcome
    as_of: datetime
    basis: UUID | None


class FactListed(Answer):
    fact: str
    name: Words
    means: Words
    needs: str | None
    attribute: str
    basis: str
    askers: list[Role]
    purposes: dict[str, Words]


class FactsListed(Answer):
    facts: list[FactListed]


class AskedAboutMe(Answer):
    """`answer`: what was told, or 'refused'."""

    question: UUID
    fact: str
    name: Words
    about: str | None  # the place or the type of certificate, in words
    asker: str | None  # an officer's name is public
    division_name: str
    purpose: Words
    case: str
    asked_at: datetime
    answer: str


class QuestionsAboutMe(Answer):
    """The newest first. `next` goes back as `after`; null at the end."""

    questions: list[AskedAboutMe]
    next: str | None


def list_fact(fact: AskableFact) -> FactListed:
    return FactListed(
        fact=fact.fact,
        name=words(fact.name),
        means=words(fact.means),
        needs=fact.needs,
        attribute=fact.attribute,
        basis=fact.basis,
        askers=sorted(fact.askers),
        purposes={code: words(text) for code, text in fact.purposes.items()},
    )


async def show_question(pool: Pool, row: AskedAbout, catalogue: Catalogue) -> AskedAboutMe:
    fact = next((one for name, one in askable_facts().items() if name == row.fact), None)
    appointment = await find_appointment(pool, row.asker)
    return AskedAboutMe(
        question=row.question,
        fact=row.fact,
        name=words(fact.name if fact else Text(row.fact, row.fact)),
        about=_about_in_words(row, catalogue),
        asker=appointment.name if appointment else None,
        division_name=division_name(row.division),
        purpose=words((fact.purposes if fact else {}).get(row.purpose, Text(row.purpose, row.purpose))),
        case=row.case_number,
        asked_at=row.asked_at,
        answer=row.outcome,
    )


def _about_in_words(row: AskedAbout, catalogue: Catalogue) -> str | None:
    if row.about is None or not row.about.isdigit():
        return catalogue.name(row.about).zh if row.about else None
    return division_name(row.about)
