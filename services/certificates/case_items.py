"""What one-thing cases ask of the issuing bodies: each item becomes an application like any other.

An item's first application bears the item's reference as its id, one that a later attempt opens that attempt's own. A
later attempt with other inputs puts right what was sent back; what is under review, or differs in what an application
may not change, is withdrawn and applied for anew. What is issued already is applied for anew, too, and the new paper
takes its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from uuid import UUID

from services.certificates.applicant import known_of, somebody
from services.certificates.applying import Applying, Change, Wish
from services.certificates.case_waits import GUARDIAN_ON_ITS_WAY, TOO_YOUNG, Waits, waits
from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.domain import application_state as states
from services.certificates.domain import forms
from services.certificates.domain.application import APPLICATION, WithdrawApplication
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.certificate_state import NotIssued
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.desk import OF_AGE, Desk
from services.certificates.domain.termination import WHY
from services.certificates.guardianship import Acting
from services.certificates.read_models.people import Person, find_by_number
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
from shared.standards.person_name import is_same_name

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
    """An item's application bears the reference of the item, or of its attempt, as its id."""
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
SENT_BACK = Words(
    zh="已退回补正，请在本办件中更正标出的各项，或由申请人在“我的申请”中更正。",
    en="sent back; correct the marked fields in this case, or the applicant does so in their list",
)
STAYS_ISSUED = Words(
    zh="证照已签发，予以保留；如需注销，请向签发机关申请。",
    en="The certificate is issued and stays; to have it revoked, please ask the issuing body.",
)
TOLD_ALONE = Words(
    zh="未予出具，理由已单独告知申请人。", en="It was refused; the applicant alone is told why, by a notice of its own."
)
WITHDRAWN = Words(
    zh="申请已撤回；如仍需办理，请在本办件中重新提交此项。",
    en="The application was withdrawn; if it is still wanted, ask for this item again.",
)
INCOMPLETE = Words(zh="请填写此项。", en="Please fill in this field.")
NAME_DIFFERS = Words(
    zh="姓名与该公民身份号码的户籍登记不一致，请核对姓名和号码后更正。",
    en="The name is not the one that the register has for this ID number; please check and correct name and number.",
)
NOT_A_GUARDIAN = Words(
    zh="户籍登记的监护人不是本办件申请人，请由监护人办理，或先到公安机关更正。",
    en="The register does not name the applicant of this case as guardian; have the guardian apply, or the police "
    "correct it.",
)
UNKNOWN_NUMBER = Words(
    zh="户籍登记中没有此公民身份号码，请核对后更正；新登记的，请稍后重试。",
    en="The register has nobody of this ID number; please check and correct it; of a new entry, try again later.",
)
NEVER_AGAIN = frozenset({"unknown_type", "not_issued_here", "not_needed", "too_young"})
"""Refusals that stay, whatever is corrected."""


@dataclass(frozen=True, slots=True)
class Made:
    """The newest application of an item."""

    attempt: int
    state: states.Open | states.Closed

    @property
    def id(self) -> UUID:
        return self.state.of.application


@dataclass(frozen=True, slots=True)
class ChangedInputs:
    given: Mapping[str, str]  # fields of the form
    is_anothers: bool  # another holder, or another issuing body

    def __bool__(self) -> bool:
        return bool(self.given) or self.is_anothers


