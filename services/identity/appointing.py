"""Appointing many at once, each with a one-time password that the department makes.

Nothing but its hash is kept. Under an Idempotency-Key the password follows from key, sender and login by the register's
secret, so that a request that is repeated because its answer was lost is told the same passwords again.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from services.identity import passwords
from services.identity.domain.entry_fields import person_name
from services.identity.domain.staff import STAFF, AppointStaff, NotAppointed, Serving, State, login_name, login_taken
from services.identity.lost_password import one_time_password
from services.identity.pseudonyms import Pseudonyms
from shared.contracts.identity import Role
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, Store, repeated


@dataclass(frozen=True, slots=True)
class NewStaff:
    login: str
    name: str
    roles: frozenset[Role]
    division: str

    def is_same(self, serving: Serving) -> bool:
        is_same_person = serving.name == person_name(self.name)
        return is_same_person and (serving.roles, serving.division) == (self.roles, self.division)


@dataclass(frozen=True, slots=True)
class Appointed:
    done: Done[State]
    initial_password: str | None  # None: he has chosen his own since


@dataclass(frozen=True, slots=True)
class Appointing:
    store: Store
    pseudonyms: Pseudonyms
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(os.cpu_count() or 1))

    async def appoint(
        self, new: NewStaff, now: datetime, context: Context, first_of_all: Callable[[str], None]
    ) -> Appointed | None:
        """None: he serves so already. Raises Invalid, NotValid, and Refused when the login is another's.

        `first_of_all` is given the login before anything is done.
        """
        login = login_name(new.login)
        first_of_all(login)
        id = self.pseudonyms.staff(login)
        loaded = await self.store.load(STAFF.stream(id), STAFF)
        step = context.step(f"appoint {login}")
        password = one_time_password(self.pseudonyms, step)
        if repeat := repeated(loaded, step):
            state = repeat.state
            return Appointed(repeat, password if isinstance(state, Serving) and state.is_initial else None)
        if isinstance(loaded.state, Serving) and new.is_same(loaded.state):
            return None
        if not isinstance(loaded.state, NotAppointed):
            raise login_taken()
        async with self.hashing:  # leaves threads to those who sign in meanwhile
            password_hash = await passwords.hashed(password)
        command = AppointStaff(id, new.name, login, new.roles, new.division, password_hash, now, is_initial=True)
        return Appointed(await self.store.execute(STAFF.stream(id), STAFF, command, step), password)
