"""A password was lost: whoever may vouch for its owner has the department make a one-time password.

It opens nothing but the choice of an own one, and ends the sessions that began before. Only its hash is kept. Under an
Idempotency-Key it follows from key, sender and owner by the register's secret, so that a request that is repeated
because its answer was lost is told the same password again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Generic, TypeVar

from services.identity import passwords
from services.identity.domain import account, staff
from services.identity.household import Household
from services.identity.pseudonyms import Pseudonyms
from shared.eventstore.aggregate import Aggregate, Context
from shared.eventstore.store import Done, repeated

S = TypeVar("S")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Given(Generic[S]):
    done: Done[S]
    initial_password: str | None  # None: he has chosen his own since


def one_time_password(pseudonyms: Pseudonyms, step: Context) -> str:
    """The same for the same step under a key; else guessed by nobody."""
    return pseudonyms.initial_password(step.key or token_hex(32))


async def give_password(
    household: Household, stream: str, aggregate: Aggregate[S, C], command: Callable[[str], C], context: Context
) -> Given[S]:
    """`command` is made of the password's hash. Raises what the aggregate decides."""
    step = context.step(f"one-time password {stream}")
    password = one_time_password(household.pseudonyms, step)
    done = repeated(await household.store.load(stream, aggregate), step)
    if done is None:
        made = command(await passwords.hashed(password))
        done = await household.store.execute(stream, aggregate, made, step)
    is_initial = isinstance(done.state, staff.Serving | account.Opened) and done.state.is_initial
    return Given(done, password if is_initial else None)
