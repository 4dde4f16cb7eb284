"""Appoints, moves and dismisses staff: each login is one stream, each person another, and both must agree.

What a person is to serve as is entered with the person first, then with the login. A crash in between leaves a post
that nobody serves in; whoever repeats the request goes on from there.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity.domain.account import ACCOUNT, Opened
from services.identity.domain.appointing_rules import AppointingRules, Post
from services.identity.domain.entry_fields import is_same_name, person_name
from services.identity.domain.officer import OFFICER, EndPost, GivePost
from services.identity.domain.person import Entered
from services.identity.domain.staff import (
    STAFF,
    AppointStaff,
    Dismissed,
    DismissStaff,
    MoveStaff,
    NotAppointed,
    Serving,
    State,
    login_name,
    no_such_staff,
    serves_no_longer,
)
from services.identity.household import Household
from shared.contracts.errors import Invalid, Refused
from shared.contracts.identity import Role
from shared.department.caller import outside_division
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store
from shared.standards.divisions import is_within
from shared.standards.id_number import IdNumber
from shared.standards.text import Text


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who appoints, by their token."""

    staff: UUID
    area: str  # 12 digits


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody is to serve as."""

    roles: frozenset[Role]
    division: str
    department: str | None = None


@dataclass(frozen=True, slots=True)
class NewStaff:
    login: str
    name: str
    id_number: IdNumber
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Password:
    hash: str
    is_initial: bool  # made by the department


@dataclass(frozen=True, slots=True)
class Appointments:
    household: Household
    rules: AppointingRules

    @property
    def store(self) -> Store:
        return self.household.store

    async def check(self, by: Administrator, new: NewStaff) -> None:
        """Raises what `appoint` would, but for what the person serves as already."""
        await self._person(by, _post(self.household.pseudonyms.staff(login_name(new.login)), new.wanted), new)

    async def appoint(
        self, by: Administrator, new: NewStaff, password: Password, now: datetime, context: Context
    ) -> Done[State]:
        """Raises NotAllowed, Invalid, NotValid, and Refused when rules or the login say no."""
        login = login_name(new.login)
        staff, officer = self.household.pseudonyms.staff(login), self.household.pseudonyms.officer(new.id_number)
        post = _post(staff, new.wanted)
        command = AppointStaff(
            staff,
            person_name(new.name),
            login,
            post.roles,
            post.division,
            password.hash,
            now,
            password.is_initial,
            post.department,
            await self._person(by, post, new),
            officer,
        )
        state = (await self.store.load(STAFF.stream(staff), STAFF)).state
        if isinstance(state, NotAppointed):
            STAFF.decide(state, command)  # what is refused gives no post
            await self._give(officer, post, by.staff, now, context)
        try:
            return await self.store.execute(STAFF.stream(staff), STAFF, command, context)
        except Refused:
            await self._release(staff, officer, now)
            raise

    async def move(
        self, by: Administrator, id: UUID, wanted: Wanted, number: IdNumber | None, now: datetime, context: Context
    ) -> Done[State]:
        """`number` tells the person where none was named. Raises NotFound, NotAllowed, Invalid, NotValid, Refused."""
        state = await self.within_power(by, id)
        if not isinstance(state, Serving):
            raise serves_no_longer()
        officer = self._officer(state, number)
        post = _post(id, wanted)
        self._check_power(by, post)
        person = await self._verified(state.name, number) if number else state.person
        self.rules.check_post(post, is_verified=person is not None)
        command = MoveStaff(post.roles, post.division, post.department, person, officer, by.staff, now)
        STAFF.decide(state, command)  # what is refused gives no post
        await self._give(officer, post, by.staff, now, context)
        return await self.store.execute(STAFF.stream(id), STAFF, command, context)

    async def dismiss(self, by: Administrator, id: UUID, now: datetime, context: Context) -> Done[State]:
        """Raises NotFound, NotAllowed, and Refused for oneself. Dismissing again says nothing."""
        await self.within_power(by, id)
        command = DismissStaff(by.staff, now, await self.officer_of(by.staff))
        done = await self.store.execute(STAFF.stream(id), STAFF, command, context)
        if isinstance(done.state, Dismissed) and done.state.officer:
            await self._end(done.state.officer, id, now)
        return done

    async def within_power(self, by: Administrator, id: UUID) -> Serving | Dismissed:
        """Raises NotFound, and NotAllowed for somebody whom the administrator could not appoint."""
        state = (await self.store.load(STAFF.stream(id), STAFF)).state
        if isinstance(state, NotAppointed):
            raise no_such_staff()
        if not is_within(state.division, by.area):
            raise outside_division()
        if isinstance(state, Serving):
            self.rules.check_power(by.area, state.roles)
        return state

    async def officer_of(self, staff: UUID) -> UUID | None:
        """The person who bears a login; None where nobody said."""
        state = (await self.store.load(STAFF.stream(staff), STAFF)).state
        return None if isinstance(state, NotAppointed) else state.officer

    def _officer(self, state: Serving, number: IdNumber | None) -> UUID:
        if number is not None:
            return self.household.pseudonyms.officer(number)
        if state.officer is None:
            raise person_unknown()
        return state.officer

    def _check_power(self, by: Administrator, post: Post) -> None:
        if not is_within(post.division, by.area):
            raise outside_division()
        self.rules.check_power(by.area, post.roles)

    async def _person(self, by: Administrator, post: Post, new: NewStaff) -> UUID | None:
        """The person of the register, when they have a verified account. Raises what the rules say."""
        self._check_power(by, post)
        person = await self._verified(new.name, new.id_number)
        self.rules.check_post(post, is_verified=person is not None)
        return person

    async def _verified(self, name: str, number: IdNumber) -> UUID | None:
        id, entry = await self.household.find(number)
        if not isinstance(entry, Entered) or not is_same_name(entry.name, name):
            return None
        account = (await self.store.load(ACCOUNT.stream(id), ACCOUNT)).state
        return id if isinstance(account, Opened) else None

    async def _give(self, officer: UUID, post: Post, by: UUID, now: datetime, context: Context) -> None:
        """Once posts are over whose end a crash kept from being entered."""
        stream = OFFICER.stream(officer)
        for other in (await self.store.load(stream, OFFICER)).state.posts:
            login = (await self.store.load(STAFF.stream(other), STAFF)).state
            if isinstance(login, Dismissed):
                await self._end(officer, other, now)
        command = GivePost(post, by, self.rules, now)
        await self.store.execute(stream, OFFICER, command, replace(context, key=None))

    async def _release(self, staff: UUID, officer: UUID, now: datetime) -> None:
        """A post that was given for a login that proved to be another's."""
        state = (await self.store.load(STAFF.stream(staff), STAFF)).state
        if isinstance(state, NotAppointed) or state.officer != officer:
            await self._end(officer, staff, now)

    async def _end(self, officer: UUID, staff: UUID, now: datetime) -> None:
        await self.store.execute(OFFICER.stream(officer), OFFICER, EndPost(staff, now), Context())


def _post(staff: UUID, wanted: Wanted) -> Post:
    return Post(staff, wanted.roles, wanted.division, wanted.department)


def serves_so(serving: State, new: NewStaff, officer: UUID) -> bool:
    """Whether this very person serves as wanted already; a person who was never named counts as the same."""
    if not isinstance(serving, Serving) or serving.officer not in (None, officer):
        return False
    is_same_post = Wanted(serving.roles, serving.division, serving.department) == new.wanted
    return is_same_post and serving.name == person_name(new.name)


def person_unknown() -> Invalid:
    text = Text(
        "此人任命时未登记公民身份号码，请一并填写其公民身份号码。",
        "Nobody said who this person is when they were appointed; please give their ID number.",
    )
    return Invalid("wrong_id_number", text.zh, text.en, fields={"id_number": text})
