"""What a clerk of medical insurance does at the counter, within their division."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.insurance.directory import directory
from services.insurance.domain import enrolment, no_rule, refusals
from services.insurance.domain.enrolling import changed_since
from services.insurance.domain.enrolment import EnrolPerson
from services.insurance.domain.hospital import city_of, overlap
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured, State
from services.insurance.domain.retirement import require_age
from services.insurance.domain.situation import ORDINARY
from services.insurance.policies import policies
from services.insurance.read_models.people import Person, find_by_number
from shared.contracts.errors import NotAllowed
from shared.contracts.insurance import InsuredAs
from shared.department.caller import Caller
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.standards import divisions
from shared.standards.divisions import is_within
from shared.standards.id_number import IdNumber


@dataclass(frozen=True, slots=True)
class Counter:
    store: Store
    pool: Pool
    caller: Caller
    area: str  # the division they serve

    @property
    def clerk(self) -> UUID:
        return self.caller.id

    async def enrol(
        self,
        id_number: IdNumber,
        insured_as: InsuredAs,
        region: str,
        person_class: str,
        insured_from: date,
        now: datetime,
        context: Context,
    ) -> Done[State]:
        """`region`: any division of the place of insurance; the person is insured with its city."""
        divisions.get(region)
        self._require_own(region)
        city = city_of(region)
        _require_class(city, insured_as, person_class)
        person = await self.person(id_number)
        self.caller.stand_aside(person.person)
        require_age(directory(), person_class, person.id_number, insured_from)
        command = EnrolPerson(
            person=person.person,
            name=person.name,
            id_number=person.id_number,
            insured_as=insured_as,
            region=city,
            person_class=person_class,
            insured_from=insured_from,
            enrolled_by=self.clerk,
            now=now,
            settles=policies().find(city, insured_as) is not None,
        )
        return await self._execute(person.person, command, context)

    async def assign_class(
        self, person: UUID, person_class: str, valid_from: date, now: datetime, context: Context
    ) -> Done[State]:
        insured = await self.insured(person)
        _require_class(insured.region, insured.insured_as, person_class)
        require_age(directory(), person_class, insured.id_number, valid_from)
        return await self.record(person, enrolment.AssignClass(person_class, valid_from, self.clerk, now), context)

    async def transfer(
        self, person: UUID, region: str, person_class: str, insured_from: date, now: datetime, context: Context
    ) -> Done[State]:
        """From wherever the person is insured to this clerk's place; `region`: as in `enrol`."""
        divisions.get(region)
        self._require_own(region)
        city, stream = city_of(region), INSURED.stream(person)
        state = (await self.store.stand(stream, INSURED)).state
        if not isinstance(state, Insured):
            raise refusals.no_such_insured()
        self.caller.stand_aside(person)
        _require_class(city, state.insured_as, person_class)
        require_age(directory(), person_class, state.id_number, insured_from)
        command = enrolment.TransferInsurance(city, person_class, insured_from, self.clerk, now)
        return await self._execute(person, command, context)

    async def record(self, person: UUID, command: enrolment.Command, context: Context) -> Done[State]:
        """Anything about one who is insured within the clerk's division, and who is not the clerk."""
        await self.insured(person)
        self.caller.stand_aside(person)
        return await self._execute(person, command, context)

    async def _execute(self, person: UUID, command: enrolment.Command, context: Context) -> Done[State]:
        """Raises Refused where it comes again, and what it brought about has been changed since."""
        done = await self.store.execute(INSURED.stream(person), INSURED, command, context)
        if done.is_repeat and changed_since(done.state, command):
            raise refusals.changed_since()
        return done

    async def insured(self, person: UUID) -> Insured:
        """Raises NotFound also for one who is insured elsewhere."""
        state = (await self.store.stand(INSURED.stream(person), INSURED)).state
        if not isinstance(state, Insured) or not overlap(state.region, self.area):
            raise refusals.no_such_insured()
        return state

    async def person(self, id_number: IdNumber) -> Person:
        """Raises NotFound for a number that the household register has not told us of."""
        if person := await find_by_number(self.pool, id_number):
            return person
        raise refusals.not_in_register()

    def _require_own(self, region: str) -> None:
        if not is_within(region, self.area):
            raise NotAllowed(
                "outside_division",
                "该参保地不在您负责的行政区划内，请由当地医保经办人员办理。",
                "This place of insurance lies outside your division; its own clerks enrol there.",
            )


def _require_class(city: str, insured_as: InsuredAs, person_class: str) -> None:
    """Raises Invalid for a class that no version of the policy knows; without a policy, for any but the ordinary."""
    policy = policies().find(city, insured_as)
    if policy is None:
        if person_class != ORDINARY:
            policies().of(city, insured_as)  # raises
        return
    known = {id: one.name for version in policy.versions for id, one in version.classes.items()}
    if person_class not in known:
        raise no_rule.unknown_class(policy.name, known)