@dataclass(frozen=True, slots=True)
class CaseItems:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it
    waits: Waits = field(default_factory=waits)

    def desk(self) -> ItemDesk:
        actions = {"issue_certificate": Action(self.issue_certificate, self.withdraw, STAYS_ISSUED)}
        return ItemDesk(self.store, self.pool, ITEM, MappingProxyType(actions))

    async def issue_certificate(self, item: ItemTaken, context: Context) -> Answer | None:
        """`holder_name`, `holder_id_number`: whose it will be. `issuing_body`: the credit code of who issues it.

        Other inputs fill the form's fields of the same name; those that the form does not have are ignored.
        """
        now = datetime.now(UTC)
        made = await self._made(item)
        try:
            if made is None:
                return await self._apply(item, now, context)
            if made.attempt < item.attempt:
                return await self._again(made, item, now, context)
            return await self._stands(made, now)
        except NotValid as wrong:
            told = Words(zh=wrong.text.zh, en=wrong.text.en)
            return AnswerRefused(wrong.code, told, now, may_retry=True, fields={"holder_id_number": told})
        except Invalid as refusal:
            fields = {name: words(text) for name, text in refusal.fields.items()}
            return AnswerRefused(refusal.code, _said(refusal), now, may_retry=True, fields=fields)
        except Refused as refusal:
            if refusal.code == "not_known_yet":
                return self.waits.until_known(item, now, refusal.code, _said(refusal), "holder_id_number")
            return AnswerRefused(refusal.code, _said(refusal), now, may_retry=refusal.code not in NEVER_AGAIN)

    async def withdraw(self, item: ItemTaken, context: Context) -> AnswerUndone:
        """What is under review is withdrawn; what is issued stays."""
        now = datetime.now(UTC)
        made = await self._made(item)
        match made.state if made else None:
            case states.InReview() | states.SentBack() as state:
                await self._withdraw(state, now, context.step("withdraw"))
                return AnswerUndone(None, now)
            case states.Approved():
                return AnswerUndone(STAYS_ISSUED, now)
            case _:
                return AnswerUndone(None, now)

    async def _made(self, item: ItemTaken) -> Made | None:
        for attempt in range(item.attempt, 0, -1):
            stream = APPLICATION.stream(reference(item.case, item.item, attempt))
            state = (await self.store.load(stream, APPLICATION)).state
            if not isinstance(state, states.NotSubmitted):
                return Made(attempt, state)
        return None

    async def _stands(self, made: Made, now: datetime) -> Answer | None:
        match made.state:
            case states.InReview():
                return AnswerWaiting(IN_REVIEW, now)
            case states.SentBack(wrong_fields=wrong):
                return AnswerWaiting(SENT_BACK, now, {name: Words(zh=what, en=what) for name, what in wrong.items()})
            case states.Refused(of, reason):
                type = (await self._catalogue()).version(of.certificate_type, of.catalogue_version)
                told = TOLD_ALONE if type.refusal_notice else Words(zh=reason, en=reason)
                return AnswerRefused("refused", told, now, may_retry=True)
            case states.Withdrawn():
                return AnswerRefused("withdrawn", WITHDRAWN, now, may_retry=True)
            case states.Terminated(reason=why):
                return AnswerRefused(why, words(WHY[why]), now, may_retry=True)
            case states.Approved():
                return await self._issued(made.id, now)

    async def _again(self, made: Made, item: ItemTaken, now: datetime, context: Context) -> Answer | None:
        """Of an attempt before this one there is an application. Raises as `Applying`."""
        match made.state:
            case states.Approved(of=of):
                holder = await self._holder(item, now)
                if not isinstance(holder, Person):
                    return holder
                is_same = not await self._change_to(of, holder, item, now)
                return await (self._issued(made.id, now) if is_same else self._apply(item, now, context))
            case states.Refused() | states.Withdrawn() | states.Terminated():
                return await self._apply(item, now, context)
            case states.InReview() | states.SentBack() as state:
                return await self._change(made, state, item, now, context)

    async def _change(
        self, made: Made, state: states.Open, item: ItemTaken, now: datetime, context: Context
    ) -> Answer | None:
        holder = await self._holder(item, now)
        if not isinstance(holder, Person):
            return holder
        of, type = state.of, await self._type_of(state.of)
        differs = await self._change_to(of, holder, item, now)
        if not differs:
            return await self._stands(made, now)
        if differs.is_anothers or differs.given.keys() & type.fixed or isinstance(state, states.InReview):
            await self._withdraw(state, now, context.step("withdraw"))
            return await self._apply(item, now, context)
        change = Change(differs.given, acting=Acting(of.citizen))
        applying = Applying(self.store, self.pool, await self._catalogue())
        await applying.resubmit(made.id, _desk(holder, item, now), change, now, context.step("resubmit"))
        return AnswerWaiting(IN_REVIEW, now)

    async def _change_to(self, of: states.Particulars, holder: Person, item: ItemTaken, now: datetime) -> ChangedInputs:
        """What the case says now and the application does not."""
        type = await self._type_of(of)
        given, body = _form(type, item), item.inputs.get("issuing_body")
        known, today = await known_of(self.pool, holder), day_in_china(now)
        kept = {name: value for name, value in of.form.items() if (one := type.field(name)) and one.editable}
        filled = forms.complete(type, {**kept, **given}, known, today).values
        changed = {name: value for name, value in given.items() if filled.get(name) != of.form.get(name)}
        return ChangedInputs(changed, holder.person != of.citizen or (body or of.issuing_body) != of.issuing_body)

    async def _type_of(self, of: states.Particulars) -> CertificateType:
        return (await self._catalogue()).version(of.certificate_type, of.catalogue_version)

    async def _withdraw(self, state: states.Open, now: datetime, context: Context) -> None:
        command = WithdrawApplication(state.of.citizen, now)
        await self.store.execute(APPLICATION.stream(state.of.application), APPLICATION, command, context)

    async def _apply(self, item: ItemTaken, now: datetime, context: Context) -> Answer | None:
        catalogue = await self._catalogue()
        type = _type(catalogue, item, day_in_china(now))
        holder = await self._holder(item, now)
        if not isinstance(holder, Person):
            return holder
        wish = Wish(
            type.code,
            _form(type, item),
            acting=Acting(holder.person),
            version=type.version,
            issuing_body=item.inputs.get("issuing_body"),
        )
        id = reference(item.case, item.item, item.attempt)
        applying = Applying(self.store, self.pool, catalogue)
        await applying.submit(_desk(holder, item, now), wish, now, context.step("apply"), id=id)
        return AnswerWaiting(IN_REVIEW, now)

    async def _holder(self, item: ItemTaken, now: datetime) -> Person | Answer | None:
        """Whose certificate it will be, by their number; or what is answered, None while it may come in a moment.

        A child's entry and its guardians travel beside the request, in no order. Raises NotValid for no ID number.
        """
        inputs = item.inputs
        if missing := [name for name in ("holder_name", "holder_id_number") if not inputs.get(name)]:
            return AnswerRefused("inputs_wrong", INCOMPLETE, now, True, dict.fromkeys(missing, INCOMPLETE))
        person = await find_by_number(self.pool, IdNumber(inputs["holder_id_number"]))
        if person is None:
            return self.waits.until_known(item, now, "unknown_number", UNKNOWN_NUMBER, "holder_id_number")
        if not is_same_name(inputs["holder_name"], person.name):
            return self.waits.a_moment(item, now, "name_differs", NAME_DIFFERS, "holder_name")
        subject = somebody(person)
        is_minor = subject.age_on(day_in_china(now)) < OF_AGE
        if is_minor and subject.is_alive and item.applicant not in subject.guardians:
            return await self._without_guardian(person, item, now)
        return person

    async def _without_guardian(self, holder: Person, item: ItemTaken, now: datetime) -> Person | Answer | None:
        """A minor whose guardian does not ask for it: some things they apply for themselves."""
        today, subject = day_in_china(now), somebody(holder)
        type = _type(await self._catalogue(), item, today)
        if type.minors_apply and subject.age_on(today) >= (type.least_age or 0):
            return holder
        field = "holder_id_number"
        if type.minors_apply:
            return AnswerRefused("too_young", TOO_YOUNG, now, may_retry=True, fields={field: TOO_YOUNG})
        if subject.guardians:
            return self.waits.a_moment(item, now, "not_for_others", NOT_A_GUARDIAN, field)
        return self.waits.until_known(item, now, "not_for_others", NOT_A_GUARDIAN, field, GUARDIAN_ON_ITS_WAY)

    async def _issued(self, application: UUID, now: datetime) -> Answer | None:
        state = (await self.store.load(CERTIFICATE.stream(certificate_of(application)), CERTIFICATE)).state
        if isinstance(state, NotIssued):
            return None  # the sweep makes it
        return AnswerDone({"certificate": state.as_issued.identifier}, now)

    async def _catalogue(self) -> Catalogue:
        return await with_published(self.catalogue, self.pool)


