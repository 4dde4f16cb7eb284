"""A person's entry in the household register (户籍)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.identity.domain.entry_fields import death_day, household_division, line, person_name
from services.identity.domain.guardians import NameGuardians, name_guardians, named
from services.identity.domain.today import today
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import (
    DeathRecordWithdrawn,
    GuardiansNamed,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
)
from shared.eventstore.aggregate import Aggregate
from shared.standards.id_number import IdNumber


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody was entered under this id."""


@dataclass(frozen=True, slots=True)
class Entered:
    """`edition` counts how often name and number were written."""

    person: UUID
    name: str
    id_number: IdNumber
    division: str  # 12 digits
    address: str  # within the division
    edition: int = 1
    guardians: tuple[UUID, ...] = ()  # persons


@dataclass(frozen=True, slots=True)
class Dead:
    """The entry is closed, as it stood."""

    entry: Entered
    died_on: date


State = Unknown | Entered | Dead


@dataclass(frozen=True, slots=True)
class EnterPerson:
    person: UUID
    name: str
    id_number: IdNumber
    division: str
    address: str
    now: datetime


@dataclass(frozen=True, slots=True)
class EnterNewborn:
    """`entry.person` is made for this birth alone; the guardians are the parents."""

    entry: EnterPerson
    guardians: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class CorrectPerson:
    """Name and ID number as they should have been all along, both told whole; `edition` is the one found wrong."""

    name: str
    id_number: IdNumber
    reason: str
    edition: int
    now: datetime


@dataclass(frozen=True, slots=True)
class MovePerson:
    division: str
    address: str
    now: datetime


@dataclass(frozen=True, slots=True)
class RecordDeath:
    died_on: date
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawDeath:
    """The record of the death was wrong; `basis` is the document that shows it."""

    reason: str
    basis: str
    now: datetime


Command = EnterPerson | EnterNewborn | NameGuardians | CorrectPerson | MovePerson | RecordDeath | WithdrawDeath


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case Unknown(), EnterPerson():
            return [enter(command)]
        case Unknown(), EnterNewborn():
            return [enter(command.entry), named(command.entry.person, command.guardians, command.entry.now)]
        case Entered() | Dead(), EnterPerson() | EnterNewborn():
            raise already_in_register()
        case Entered(), CorrectPerson():
            return correct(state, command)
        case Entered(), NameGuardians():
            return name_guardians(state.person, state.id_number, state.guardians, command)
        case Entered(), MovePerson():
            return move(state, command)
        case Entered(), RecordDeath():
            return record_death(state, command)
        case Dead(died_on=known), RecordDeath(died_on=told) if known == told:
            return []
        case Dead(), WithdrawDeath():
            return [withdraw_death(state, command)]
        case Entered(), WithdrawDeath():
            raise not_recorded_dead()
        case Dead(), _:
            raise entry_closed()
        case _:
            raise no_such_person()


def enter(command: EnterPerson) -> PersonRegistered:
    day = today(command.now)
    return PersonRegistered(
        person=command.person,
        name=person_name(command.name),
        id_number=IdNumber.parse(command.id_number, day),
        division=household_division(command.division),
        address=line("address", command.address),
        registered_on=day,
    )


def correct(entry: Entered, command: CorrectPerson) -> Sequence[Event]:
    name = person_name(command.name)
    id_number = IdNumber.parse(command.id_number, today(command.now))
    reason = line("reason", command.reason)
    if (name, id_number) == (entry.name, entry.id_number):
        return []
    if command.edition != entry.edition:  # the claim on the number counts on the very next edition (id_claim.py)
        raise Refused(
            "entry_changed",
            "该户口登记刚被他人更正，请刷新后再办理。",
            "Someone else has just corrected this entry; please look at it again first.",
        )
    return [
        PersonCorrected(person=entry.person, name=name, id_number=id_number, reason=reason, corrected_at=command.now)
    ]


def move(entry: Entered, command: MovePerson) -> Sequence[Event]:
    division = household_division(command.division)
    address = line("address", command.address)
    if (division, address) == (entry.division, entry.address):
        return []
    return [
        PersonMoved(
            person=entry.person,
            from_division=entry.division,
            division=division,
            address=address,
            moved_on=today(command.now),
        )
    ]


def record_death(entry: Entered, command: RecordDeath) -> Sequence[Event]:
    died_on = death_day(command.died_on, born=entry.id_number.birth_date, today=today(command.now))
    return [PersonDied(person=entry.person, died_on=died_on, recorded_at=command.now)]


def withdraw_death(dead: Dead, command: WithdrawDeath) -> DeathRecordWithdrawn:
    return DeathRecordWithdrawn(
        person=dead.entry.person,
        died_on=dead.died_on,
        reason=line("reason", command.reason),
        basis=line("basis", command.basis),
        withdrawn_at=command.now,
    )


def evolve(state: State, event: Event) -> State:
    match state, event:
        case _, PersonRegistered():
            return Entered(event.person, event.name, event.id_number, event.division, event.address)
        case Entered(), PersonCorrected():
            return replace(
                state,
                name=event.name,
                id_number=event.id_number,
                edition=state.edition + 1,
            )
        case Entered(), GuardiansNamed():
            return replace(state, guardians=event.guardians)
        case Entered(), PersonMoved():
            return replace(state, division=event.division, address=event.address)
        case Entered(), PersonDied():
            return Dead(state, event.died_on)
        case Dead(), DeathRecordWithdrawn():
            return state.entry
        case _:
            return state


PERSON: Aggregate[State, Command] = Aggregate("person", Unknown(), decide, evolve)


def already_in_register() -> Refused:
    return Refused(
        "already_in_register",
        "该公民身份号码已在户口登记中；如需更正或迁移，请办理相应业务。",
        "This ID number is in the household register already; correct or move that entry instead.",
    )


def no_such_person() -> NotFound:
    return NotFound(
        "no_such_person",
        "户口登记中没有这个人，请核对后重试。",
        "There is no such person in the household register; please check and try again.",
    )


def entry_closed() -> Refused:
    return Refused(
        "entry_closed",
        "此人的户口登记已因死亡注销，不能再更改；死亡登记有误的，请先办理撤销死亡登记。",
        "This entry was closed by a death and cannot be changed; if that is an error, have the record of the death "
        "withdrawn first.",
    )


def not_recorded_dead() -> Refused:
    return Refused(
        "not_recorded_dead",
        "此人没有死亡登记，无需撤销；请刷新后核对。",
        "No death of this person is on record, so there is nothing to withdraw; please reload and check.",
    )
