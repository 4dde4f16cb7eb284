"""A person's entry in the household register (户籍)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.identity.domain.annulment import (
    ConfirmAnnulment,
    EndAnnulmentProposal,
    ProposeAnnulment,
    confirm_annulment,
    end_proposal,
    proposal_of,
    propose_annulment,
)
from services.identity.domain.entry_fields import death_day, household_division, line
from services.identity.domain.events import AnnulmentProposalEnded, AnnulmentProposed
from services.identity.domain.guardians import NameGuardians, name_guardians, named
from services.identity.domain.household_place import NOT_KNOWN, HouseholdPlace, place_of, recorded
from services.identity.domain.today import today
from services.identity.domain.two_officers import Proposal
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import (
    BirthRecorded,
    DeathRecordWithdrawn,
    EntryAnnulled,
    GuardiansNamed,
    HouseholdRecorded,
    PersonCorrected,
    PersonDied,
    PersonMoved,
    PersonRegistered,
)
from shared.eventstore.aggregate import Aggregate
from shared.standards.id_number import IdNumber
from shared.standards.name_spelling import spelt
from shared.standards.person_name import person_name


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody was entered under this id."""


@dataclass(frozen=True, slots=True)
class Entered:
    """`edition` counts how often name and number were written.

    `annulment` is what an officer proposes of the entry as it stands; any change of the entry ends that.
    """

    person: UUID
    name: str  # in its one spelling, however an earlier release wrote it
    id_number: IdNumber
    division: str  # 12 digits
    address: str  # within the division
    edition: int = 1
    guardians: tuple[UUID, ...] = ()  # persons
    household: HouseholdPlace = NOT_KNOWN
    annulment: Proposal[str] | None = None  # of what basis
    registered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Dead:
    """The entry is closed, as it stood."""

    entry: Entered
    died_on: date


@dataclass(frozen=True, slots=True)
class Annulled:
    """The entry should never have been made: to everybody but registrars nobody of this id was ever there."""

    entry: Entered
    annulled_at: datetime
    reason: str
    basis: str


State = Unknown | Entered | Dead | Annulled


@dataclass(frozen=True, slots=True)
class EnterPerson:
    person: UUID
    name: str
    id_number: IdNumber
    division: str
    address: str
    now: datetime
    household: HouseholdPlace = NOT_KNOWN


@dataclass(frozen=True, slots=True)
class OfBirth:
    """Whose child somebody is, and by what birth."""

    mother: UUID
    father: UUID | None
    born_on: date
    order: str
    certificate: str
    case: UUID | None = None


@dataclass(frozen=True, slots=True)
class EnterNewborn:
    """`entry.person` is made for this birth alone; the guardians are the parents who live.

    `died_on`: before it was registered; birth and death are entered together (户口登记条例 Art. 9).
    """

    entry: EnterPerson
    guardians: tuple[UUID, ...]
    birth: OfBirth
    died_on: date | None = None


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
    """`household`: of the place moved to."""

    division: str
    address: str
    now: datetime
    household: HouseholdPlace = NOT_KNOWN


@dataclass(frozen=True, slots=True)
class RecordHousehold:
    """Told whole."""

    household: HouseholdPlace
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


OfAnnulment = ProposeAnnulment | ConfirmAnnulment | EndAnnulmentProposal
Command = (
    EnterPerson
    | EnterNewborn
    | NameGuardians
    | CorrectPerson
    | MovePerson
    | RecordHousehold
    | RecordDeath
    | WithdrawDeath
    | OfAnnulment
)


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case Unknown(), EnterPerson():
            return enter(command)
        case Unknown(), EnterNewborn():
            return enter_newborn(command)
        case Entered() | Dead(), EnterPerson() | EnterNewborn():
            raise already_in_register()
        case Annulled(), EnterPerson() | EnterNewborn():
            raise number_annulled()
        case Entered() | Dead(), ProposeAnnulment() | ConfirmAnnulment() | EndAnnulmentProposal():
            return of_annulment(state, command)
        case Annulled(), ConfirmAnnulment():
            return []
        case Annulled(), _:
            raise entry_annulled()
        case Entered(), CorrectPerson():
            return correct(state, command)
        case Entered(), NameGuardians():
            return name_guardians(state.person, state.id_number, state.guardians, command)
        case Entered(), MovePerson():
            return move(state, command)
        case Entered(), RecordHousehold():
            return recorded(state.person, state.household, command.household, command.now)
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


