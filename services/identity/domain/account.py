"""A person's verified account. It stands on an entry in the household register and on a proof of identity."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard
from uuid import UUID

from services.identity.domain import person
from services.identity.domain.events import InitialPasswordSet, PasswordSet, VerifiedAtCounter, VerifiedByProvider
from services.identity.domain.password import check_proved
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import AccountPhoneChanged, AccountRestored, CitizenRegistered
from shared.eventstore.aggregate import Aggregate
from shared.standards.id_number import IdNumber
from shared.standards.person_name import is_same_name
from shared.standards.phone import MobileNumber
from shared.standards.text import Text


class NotInRegister(Refused):
    """Who somebody proved to be is not in the register under this name and number. Told to nobody else."""

    def __init__(self) -> None:
        super().__init__(
            "not_in_register",
            "核验的姓名和公民身份号码与户口登记不符，请到派出所窗口核对户口登记。",
            "The name and ID number that were proved do not match the household register; please ask at a police "
            "station.",
        )


@dataclass(frozen=True, slots=True)
class NotOpened:
    """This person has no account."""


@dataclass(frozen=True, slots=True)
class AtCounter:
    """An officer (`by`) saw the person and this document."""

    by: UUID
    document: str


@dataclass(frozen=True, slots=True)
class ByProvider:
    """`assertion` is what the provider signed, by its `jti`."""

    provider: str
    title: Text
    is_stand_in: bool
    method: str
    assertion: str


Proof = AtCounter | ByProvider


@dataclass(frozen=True, slots=True)
class Opened:
    citizen: UUID
    phone: MobileNumber
    password_hash: str
    password_set_at: datetime
    is_initial: bool = False  # the password: its owner must choose another before they can do anything
    proof: Proof | None = None  # the latest; None: from before proofs were kept


State = NotOpened | Opened


@dataclass(frozen=True, slots=True)
class VerifyCitizen:
    """`entry` is what the household register says under this ID number; name and number are what was proved.

    Phone and password are those of the account that proved the phone.
    """

    entry: person.State
    name: str
    id_number: IdNumber
    phone: MobileNumber
    password_hash: str
    proof: Proof
    now: datetime


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """`proved` is the hash of the old password that was proved: each is proved once."""

    password_hash: str
    now: datetime
    proved: str | None = None


@dataclass(frozen=True, slots=True)
class GivePassword:
    """His own is lost; he proved who he is at a window, and the department made this one-time password."""

    password_hash: str
    now: datetime


@dataclass(frozen=True, slots=True)
class NoteRestored:
    """The record of his death was withdrawn; who has no account is told nothing."""

    now: datetime


Command = VerifyCitizen | ChangePassword | GivePassword | NoteRestored


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case _, VerifyCitizen():
            return verify(state, command)
        case Opened(), ChangePassword():
            check_proved(command.proved, state.password_hash)
            return [PasswordSet(password_hash=command.password_hash, set_at=command.now)]
        case Opened(), GivePassword():
            return [InitialPasswordSet(password_hash=command.password_hash, set_at=command.now)]
        case Opened(), NoteRestored():
            return [AccountRestored(citizen=state.citizen, restored_at=command.now)]
        case NotOpened(), NoteRestored():
            return []
        case _:
            raise NotFound("no_account", "该账户不存在，请先注册。", "There is no such account; please register first.")


def verify(state: State, command: VerifyCitizen) -> Sequence[Event]:
    """The account that was proved takes the place of the one before: its phone and its password are the person's."""
    entry = command.entry
    if not is_of_register(entry, command.name, command.id_number):
        raise NotInRegister
    first: list[Event] = []
    if not isinstance(state, Opened):
        first = [
            CitizenRegistered(citizen=entry.person, name=entry.name, phone=command.phone, registered_at=command.now)
        ]
    elif state.phone != command.phone:
        first = [AccountPhoneChanged(citizen=entry.person, phone=command.phone, changed_at=command.now)]
    return [
        *first,
        _verified(entry.person, command.proof, command.now),
        PasswordSet(password_hash=command.password_hash, set_at=command.now),
    ]


def _verified(citizen: UUID, proof: Proof, now: datetime) -> Event:
    match proof:
        case AtCounter():
            return VerifiedAtCounter(citizen=citizen, by=proof.by, document=proof.document, verified_at=now)
        case ByProvider():
            return VerifiedByProvider(
                citizen=citizen,
                provider=proof.provider,
                provider_title_zh=proof.title.zh,
                provider_title_en=proof.title.en,
                is_stand_in=proof.is_stand_in,
                method=proof.method,
                assertion=proof.assertion,
                verified_at=now,
            )


def is_of_register(entry: person.State, name: str, id_number: IdNumber) -> TypeGuard[person.Entered]:
    """Whether the entry is of someone of this name and number."""
    return isinstance(entry, person.Entered) and entry.id_number == id_number and is_same_name(entry.name, name)


def evolve(state: State, event: Event) -> State:
    match state, event:
        case _, CitizenRegistered():
            return Opened(event.citizen, event.phone, "", event.registered_at)
        case Opened(), AccountPhoneChanged():
            return replace(state, phone=event.phone)
        case Opened(), VerifiedAtCounter():
            return replace(state, proof=AtCounter(event.by, event.document))
        case Opened(), VerifiedByProvider():
            title = Text(event.provider_title_zh, event.provider_title_en)
            by = ByProvider(event.provider, title, event.is_stand_in, event.method, event.assertion)
            return replace(state, proof=by)
        case Opened(), PasswordSet():
            return replace(state, password_hash=event.password_hash, password_set_at=event.set_at, is_initial=False)
        case Opened(), InitialPasswordSet():
            return replace(state, password_hash=event.password_hash, password_set_at=event.set_at, is_initial=True)
        case _:
            return state


ACCOUNT: Aggregate[State, Command] = Aggregate("account", NotOpened(), decide, evolve)
