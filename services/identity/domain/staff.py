"""A login of staff: appointed to roles within a division, moved to others, dismissed once and for all.

Which person bears it, and what they serve as under other logins, is decided in `officer.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity.domain.entry_fields import wrong_field
from services.identity.domain.events import InitialPasswordSet, PasswordSet, StaffLoginGiven, StaffPersonNamed
from services.identity.domain.officer import not_oneself
from services.identity.domain.password import check_proved
from shared.contracts.errors import NotFound, Refused
from shared.contracts.event import Event
from shared.contracts.identity import Role, StaffAppointed, StaffDismissed
from shared.eventstore.aggregate import Aggregate
from shared.standards import divisions
from shared.standards.divisions import WHOLE_COUNTRY
from shared.standards.name_spelling import spelt
from shared.standards.person_name import person_name

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
    is_initial: bool = False  # the password: they must choose their own before they can do anything
    department: str | None = None  # whose operations an operator runs
    person: UUID | None = None  # of the register, where they have a verified account
    officer: UUID | None = None  # the person, by a pseudonym; None: appointed before persons were named
    appointed_at: datetime | None = None  # first of all

    @property
    def is_first_password(self) -> bool:
        """Whether it is the one-time password of the appointment, which whoever appointed them may have chosen."""
        return self.is_initial and self.password_set_at == self.appointed_at


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The login stays theirs: whoever bore it in history is not to be taken for another."""

    division: str
    officer: UUID | None = None


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
    department: str | None = None
    person: UUID | None = None
    officer: UUID | None = None


@dataclass(frozen=True, slots=True)
class MoveStaff:
    """Other roles, another division or department from now on, all told whole, in one act."""

    roles: frozenset[Role]
    division: str
    department: str | None
    person: UUID | None
    officer: UUID
    by: UUID  # the administrator
    now: datetime


@dataclass(frozen=True, slots=True)
class NamePerson:
    """Who bears the login; said of one that was given before persons were named."""

    officer: UUID


@dataclass(frozen=True, slots=True)
class DismissStaff:
    by: UUID  # the administrator
    now: datetime
    by_officer: UUID | None = None  # the administrator as a person


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """`proved` is the hash of the old password that was proved: each is proved once."""

    password_hash: str
    now: datetime
    proved: str | None = None


@dataclass(frozen=True, slots=True)
class GivePassword:
    """Their own is lost; this one-time password was made by the department."""

    by: UUID  # the administrator
    password_hash: str
    now: datetime
    by_officer: UUID | None = None  # the administrator as a person


Command = AppointStaff | MoveStaff | NamePerson | DismissStaff | ChangePassword | GivePassword


def decide(state: State, command: Command) -> Sequence[Event]:
    match state, command:
        case NotAppointed(), AppointStaff():
            return appoint(command)
        case _, AppointStaff():
            raise login_taken()
        case Serving(), MoveStaff():
            return move(state, command)
        case Serving(), NamePerson():
            return [] if state.officer else [StaffPersonNamed(officer=command.officer)]
        case Serving(), (DismissStaff() | GivePassword()) if _is_same_person(state, command):
            raise not_oneself()  # of a password: or a stolen token would be enough to get in for good
        case Serving(), DismissStaff():
            return [StaffDismissed(staff=state.staff, dismissed_at=command.now)]
        case Dismissed(), DismissStaff():
            return []
        case Dismissed(), MoveStaff():
            raise serves_no_longer()
        case Serving(), ChangePassword():
            check_proved(command.proved, state.password_hash)
            return [PasswordSet(password_hash=command.password_hash, set_at=command.now)]
        case Serving(), GivePassword():
            return [InitialPasswordSet(password_hash=command.password_hash, set_at=command.now)]
        case _:
            raise no_such_staff()


def appoint(command: AppointStaff) -> Sequence[Event]:
    if not command.roles:
        raise no_role()
    made = InitialPasswordSet if command.is_initial else PasswordSet
    return [
        StaffAppointed(
            staff=command.staff,
            name=person_name(command.name),
            roles=command.roles,
            division=serving_division(command.division),
            appointed_at=command.now,
            department=command.department,
            person=command.person,
        ),
        StaffLoginGiven(login=login_name(command.login)),
        *([StaffPersonNamed(officer=command.officer)] if command.officer else []),
        made(password_hash=command.password_hash, set_at=command.now),
    ]


def move(state: Serving, command: MoveStaff) -> Sequence[Event]:
    if command.by == state.staff:
        raise not_oneself()
    if state.officer not in (None, command.officer):
        raise another_person()
    if not command.roles:
        raise no_role()
    division = serving_division(command.division)
    before = (state.roles, state.division, state.department, state.person)
    if before == (command.roles, division, command.department, command.person):
        return decide(state, NamePerson(command.officer))
    moved = StaffAppointed(
        staff=state.staff,
        name=state.name,
        roles=command.roles,
        division=division,
        appointed_at=command.now,
        department=command.department,
        person=command.person,
    )
    return [moved, *decide(state, NamePerson(command.officer))]


def _is_same_person(state: Serving, command: DismissStaff | GivePassword) -> bool:
    return command.by == state.staff or (state.officer is not None and command.by_officer == state.officer)


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
        case Serving(), StaffAppointed():
            return replace(
                state, roles=event.roles, division=event.division, department=event.department, person=event.person
            )
        case _, StaffAppointed():
            return Serving(
                event.staff,
                spelt(event.name),
                event.roles,
                event.division,
                "",
                "",
                event.appointed_at,
                department=event.department,
                person=event.person,
                appointed_at=event.appointed_at,
            )
        case Serving(), StaffPersonNamed():
            return replace(state, officer=event.officer)
        case Serving(), StaffLoginGiven():
            return replace(state, login=event.login)
        case Serving(), PasswordSet():
            return replace(state, password_hash=event.password_hash, password_set_at=event.set_at, is_initial=False)
        case Serving(), InitialPasswordSet():
            return replace(state, password_hash=event.password_hash, password_set_at=event.set_at, is_initial=True)
        case Serving(), StaffDismissed():
            return Dismissed(state.division, state.officer)
        case _:
            return state


STAFF: Aggregate[State, Command] = Aggregate("staff", NotAppointed(), decide, evolve)


def no_role() -> Refused:
    return wrong_field("roles", "请至少选择一个角色。", "Please choose at least one role.")


def another_person() -> Refused:
    return Refused(
        "another_person",
        "该登录名属于另一人，请核对公民身份号码；如要任命此人，请使用新的登录名。",
        "This login is another person's; please check the ID number, or appoint this person under a new login.",
    )


def serves_no_longer() -> Refused:
    return Refused(
        "serves_no_longer",
        "此人已免职，原登录名不再使用；如需重新任命，请使用新的登录名。",
        "They were dismissed and this login is used no more; to appoint them again, please give a new login.",
    )


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