def enter(command: EnterPerson) -> Sequence[Event]:
    day = today(command.now)
    registered = PersonRegistered(
        person=command.person,
        name=person_name(command.name),
        id_number=IdNumber.parse(command.id_number, day),
        division=household_division(command.division),
        address=line("address", command.address),
        registered_on=day,
    )
    return [registered, *recorded(command.person, NOT_KNOWN, command.household, command.now)]


def enter_newborn(command: EnterNewborn) -> Sequence[Event]:
    entry, birth = command.entry, command.birth
    events = [
        *enter(entry),
        named(entry.person, command.guardians, entry.now),
        BirthRecorded(
            person=entry.person,
            mother=birth.mother,
            father=birth.father,
            born_on=birth.born_on,
            order=birth.order,
            birth_certificate=birth.certificate,
            division=household_division(entry.division),
            case=birth.case,
            recorded_at=entry.now,
        ),
    ]
    if command.died_on:
        died_on = death_day(command.died_on, born=birth.born_on, today=today(entry.now))
        events.append(PersonDied(person=entry.person, died_on=died_on, recorded_at=entry.now))
    return events


def of_annulment(state: Entered | Dead, command: OfAnnulment) -> Sequence[Event]:
    entry = entry_of(state)
    match command:
        case ProposeAnnulment():
            return propose_annulment(entry.person, entry.annulment, command)
        case ConfirmAnnulment():
            return confirm_annulment(entry.person, entry.annulment, command)
        case EndAnnulmentProposal():
            return end_proposal(entry.person, entry.annulment, command)


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
    moved = PersonMoved(
        person=entry.person,
        from_division=entry.division,
        division=division,
        address=address,
        moved_on=today(command.now),
    )
    return [moved, *recorded(entry.person, NOT_KNOWN, command.household, command.now)]


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
            return Entered(
                event.person,
                spelt(event.name),
                event.id_number,
                event.division,
                event.address,
                registered_on=event.registered_on,
            )
        case Entered() | Dead(), AnnulmentProposed() | AnnulmentProposalEnded():
            return _with_proposal(state, proposal_of(event))
        case Entered() | Dead(), EntryAnnulled():
            return Annulled(entry_of(state), event.annulled_at, event.reason, event.basis)
        case Entered(), _:
            changed = _changed(state, event)
            return state if changed is None else _with_proposal(changed, None)
        case Dead(), DeathRecordWithdrawn():
            return replace(state.entry, annulment=None)
        case _:
            return state


def _changed(entry: Entered, event: Event) -> Entered | Dead | None:
    """None: the event changes nothing of it."""
    match event:
        case PersonCorrected():
            return replace(entry, name=spelt(event.name), id_number=event.id_number, edition=entry.edition + 1)
        case GuardiansNamed():
            return replace(entry, guardians=event.guardians)
        case HouseholdRecorded():
            return replace(entry, household=place_of(event))
        case PersonMoved():
            return replace(entry, division=event.division, address=event.address, household=NOT_KNOWN)
        case PersonDied():
            return Dead(entry, event.died_on)
        case _:
            return None


def _with_proposal(state: Entered | Dead, proposal: Proposal[str] | None) -> Entered | Dead:
    if isinstance(state, Dead):
        return replace(state, entry=replace(state.entry, annulment=proposal))
    return replace(state, annulment=proposal)


def entry_of(state: Entered | Dead | Annulled) -> Entered:
    return state if isinstance(state, Entered) else state.entry


PERSON: Aggregate[State, Command] = Aggregate("person", Unknown(), decide, evolve)


def already_in_register() -> Refused:
    return Refused(
        "already_in_register",
        "该公民身份号码已在户口登记中；如需更正或迁移，请办理相应业务。",
        "This ID number is in the household register already; correct or move that entry instead.",
    )


def number_annulled() -> Refused:
    return Refused(
        "number_annulled",
        "该公民身份号码曾用于一项已撤销的登记，不再使用；请核对号码，确属本人的，请报上级户政部门处理。",
        "This ID number belonged to an entry that was annulled and is never given again; please check it, and if it is "
        "right, report it to the register's superior office.",
    )


def entry_annulled() -> Refused:
    return Refused(
        "entry_annulled",
        "此项户口登记已撤销，不能再办理业务；确有其人的，请重新登记。",
        "This entry was annulled and nothing can be done with it; if there is such a person, enter them anew.",
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
