"""A member of staff: appointed to roles within a division, dismissed once and for all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity.domain.entry_fields import person_name, wrong_field
from services.identity.domain.events import InitialPasswordSet, PasswordSet, StaffLoginGiven
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.eventstore.aggregate import Aggregate
from shared.standards import divisions
from shared.standards.divisions import WHOLE_COUNTRY

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,39}")


@dataclass(frozen=True, slots=True)
class NotAppointed:
    """Nobody has this staff id."""


@dataclass(frozen=True, slots=True)
class Serving:
    staff: UUID
    name: str
    roles: frozenset[Role]
    division: str
    login: str
    password_hash: str
    password_set_at: datetime
    is_initial: bool = False  # the password: he must choose his own before he can do anything


@dataclass(frozen=True, slots=True)
class Dismissed:
    """His login stays his: whoever bore it in history is not to be taken for another."""

    division: str


State = NotAppointed | Serving | Dismissed


@dataclass(frozen=True, slots=True)
class AppointStaff:
    """`staff` follows from `login`, so a login cannot be given twice."""

    staff: UUID
    name: str
    login: str
    roles: frozenset[Role]
    division: str
    password_hash: str
    now: datetime
    is_initial: bool = False  # the password was made by the department


@dataclass(frozen=True, slots=True)
class DismissStaff:
    by: UUID  # the administrator
    now: datetime


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """The old password was proved."""

    password_hash: str
    now: datetime


@dataclass(frozen=True, slots=True)
class GivePassword:
    """His own is lost; this one-time password was made by the department."""

    by: UUID  # the administrator
    password_hash: str
    now: datetime


Command = AppointStaff | DismissStaff | ChangePassword | GivePassword


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case NotAppointed(), AppointStaff():
            return appoint(command)
        case _, AppointStaff():
            raise login_taken()
        case Serving(), DismissStaff() if command.by == state.staff:
            raise Refused(
                "not_oneself",
                "不能免去本人职务，请由其他管理员办理。",
                "You cannot dismiss yourself; please ask another administrator.",
            )
        case Serving(), DismissStaff():
            return [StaffDismissed(staff=state.staff, dismissed_at=command.now)]
        case Dismissed(), DismissStaff():
            return []
        case Serving(), ChangePassword():
            return [PasswordSet(password_hash=command.password_hash, set_at=command.now)]
        case Serving(), GivePassword() if (
            command.by == state.staff
        ):  # or a stolen token would be enough to get in for good
            raise Refused(
                "not_oneself",
                "不能为本人重置密码，请凭现有密码修改。",
                "You cannot be given a new password by yourself; please change it by the one you have.",
            )
        case Serving(), GivePassword():
            return [InitialPasswordSet(password_hash=command.password_hash, set_at=command.now)]
        case _:
            raise no_such_staff()


def appoint(command: AppointStaff) -> Sequence[Event]:
    if not command.roles:
        raise wrong_field("roles", "请至少选择一个角色。", "Please choose at least one role.")
    made = InitialPasswordSet if command.is_initial else PasswordSet
    return [
        StaffAppointed(
            staff=command.staff,
            name=person_name(command.name),
            roles=command.roles,
            division=serving_division(command.division),
            appointed_at=command.now,
        ),
        StaffLoginGiven(login=login_name(command.login)),
        made(password_hash=command.password_hash, set_at=command.now),
    ]


def login_name(text: str) -> str:
    """Raises Invalid unless it is 3 to 40 lower-case letters, digits, dots, dashes or underscores."""
    login = text.strip().lower()
    if not LOGIN.fullmatch(login):
        raise wrong_field(
            "login",
            "登录名应为3至40个小写字母、数字或 . _ -，以字母开头。",
            "A login is 3 to 40 lower-case letters, digits or . _ -, and begins with a letter.",
        )
    return login


def serving_division(code: str) -> str:
    """12 digits; the whole country is 000000000000. Raises NotValid "unknown_division"."""
    return code if code == WHOLE_COUNTRY else divisions.get(code).code


def evolve(state: State, event: Event) -> State:
    match state, event:
        case _, StaffAppointed():
            return Serving(event.staff, event.name, event.roles, event.division, "", "", event.appointed_at)
        case Serving(), StaffLoginGiven():
            return replace(state, login=event.login)
        case Serving(), PasswordSet():
            return replace(state, password_hash=event.password_hash, password_set_at=event.set_at, is_initial=False)
        case Serving(), InitialPasswordSet():
            return replace(state, password_hash=event.password_hash, password_set_at=event.set_at, is_initial=True)
        case Serving(), StaffDismissed():
            return Dismissed(state.division)
        case _:
            return state


STAFF: Aggregate[State, Command] = Aggregate("staff", NotAppointed(), decide, evolve)


def login_taken() -> Refused:
    return Refused(
        "login_taken",
        "该登录名已被使用，请换一个登录名。",
        "This login is taken; please choose another.",
    )


def no_such_staff() -> NotFound:
    return NotFound(
        "no_such_staff",
        "没有这位经办人员，请核对后重试。",
        "There is no such member of staff; please check and try again.",
    )