def _type(catalogue: Catalogue, item: ItemTaken, today: date) -> CertificateType:
    """The version that is in force; or the one a definition names, since a later one asks for more than it has."""
    code, version = item.parameters.get("certificate_type", ""), item.parameters.get("certificate_version")
    return catalogue.version(code, int(version)) if version else catalogue.current(code, today)


def _desk(holder: Person, item: ItemTaken, now: datetime) -> Desk:
    """A guardian applies for a child; everybody else for themselves, by the case they agreed to."""
    is_ward = somebody(holder).is_ward_of(item.applicant, day_in_china(now))
    return Desk("app", item.applicant if is_ward else holder.person)


def _form(type: CertificateType, item: ItemTaken) -> Mapping[str, str]:
    given = {name: value for name, value in item.inputs.items() if (field := type.field(name)) and field.editable}
    if type.issuing_body and (body := item.inputs.get("issuing_body")):
        given[type.issuing_body] = body
    return given


def _said(refusal: Refused | Invalid) -> Words:
    """The sentence, and of a form what is wrong with each field."""
    if not isinstance(refusal, Invalid) or not refusal.fields:
        return words(refusal.text)
    return Words(
        zh="；".join(f"{name}：{text.zh}" for name, text in refusal.fields.items()),
        en="; ".join(f"{name}: {text.en}" for name, text in refusal.fields.items()),
    )
