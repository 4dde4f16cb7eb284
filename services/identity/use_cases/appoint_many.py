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
from services.identity.domain.staff import STAFF, NotAppointed, Serving, State, login_name, login_taken
from services.identity.lost_password import one_time_password
from services.identity.use_cases.appointments import Administrator, Appointments, NewStaff, Password, serves_so
from shared.eventstore.aggregate import Context
from shared.eventstore.store import Done, repeated


@dataclass(frozen=True, slots=True)
class Appointed:
    done: Done[State]
    initial_password: str | None  # None: they have chosen their own since


@dataclass(frozen=True, slots=True)
class AppointMany:
    appointments: Appointments
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(os.cpu_count() or 1))

    async def appoint(
        self, by: Administrator, new: NewStaff, now: datetime, context: Context, first_of_all: Callable[[str], None]
    ) -> Appointed | None:
        """None: they serve so already. Raises Invalid, NotValid, NotAllowed, and Refused as a single appointment does.

        `first_of_all` is given the login before anything is done.
        """
        login = login_name(new.login)
        first_of_all(login)
        pseudonyms = self.appointments.household.pseudonyms
        loaded = await self.appointments.store.load(STAFF.stream(pseudonyms.staff(login)), STAFF)
        step = context.step(f"appoint {login}")
        password = one_time_password(pseudonyms, step)
        if repeat := repeated(loaded, step):
            state = repeat.state
            return Appointed(repeat, password if isinstance(state, Serving) and state.is_initial else None)
        if serves_so(loaded.state, new, pseudonyms.officer(new.id_number)):
            return None
        if not isinstance(loaded.state, NotAppointed):
            raise login_taken()
        await self.appointments.check(by, new, now, step)
        async with self.hashing:  # leaves threads to those who sign in meanwhile
            password_hash = await passwords.hashed(password)
        done = await self.appointments.appoint(by, new, Password(password_hash, is_initial=True), now, step)
        return Appointed(done, password)
