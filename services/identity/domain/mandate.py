"""A mandate: one adult lets another act for them in named matters (委托代理, Civil Code Art. 161 to 174).

Stream `mandate-<mandate id>`. Whether the named agent exists is never looked at here: a mandate is given to a name and
an ID number, and accepted by whoever bears both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from services.identity.domain import mandate_refusals as refusals
from services.identity.domain.events import MandateAddressed
from shared.contracts.event import Event
from shared.contracts.identity import (
    MandateAccepted,
    MandateDeclined,
    MandateEnd,
    MandateEnded,
    MandateGiven,
)
from shared.eventstore.aggregate import Aggregate
from shared.standards.id_number import IdNumber
from shared.standards.person_name import is_same_name
from shared.standards.shanghai import day_in_shanghai


@dataclass(frozen=True, slots=True)
class Party:
    """A person of the register."""

    person: UUID
    name: str
    id_number: IdNumber


@dataclass(frozen=True, slots=True)
class Addressee:
    """The agent as the principal names them, and a pseudonym of that number to find the mandate by."""

    name: str
    id_number: IdNumber
    pseudonym: UUID


@dataclass(frozen=True, slots=True)
class GiveMandate:
    """`told`: the verified person of that name and number, if there is one. All is checked (`mandate_terms`)."""

    mandate: UUID
    principal: Party
    agent: Addressee
    told: UUID | None
    matters: tuple[str, ...]
    until: date
    now: datetime
    recorded_by: UUID | None = None  # staff


@dataclass(frozen=True, slots=True)
class AcceptMandate:
    by: Party
    now: datetime


@dataclass(frozen=True, slots=True)
class DeclineMandate:
    by: Party
    now: datetime


@dataclass(frozen=True, slots=True)
class EndByParty:
    """By principal or agent. `recorded_by`: the officer before whom the principal stands."""

    by: UUID
    now: datetime
    recorded_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class EndByDeath:
    """Or because the person's entry was annulled."""

    person: UUID
    now: datetime
    is_annulled: bool = False


@dataclass(frozen=True, slots=True)
class LapseMandate:
    now: datetime


Command = GiveMandate | AcceptMandate | DeclineMandate | EndByParty | EndByDeath | LapseMandate


@dataclass(frozen=True, slots=True)
class NotGiven:
    """No event yet."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was given. `agent`: who is told, later who accepted."""

    mandate: UUID
    principal: UUID
    principal_name: str
    agent: UUID | None
    agent_name: str
    matters: tuple[str, ...]
    until: date
    id_number: IdNumber | None = None  # the agent's, as the principal wrote it


@dataclass(frozen=True, slots=True)
class Offered:
    status: ClassVar[Literal["offered"]] = "offered"
    terms: Terms


@dataclass(frozen=True, slots=True)
class Accepted:
    status: ClassVar[Literal["accepted"]] = "accepted"
    terms: Terms


@dataclass(frozen=True, slots=True)
class Over:
    """Declined (`end` None), or ended."""

    status: ClassVar[Literal["over"]] = "over"
    terms: Terms
    end: MandateEnd | None


State = NotGiven | Offered | Accepted | Over


def decide(state: State, command: Command) -> Sequence[Event]:
    if isinstance(command, GiveMandate):
        return _give(command) if isinstance(state, NotGiven) else []
    if isinstance(state, NotGiven):
        raise refusals.no_such_mandate()
    match command:
        case AcceptMandate():
            return _accept(state, command)
        case DeclineMandate():
            return _decline(state, command)
        case EndByParty():
            return _end(state, command)
        case EndByDeath(person=person, now=now) if not isinstance(state, Over):
            is_party = person in (state.terms.principal, state.terms.agent)
            return [_ended(state.terms, _gone(state.terms, command), None, now)] if is_party else []
        case LapseMandate(now=now) if not isinstance(state, Over) and has_lapsed(state.terms, now):
            return [_ended(state.terms, "lapsed", None, now)]
        case _:
            return []


def _gone(terms: Terms, command: EndByDeath) -> MandateEnd:
    if command.person == terms.principal:
        return "principal_annulled" if command.is_annulled else "principal_died"
    return "agent_annulled" if command.is_annulled else "agent_died"


