"""Appoints, moves and dismisses staff: each login is one stream, each person another, and both must agree.

What a person is to serve as is entered with the person first, then with the login. A crash in between leaves a post
that nobody serves in; whoever repeats the request goes on from there.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.identity.domain.account import ACCOUNT, Opened
from services.identity.domain.appointing_rules import AppointingRules, Post
from services.identity.domain.officer import OFFICER, EndPost, GivePost
from services.identity.domain.person import Entered, Unknown
from services.identity.domain.staff import (
    STAFF,
    AppointStaff,
    Dismissed,
    DismissStaff,
    MoveStaff,
    NotAppointed,
    Serving,
    State,
    another_person,
    login_name,
    login_taken,
    no_such_staff,
    serves_no_longer,
)
from services.identity.domain.today import today, years_old
from services.identity.household import Household
from services.identity.trying import RefusedAppointments
from shared.contracts.errors import Invalid, Refused
from shared.contracts.identity import Role
from shared.department.caller import outside_division
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store, repeated
from shared.standards.divisions import is_within
from shared.standards.id_number import IdNumber
from shared.standards.person_name import is_same_name, person_name
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
    is_initial: bool  # one-time: made by the department, or known to who appoints


@dataclass(frozen=True, slots=True)
class Appointments:
    household: Household
    rules: AppointingRules
    refused: RefusedAppointments

    @property
    def store(self) -> Store:
        return self.household.store

    async def check(self, by: Administrator, new: NewStaff, now: datetime, context: Context) -> None:
        """Raises what `appoint` would, but for what the person serves as already."""
        login = login_name(new.login)
        post = _post(self.household.pseudonyms.staff(login), new.wanted)
        self._check_power(by, post)
        loaded = await self.store.load(STAFF.stream(post.staff), STAFF)
        if repeated(loaded, context):
            return
        if not isinstance(loaded.state, NotAppointed):
            raise login_taken()  # before anything of the person is looked at
        self.rules.check_post(post)
        async with self.refused.counted(by.staff, now):
            await self._of_register(post, new.name, new.id_number, now)

    async def appoint(
        self, by: Administrator, new: NewStaff, password: Password, now: datetime, context: Context
    ) -> Done[State]:
        """Raises NotAllowed, Invalid, NotValid, Refused when rules or the login say no, TooMany after many refusals."""
        login = login_name(new.login)
        staff, officer = self.household.pseudonyms.staff(login), self.household.pseudonyms.officer(new.id_number)
        post = _post(staff, new.wanted)
        self._check_power(by, post)
        loaded = await self.store.load(STAFF.stream(staff), STAFF)
        if repeat := repeated(loaded, context):
            return repeat
        if not isinstance(loaded.state, NotAppointed):
            raise login_taken()
        self.rules.check_post(post)
        name = person_name(new.name)
        async with self.refused.counted(by.staff, now):
            person = await self._of_register(post, name, new.id_number, now)
            command = AppointStaff(
                staff,
                name,
                login,
                post.roles,
                post.division,
                password.hash,
                now,
                password.is_initial,
                post.department,
                person,
                officer,
            )
            STAFF.decide(loaded.state, command)  # what is refused gives no post
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
        self.rules.check_post(post)
        if state.officer not in (None, officer):
            raise another_person()
        async with self.refused.counted(by.staff, now):
            person = await self._known(post, state, number, now)
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
        state = (await self.store.stand(STAFF.stream(id), STAFF)).state
        if isinstance(state, NotAppointed):
            raise no_such_staff()
        if not is_within(state.division, by.area):
            raise outside_division()
        if isinstance(state, Serving):
            self.rules.check_power(by.area, state.roles)
        return state

    async def officer_of(self, staff: UUID) -> UUID | None:
        """The person who bears a login; None where nobody said."""
        state = (await self.store.stand(STAFF.stream(staff), STAFF)).state
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

    async def _known(self, post: Post, state: Serving, number: IdNumber | None, now: datetime) -> UUID | None:
        if number is not None:
            return await self._of_register(post, state.name, number, now)
        self.rules.check_person(post, fits=True, is_verified=state.person is not None)
        return state.person

    async def _of_register(self, post: Post, name: str, number: IdNumber, now: datetime) -> UUID | None:
        """Looks at all there is of them, whatever is found, then answers."""
        self.rules.check_age(years_old(number, today(now)))
        bearer = await self.household.bearer(number)
        id, _ = await self.household.find(number)
        account = (await self.store.stand(ACCOUNT.stream(id), ACCOUNT)).state
        is_theirs = isinstance(bearer, Entered) and is_same_name(bearer.name, name)
        is_verified = is_theirs and isinstance(account, Opened)
        self.rules.check_person(post, fits=is_theirs or isinstance(bearer, Unknown), is_verified=is_verified)
        return id if is_verified else None

    async def _give(self, officer: UUID, post: Post, by: UUID, now: datetime, context: Context) -> None:
        """Once posts are over whose end a crash kept from being entered."""
        stream = OFFICER.stream(officer)
        for other in (await self.store.stand(stream, OFFICER)).state.posts:
            login = (await self.store.stand(STAFF.stream(other), STAFF)).state
            if isinstance(login, Dismissed):
                await self._end(officer, other, now)
        command = GivePost(post, by, self.rules, now)
        await self.store.execute(stream, OFFICER, command, replace(context, key=None))

    async def _release(self, staff: UUID, officer: UUID, now: datetime) -> None:
        """A post that was given for a login that proved to be another's."""
        state = (await self.store.stand(STAFF.stream(staff), STAFF)).state
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
    return is_same_post and is_same_name(serving.name, new.name)


def person_unknown() -> Invalid:
    text = Text(
        "此人任命时未登记公民身份号码，请一并填写其公民身份号码。",
        "Nobody said who this person is when they were appointed; please give their ID number.",
    )
    return Invalid("wrong_id_number", text.zh, text.en, fields={"id_number": text})
