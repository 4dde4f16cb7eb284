"""What several handlers do: who may see a case, and carrying out a command on it."""

from datetime import date, datetime
from uuid import UUID

from litestar import Response

from services.cases.api.acting import reads_for
from services.cases.api.answers import CaseShown, show_case
from services.cases.definitions import definitions
from services.cases.domain.bureau import is_of_the_bureau
from services.cases.domain.case import CASE, Command
from services.cases.domain.case_state import NotOpened, State
from services.cases.domain.counter import shown_at_counter
from services.cases.domain.refusals import no_such_case
from shared.department.caller import role_needed
from shared.department.powers import Power
from shared.department.responses import stored
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store


async def may_see(pool: Pool, power: Power, state: State, today: date) -> None:
    """Raises NotFound unless it is about the caller or their principal, or they keep it going or took it in."""
    if isinstance(state, NotOpened):
        raise no_such_case()
    opened = state.of.as_opened
    if power.caller.kind == "citizen":
        concerned = state.of.concerned
        if not await reads_for(pool, power.caller.id, concerned, today):
            raise no_such_case()
        return
    if not is_in_charge(power, state.of.division) and power.caller.id != opened.taken_in_by:
        raise no_such_case()


def is_in_charge(power: Power, division: str) -> bool:
    """Whether they are of the bureau, and serve this place."""
    return is_of_the_bureau(power.caller.roles, power.area) and power.reaches(division)


def part_of_bureau(power: Power, division: str | None) -> str:
    """The part of the bureau's area that is asked about. Raises NotAllowed for who is not of the bureau, NotValid."""
    if not is_of_the_bureau(power.caller.roles, power.area):
        raise role_needed()
    return power.part(division)


def is_at_counter_only(power: Power, state: State) -> bool:
    """Whether they see it for no other reason than that they took it in."""
    assert not isinstance(state, NotOpened)
    return power.caller.kind == "staff" and not is_in_charge(power, state.of.division)


async def require_charge(store: Store, power: Power, case: UUID) -> None:
    """Raises NotFound unless they keep this case going, Refused when it is a matter of their own."""
    state = (await store.stand(CASE.stream(case), CASE)).state
    if isinstance(state, NotOpened) or not is_in_charge(power, state.of.division):
        raise no_such_case()
    power.caller.stand_aside(*state.of.concerned, *state.of.as_opened.persons.values())


async def execute(store: Store, case: UUID, command: Command, context: Context, now: datetime) -> Response[CaseShown]:
    """What the case decides, and how it stands then."""
    return await shown(store, await store.execute(CASE.stream(case), CASE, command, context), now, 200)


async def shown(
    store: Store, done: Done[State], now: datetime, status: int = 201, *, at_counter: bool = False
) -> Response[CaseShown]:
    """The answer to a command: the case with its whole time line."""
    loaded = await store.load(done.stream, CASE)
    answer = show_case(list(loaded.events), now)
    if at_counter:
        answer = answer.model_copy(update={"form": masked_form(loaded.state)})
    return stored(done, answer, status=status)


def masked_form(state: State) -> dict[str, str]:
    """The form as the counter that took it in sees it."""
    assert not isinstance(state, NotOpened)
    opened = state.of.as_opened
    definition = definitions().of_version(opened.definition, opened.definition_version)
    others = {role for role, person in opened.persons.items() if person != opened.applicant}
    others |= {one.role for one in opened.consents}
    return shown_at_counter(definition, state.of.form, others) if definition else {}