def has_lapsed(terms: Terms, now: datetime) -> bool:
    return day_in_shanghai(now) > terms.until


def is_addressed_to(terms: Terms, somebody: Party) -> bool:
    return terms.id_number == somebody.id_number and is_same_name(terms.agent_name, somebody.name)


def _give(command: GiveMandate) -> Sequence[Event]:
    return [
        MandateGiven(
            mandate=command.mandate,
            principal=command.principal.person,
            principal_name=command.principal.name,
            agent=command.told,
            agent_name=command.agent.name,
            matters=command.matters,
            until=command.until,
            given_at=command.now,
            recorded_by=command.recorded_by,
        ),
        MandateAddressed(
            mandate=command.mandate,
            id_number=command.agent.id_number,
            addressee=command.agent.pseudonym,
            principal=command.principal.person,
        ),
    ]


def _accept(state: Offered | Accepted | Over, command: AcceptMandate) -> Sequence[Event]:
    terms = state.terms
    match state:
        case Accepted() if terms.agent == command.by.person:
            return []
        case Offered() if is_addressed_to(terms, command.by):
            if has_lapsed(terms, command.now):
                raise refusals.mandate_over()
            return [
                MandateAccepted(
                    mandate=terms.mandate,
                    principal=terms.principal,
                    principal_name=terms.principal_name,
                    agent=command.by.person,
                    agent_name=command.by.name,
                    matters=terms.matters,
                    until=terms.until,
                    accepted_at=command.now,
                )
            ]
        case Over() if is_addressed_to(terms, command.by):
            raise refusals.mandate_over()
        case _:
            raise refusals.no_such_mandate()


def _decline(state: Offered | Accepted | Over, command: DeclineMandate) -> Sequence[Event]:
    terms = state.terms
    if not is_addressed_to(terms, command.by):
        raise refusals.no_such_mandate()
    match state:
        case Offered():
            return [
                MandateDeclined(
                    mandate=terms.mandate,
                    principal=terms.principal,
                    agent=command.by.person,
                    agent_name=terms.agent_name,
                    declined_at=command.now,
                )
            ]
        case Accepted():
            raise refusals.accepted_already()
        case Over(end=None):
            return []
        case Over():
            raise refusals.mandate_over()


def _end(state: Offered | Accepted | Over, command: EndByParty) -> Sequence[Event]:
    terms = state.terms
    if command.by == terms.principal:
        reason: MandateEnd = "by_principal"
    elif isinstance(state, Accepted | Over) and command.by == terms.agent:
        reason = "by_agent"
    else:
        raise refusals.no_such_mandate()
    if isinstance(state, Over):
        return []
    return [_ended(terms, reason, command.by, command.now, command.recorded_by)]


def _ended(
    terms: Terms, reason: MandateEnd, by: UUID | None, now: datetime, recorded_by: UUID | None = None
) -> MandateEnded:
    return MandateEnded(
        mandate=terms.mandate,
        principal=terms.principal,
        principal_name=terms.principal_name,
        agent=terms.agent,
        agent_name=terms.agent_name,
        reason=reason,
        by=by,
        ended_at=now,
        recorded_by=recorded_by,
    )


def evolve(state: State, event: Event) -> State:
    match state, event:
        case NotGiven(), MandateGiven():
            return Offered(
                Terms(
                    event.mandate,
                    event.principal,
                    event.principal_name,
                    event.agent,
                    event.agent_name,
                    event.matters,
                    event.until,
                )
            )
        case Offered(terms), MandateAddressed(id_number=number):
            return Offered(replace(terms, id_number=number))
        case Offered(terms), MandateAccepted(agent=agent, agent_name=name):
            return Accepted(replace(terms, agent=agent, agent_name=name))
        case Offered(terms), MandateDeclined(agent=agent):
            return Over(replace(terms, agent=agent), None)
        case Offered(terms) | Accepted(terms), MandateEnded(reason=reason):
            return Over(terms, reason)
        case _:
            return state


MANDATE: Aggregate[State, Command] = Aggregate("mandate", NotGiven(), decide, evolve)
