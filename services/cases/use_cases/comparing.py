"""What the register says now, brought to the cases it is about: before people act on one, and by the leader's duty."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from services.cases.definitions import Definitions
from services.cases.domain.case import CASE
from services.cases.domain.case_state import AwaitingConsent, NotOpened, Running, State
from services.cases.domain.facts import Gone, TakeFacts, Why, wrong_now
from services.cases.domain.supplement import Form
from services.cases.read_models.people import Person, people_of
from services.cases.read_models.rules import rules_in_force
from services.cases.read_models.to_compare import next_to_compare
from services.cases.use_cases import people
from shared.contracts.case_items import Words
from shared.contracts.event import Metadata
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.standards.shanghai import day_in_shanghai

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Comparing:
    store: Store
    pool: Pool
    definitions: Definitions
    at_once: int = 100  # cases a page of the sweep

    async def sweep(self, clock: Clock = utc_now) -> int:
        """All of whose people something new was said. Returns how many cases were looked at."""
        context = Context(Metadata(actor=f"department:{self.store.registry.department}"))
        return await go_through(
            "cases to compare with the register",
            next_to_compare,
            lambda place: self._compare_and_note(place.id, clock(), context),
            self.pool,
            clock,
            a_page=self.at_once,
        )

    async def before(
        self, case: UUID, now: datetime, context: Context, *, agreeing: UUID | None = None
    ) -> Mapping[str, Words]:
        """Before somebody acts on a case. Returns the fields that the rules do not allow any more.

        `agreeing`: who agrees now, and of whom all is known by that.
        """
        command = await self._command(case, now, agreeing)
        if command is None:
            return {}
        done = await self.store.execute(CASE.stream(case), CASE, command, context.step("compare"))
        return wrong_now(done.state, command)

    async def before_correction(self, case: UUID, now: datetime, context: Context) -> Form | None:
        """As `before`. Returns by what the corrected form is checked; None: of such a case nothing is corrected."""
        command = await self._command(case, now, None)
        if command is None:
            return None
        await self.store.execute(CASE.stream(case), CASE, command, context.step("compare"))
        return Form(command.definition, command.way, command.known, command.rules, day_in_shanghai(now))

    async def _compare_and_note(self, case: UUID, now: datetime, context: Context) -> bool:
        command = await self._command(case, now, None, noted=True)
        if command is None:
            return False
        await self.store.execute(CASE.stream(case), CASE, command, context)
        return True

    async def _command(
        self, case: UUID, now: datetime, agreeing: UUID | None, *, noted: bool = False
    ) -> TakeFacts | None:
        state = (await self.store.stand(CASE.stream(case), CASE)).state
        if isinstance(state, NotOpened):
            return None
        opened = state.of.as_opened
        definition = self.definitions.of_version(opened.definition, opened.definition_version)
        if definition is None or not (noted or isinstance(state, AwaitingConsent | Running)):
            return None
        agreed = state.of.consented | {one.role for one in opened.consents if one.person == agreeing}
        found = await people.now(self.pool, definition, opened, state.of.form, frozenset(agreed))
        made = _made(state)
        born = await people_of(self.pool, made.values())
        gone = {role: Gone(id, stands) for role, id in made.items() if (stands := _gone(born.get(id)))}
        as_told = {**found.as_told, **{str(id): one.version for id, one in born.items()}}
        command = TakeFacts(
            definition,
            definition.way_called(opened.way) or definition.every_way[0],
            found.known,
            {**found.gone, **gone},
            await rules_in_force(self.pool, day_in_shanghai(now)),
            now,
        )
        return replace(command, as_told=as_told) if noted else command


def _gone(person: Person | None) -> Why | None:
    return person.stands if person and person.stands != "lives" else None


def _made(state: State) -> dict[str, UUID]:
    """People whom an item brought into the register: by the name of the result."""
    items = getattr(state, "items", {})
    made: dict[str, UUID] = {}
    for item in items.values():
        for name, value in item.results.items():
            try:
                made[name] = UUID(value)
            except ValueError:
                continue
    return made
