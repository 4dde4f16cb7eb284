"""A citizen's real-name account. It stands on an entry in the household register."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeGuard
from uuid import UUID

from services.identity.domain import person
from services.identity.domain.entry_fields import is_same_name
from services.identity.domain.events import InitialPasswordSet, PasswordSet
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import AccountRestored, CitizenRegistered
from shared.eventstore.aggregate import Aggregate
from shared.standards.id_number import IdNumber
from shared.standards.phone import MobileNumber


class NotInRegister(Refused):
    """Number and name do not belong together in the register; which of them is wrong is not told."""

    def __init__(self) -> None:
        super().__init__(
            "not_in_register",
            "所填姓名和公民身份号码与户口登记不符，请核对；确认无误的，请到派出所窗口办理。",
            "Name and ID number do not match the household register; please check them, or ask at a police station.",
        )


@dataclass(frozen=True, slots=True)
class NotOpened:
    """This person has no account."""


@dataclass(frozen=True, slots=True)
class Opened:
    citizen: UUID
    phone: MobileNumber
    password_hash: str
    password_set_at: datetime
    is_initial: bool = False  # the password: he must choose his own before he can do anything


State = NotOpened | Opened


@dataclass(frozen=True, slots=True)
class RegisterCitizen:
    """`entry` is what the household register says under this ID number; the rest is what was claimed."""

    entry: person.State
    name: str
    id_number: IdNumber
    phone: MobileNumber
    password_hash: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """The old password was proved."""

    password_hash: str
    now: datetime


@dataclass(frozen=True, slots=True)
class GivePassword:
    """His own is lost; he proved who he is at a window, and the department made this one-time password."""

    password_hash: str
    now: datetime


@dataclass(frozen=True, slots=True)
class NoteRestored:
    """The record of his death was withdrawn; who has no account is told nothing."""

    now: datetime


Command = RegisterCitizen | ChangePassword | GivePassword | NoteRestored


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case _, RegisterCitizen():
            return register(state, command)
        case Opened(), ChangePassword():
            return [PasswordSet(password_hash=command.password_hash, set_at=command.now)]
        case Opened(), GivePassword():
            return [InitialPasswordSet(password_hash=command.password_hash, set_at=command.now)]
        case Opened(), NoteRestored():
            return [AccountRestored(citizen=state.citizen, restored_at=command.now)]
        case NotOpened(), NoteRestored():
            return []
        case _:
            raise NotFound("no_account", "该账户不存在，请先注册。", "There is no such account; please register first.")


def register(state: State, command: RegisterCitizen) -> Sequence[Event]:
    entry = command.entry
    # First of all: who does not know the name may not learn either whether there is an account.
    if not is_of_register(entry, command.name, command.id_number):
        raise NotInRegister
    if isinstance(state, Opened):
        raise Refused(
            "already_registered",
            "您已注册，请直接登录。",
            "You have registered already; please sign in.",
        )
    return [
        CitizenRegistered(citizen=entry.person, name=entry.name, phone=command.phone, registered_at=command.now),
        PasswordSet(password_hash=command.password_hash, set_at=command.now),
    ]


def is_of_register(entry: person.State, name: str, id_number: IdNumber) -> TypeGuard[person.Entered]:
    """Whether the entry is of someone of this name and number."""
    return isinstance(entry, person.Entered) and entry.id_number == id_number and is_same_name(entry.name, name)


def evolve(state: State, event: Event) -> State:
    match state, event:
        case _, CitizenRegistered():
            return Opened(event.citizen, event.phone, "", event.registered_at)
        case Opened(), PasswordSet():
            return replace(state, password_hash=event.password_hash, password_set_at=event.set_at, is_initial=False)
        case Opened(), InitialPasswordSet():
            return replace(state, password_hash=event.password_hash, password_set_at=event.set_at, is_initial=True)
        case _:
            return state


ACCOUNT: Aggregate[State, Command] = Aggregate("account", NotOpened(), decide, evolve)
