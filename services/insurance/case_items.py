"""What one-thing cases ask of insurance, and how it is done."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from uuid import UUID

from services.insurance.cover import NOT_YET_SETTLED
from services.insurance.domain.enrolment import EnrolPerson, newborn_insured_from
from services.insurance.domain.hospital import city_of
from services.insurance.domain.insured import INSURED
from services.insurance.domain.insured_state import Insured
from services.insurance.domain.situation import ORDINARY
from services.insurance.policies import policies
from shared.contracts.case_items import ItemTaken, Words
from shared.contracts.cases import InsuranceItemRequested, InsuranceItemWithdrawn
from shared.contracts.errors import Refused
from shared.contracts.insurance import (
    InsuranceItemDone,
    InsuranceItemRefused,
    InsuranceItemUndone,
    InsuranceItemWaiting,
)
from shared.department.item_desk import Action, ItemDesk, item_desk
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.asked_item import Answer, AnswerDone, AnswerRefused, Vocabulary, asked, asked_item
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from shared.standards.name_spelling import spelt
from shared.standards.shanghai import day_in_shanghai

VOCABULARY = Vocabulary(
    InsuranceItemRequested,
    InsuranceItemWithdrawn,
    InsuranceItemWaiting,
    InsuranceItemDone,
    InsuranceItemRefused,
    InsuranceItemUndone,
)
ITEM = asked_item(VOCABULARY)
ASKED = asked(VOCABULARY, ITEM)
ITEM_DESK = item_desk(VOCABULARY)

STAYS_INSURED = Words(
    zh="已参保登记，予以保留；如需退保，请到医保窗口办理。",
    en="The child is enrolled and stays so; to end it, please go to the insurance's counter.",
)
UNREADABLE = Words(zh="送来的信息不全或有误，无法办理。", en="What was sent is incomplete or wrong; it cannot be done.")


@dataclass(frozen=True, slots=True)
class CaseItems:
    store: Store

    async def enrol_newborn(self, asked: ItemTaken, context: Context) -> Answer:
        """A resident of the household's city, insured from the day of birth when it is not 90 days past."""
        now = datetime.now(UTC)
        try:
            command = _enrolment(asked, now)
        except (KeyError, ValueError, NotValid):
            return AnswerRefused("inputs_wrong", UNREADABLE, now)
        try:
            done = await self.store.execute(INSURED.stream(command.person), INSURED, command, context)
        except Refused as refusal:
            return AnswerRefused(refusal.code, Words(zh=refusal.text.zh, en=refusal.text.en), now)
        assert isinstance(done.state, Insured)
        results = {"insured_from": command.insured_from.isoformat()}
        if not command.settles:
            results["notice"] = NOT_YET_SETTLED.zh
        return AnswerDone(results, now)

    def desk(self, pool: Pool) -> ItemDesk:
        actions = {"enrol_newborn": Action(self.enrol_newborn, stays=STAYS_INSURED)}
        return ItemDesk(self.store, pool, ITEM, MappingProxyType(actions))


def _enrolment(asked: ItemTaken, now: datetime) -> EnrolPerson:
    """Days count from the request, not from when it is carried out: an outage costs the child nothing."""
    inputs = asked.inputs
    born_on, asked_on = date.fromisoformat(inputs["birth_date"]), day_in_shanghai(asked.requested_at)
    return EnrolPerson(
        person=UUID(inputs["child"]),
        name=spelt(inputs["child_name"]),
        id_number=IdNumber(inputs["child_id_number"]),
        insured_as="resident",
        region=city_of(inputs["division"]),
        person_class=ORDINARY,
        insured_from=newborn_insured_from(born_on, asked_on),
        enrolled_by=None,
        now=now,
        settles=policies().find(city_of(inputs["division"]), "resident") is not None,
    )
