"""What one-thing cases ask of the issuing bodies: each item becomes an application like any other."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from uuid import UUID

from services.certificates.applicant import somebody
from services.certificates.applying import Applying, Named, Wish
from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.domain import application_state as states
from services.certificates.domain.application import APPLICATION, WithdrawApplication
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.certificate_state import NotIssued
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.desk import OF_AGE, Desk
from services.certificates.domain.termination import WHY
from services.certificates.read_models.people import match_person
from shared.contracts.case_items import ItemTaken, Words
from shared.contracts.cases import CertificatesItemRequested, CertificatesItemWithdrawn
from shared.contracts.certificates import (
    ApplicationRefused,
    ApplicationSentBack,
    ApplicationTerminated,
    ApplicationWithdrawn,
    CertificateIssued,
    CertificatesItemDone,
    CertificatesItemRefused,
    CertificatesItemUndone,
    CertificatesItemWaiting,
)
from shared.contracts.errors import Invalid, Refused
from shared.contracts.event import Event
from shared.department.answer import words
from shared.department.item_desk import Action, ItemDesk, item_desk
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.asked_item import (
    Answer,
    AnswerDone,
    AnswerRefused,
    AnswerUndone,
    AnswerWaiting,
    Vocabulary,
    asked,
    asked_item,
    reference,
)
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber

VOCABULARY = Vocabulary(
    CertificatesItemRequested,
    CertificatesItemWithdrawn,
    CertificatesItemWaiting,
    CertificatesItemDone,
    CertificatesItemRefused,
    CertificatesItemUndone,
)
ITEM = asked_item(VOCABULARY)
ASKED = asked(VOCABULARY, ITEM)


def _application_of(event: Event) -> UUID:
    """An item's application bears the item's own reference as its id."""
    application: UUID = event.application  # type: ignore[attr-defined]
    return application


ITEM_DESK = item_desk(
    VOCABULARY,
    dict.fromkeys(
        (CertificateIssued, ApplicationRefused, ApplicationSentBack, ApplicationWithdrawn, ApplicationTerminated),
        _application_of,
    ),
)

IN_REVIEW = Words(zh="等待签发机关审核。", en="waiting for the issuing body's review")
SENT_BACK = Words(zh="已退回补正，请申请人在“我的申请”中更正。", en="sent back; the applicant corrects it in his list")
STAYS_ISSUED = Words(
    zh="证照已签发，予以保留；如需注销，请向签发机关申请。",
    en="The certificate is issued and stays; to have it revoked, please ask the issuing body.",
)
TOLD_ALONE = Words(
    zh="未予出具，理由已单独告知申请人。", en="It was refused; the applicant alone is told why, by a notice of its own."
)
WITHDRAWN = Words(zh="申请已撤回。", en="The application was withdrawn.")
ON_THEIR_WAY = frozenset({"not_known_yet", "not_for_others"})
"""Refusals that pass when the register's events about a newborn arrive: they travel beside the request, in no order."""


@dataclass(frozen=True, slots=True)
class CaseItems:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it

    def desk(self) -> ItemDesk:
        actions = {"issue_certificate": Action(self.issue_certificate, self.withdraw, STAYS_ISSUED)}
        return ItemDesk(self.store, self.pool, ITEM, MappingProxyType(actions))

    async def issue_certificate(self, item: ItemTaken, context: Context) -> Answer | None:
        """`holder_name`, `holder_id_number`: whose it will be. Other inputs fill the form's fields of the same name."""
        now = datetime.now(UTC)
        id = reference(item.case, item.item)
        state = (await self.store.load(APPLICATION.stream(id), APPLICATION)).state
        match state:
            case states.NotSubmitted():
                return await self._apply(id, item, now, context)
            case states.InReview():
                return AnswerWaiting(IN_REVIEW, now)
            case states.SentBack():
                return AnswerWaiting(SENT_BACK, now)
            case states.Refused(of, reason):
                type = (await with_published(self.catalogue, self.pool)).version(
                    of.certificate_type, of.catalogue_version
                )
                told = TOLD_ALONE if type.refusal_notice else Words(zh=reason, en=reason)
                return AnswerRefused("refused", told, now)
            case states.Withdrawn():
                return AnswerRefused("withdrawn", WITHDRAWN, now)
            case states.Terminated(reason=why):
                return AnswerRefused(why, words(WHY[why]), now)
            case states.Approved():
                return await self._issued(id, now)

    async def withdraw(self, item: ItemTaken, context: Context) -> AnswerUndone:
        """What is under review is withdrawn; what is issued stays."""
        now = datetime.now(UTC)
        stream = APPLICATION.stream(reference(item.case, item.item))
        state = (await self.store.load(stream, APPLICATION)).state
        match state:
            case states.InReview() | states.SentBack():
                command = WithdrawApplication(state.of.citizen, now)
                await self.store.execute(stream, APPLICATION, command, context.step("withdraw"))
                return AnswerUndone(None, now)
            case states.Approved():
                return AnswerUndone(STAYS_ISSUED, now)
            case _:
                return AnswerUndone(None, now)

    async def _apply(self, id: UUID, item: ItemTaken, now: datetime, context: Context) -> Answer | None:
        catalogue = await with_published(self.catalogue, self.pool)
        try:
            type = _type(catalogue, item, day_in_china(now))
            holder = Named(item.inputs["holder_name"], IdNumber(item.inputs["holder_id_number"]))
            applying = Applying(self.store, self.pool, catalogue)
            person = await match_person(self.pool, holder.name, holder.id_number)
            if person is None:
                return None
            # an adult applies himself, by the case he agreed to; for a child its guardian does
            is_adult = somebody(person).age_on(day_in_china(now)) >= OF_AGE
            desk = Desk("app", person.person if is_adult else item.applicant)
            wish = Wish(type.code, _form(type, item), applicant=None if is_adult else holder, version=type.version)
            await applying.submit(desk, wish, now, context.step("apply"), id=id)
        except KeyError:
            return AnswerRefused("inputs_wrong", Words(zh="送来的信息不全。", en="What was sent is incomplete."), now)
        except NotValid as wrong:
            return AnswerRefused(wrong.code, Words(zh=wrong.text.zh, en=wrong.text.en), now)
        except Refused as refusal:
            return None if refusal.code in ON_THEIR_WAY else AnswerRefused(refusal.code, _words(refusal), now)
        return AnswerWaiting(IN_REVIEW, now)

    async def _issued(self, application: UUID, now: datetime) -> Answer | None:
        state = (await self.store.load(CERTIFICATE.stream(certificate_of(application)), CERTIFICATE)).state
        if isinstance(state, NotIssued):
            return None  # the sweep makes it
        return AnswerDone({"certificate": state.as_issued.identifier}, now)


def _type(catalogue: Catalogue, item: ItemTaken, today: date) -> CertificateType:
    """The version that is in force; or the one a definition names, since a later one asks for more than it has."""
    code, version = item.parameters.get("certificate_type", ""), item.parameters.get("certificate_version")
    return catalogue.version(code, int(version)) if version else catalogue.current(code, today)


def _form(type: CertificateType, item: ItemTaken) -> dict[str, str]:
    return {name: value for name, value in item.inputs.items() if (field := type.field(name)) and field.editable}


def _words(refusal: Refused) -> Words:
    """The sentence, and of a form what is wrong with each field."""
    if not isinstance(refusal, Invalid) or not refusal.fields:
        return Words(zh=refusal.text.zh, en=refusal.text.en)
    return Words(
        zh="；".join(f"{name}：{text.zh}" for name, text in refusal.fields.items()),
        en="; ".join(f"{name}: {text.en}" for name, text in refusal.fields.items()),
    )
