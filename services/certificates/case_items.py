"""What one-thing cases ask of the issuing bodies: each item becomes an application like any other.

An item's first application bears the item's reference as its id, one that a later attempt opens that attempt's own. A
later attempt with other inputs puts right what was sent back; what is under review, or differs in what an application
may not change, is withdrawn and applied for anew; what is issued is applied for in the place of the paper that stands,
which holds until then. What a stopped case takes back is void.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from uuid import UUID

from services.certificates.applicant import known_of, somebody
from services.certificates.applying import Applying, Change, Wish
from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.domain import application_state as states
from services.certificates.domain import forms
from services.certificates.domain.application import APPLICATION, WithdrawApplication
from services.certificates.domain.certificate import CERTIFICATE, certificate_of
from services.certificates.domain.certificate_state import Living, NotIssued
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.desk import OF_AGE, Desk
from services.certificates.domain.stopped_case import TakeBack
from services.certificates.domain.termination import WHY
from services.certificates.guardianship import Acting
from services.certificates.read_models.people import Person, find_by_number
from services.certificates.use_cases.case_papers import ITEM, VOCABULARY, CasePapers, Made, anew, form_of
from services.certificates.use_cases.case_waits import GUARDIAN_ON_ITS_WAY, TOO_YOUNG, Waits, waits
from services.certificates.use_cases.case_words import (
    IN_REVIEW,
    INCOMPLETE,
    NAME_DIFFERS,
    NO_LONGER_VALID,
    NOT_A_GUARDIAN,
    SENT_BACK,
    STAYS_ISSUED,
    TOLD_ALONE,
    UNKNOWN_NUMBER,
    WITHDRAWN,
    holder_died,
)
from services.certificates.use_cases.present import in_its_place, is_being_made
from shared.contracts.case_items import ItemTaken, Words
from shared.contracts.certificates import (
    ApplicationRefused,
    ApplicationSentBack,
    ApplicationTerminated,
    ApplicationWithdrawn,
    CertificateIssued,
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
    Withdrawn,
    asked,
    item_id,
    reference,
)
from shared.standards.errors import NotValid
from shared.standards.id_number import IdNumber
from shared.standards.person_name import is_same_name

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

NEVER_AGAIN = frozenset({"unknown_type", "not_issued_here", "not_needed", "too_young", "applicant_died"})
"""Refusals that stay, whatever is corrected."""


@dataclass(frozen=True, slots=True)
class CaseItems:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it
    waits: Waits = field(default_factory=waits)

    @property
    def _papers(self) -> CasePapers:
        return CasePapers(self.store)

    def desk(self) -> ItemDesk:
        actions = {"issue_certificate": Action(self.issue_certificate, self.withdraw, STAYS_ISSUED)}
        return ItemDesk(self.store, self.pool, ITEM, MappingProxyType(actions))

    async def issue_certificate(self, item: ItemTaken, context: Context) -> Answer | None:
        """`holder_name`, `holder_id_number`: whose it will be. `issuing_body`: the credit code of who issues it.

        Other inputs fill the form's fields of the same name; those that the form does not have are ignored.
        """
        now = datetime.now(UTC)
        made = next(iter(await self._papers.made(item)), None)
        try:
            if made is None:
                return await self._apply(item, now, context)
            if made.attempt < item.attempt:
                return await self._again(made, item, now, context)
            return await self._stands(made, item, now)
        except NotValid as wrong:
            told = Words(zh=wrong.text.zh, en=wrong.text.en)
            return AnswerRefused(wrong.code, told, now, may_retry=True, fields={"holder_id_number": told})
        except Invalid as refusal:
            fields = {name: words(text) for name, text in refusal.fields.items()}
            return AnswerRefused(refusal.code, _said(refusal), now, may_retry=True, fields=fields)
        except Refused as refusal:
            if refusal.code == "applicant_died":
                return await self._died(item, now)
            if refusal.code == "not_known_yet":
                return self.waits.until_known(item, now, refusal.code, _said(refusal), "holder_id_number")
            return AnswerRefused(refusal.code, _said(refusal), now, may_retry=refusal.code not in NEVER_AGAIN)

    async def withdraw(self, item: ItemTaken, context: Context) -> AnswerUndone | None:
        """What is under review is withdrawn. What is issued stays, or is void, as the case asked. None: look again."""
        now = datetime.now(UTC)
        state = (await self.store.stand(ITEM.stream(item_id(item.case, item.item)), ITEM)).state
        undo = isinstance(state, Withdrawn) and state.withdrawal.undo
        left: Words | None = None
        for made in await self._papers.made(item):
            match made.state:
                case states.InReview() | states.SentBack() as open:
                    await self._withdraw(open, now, context.step(f"withdraw {made.attempt}"))
                case states.Approved() if undo:
                    if not await self._take_back(made, now, context.step(f"take back {made.attempt}")):
                        return None
                case states.Approved():
                    left = STAYS_ISSUED
        return AnswerUndone(left, now)

    async def _take_back(self, made: Made, now: datetime, context: Context) -> bool:
        """Whether none of its papers holds any more; not while one is being made."""
        paper = await in_its_place(self.store, certificate_of(made.id))
        if is_being_made(paper):
            return False
        assert not isinstance(paper, NotIssued)
        of, cause = paper.as_issued, context.metadata.causation_id
        assert cause is not None  # the withdrawal
        type = (await self._catalogue()).version(of.certificate_type, of.catalogue_version or 1)
        command = TakeBack(UUID(cause), type.issuer, now)
        await self.store.execute(CERTIFICATE.stream(of.certificate), CERTIFICATE, command, context)
        return True

    async def _stands(self, made: Made, item: ItemTaken, now: datetime) -> Answer | None:
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
            case states.Terminated(reason="applicant_died"):
                return await self._died(item, now)
            case states.Terminated(reason=why):
                return AnswerRefused(why, words(WHY[why]), now, may_retry=True)
            case states.Approved():
                return await self._issued(made.id, now)

    async def _again(self, made: Made, item: ItemTaken, now: datetime, context: Context) -> Answer | None:
        """Of an attempt before this one there is an application. Raises as `Applying`."""
        match made.state:
            case states.Approved():
                return await self._renew(made, item, now, context)
            case states.Refused() | states.Withdrawn() | states.Terminated():
                return await self._apply(item, now, context)
            case states.InReview() | states.SentBack() as state:
                return await self._change(made, state, item, now, context)

    async def _renew(self, made: Made, item: ItemTaken, now: datetime, context: Context) -> Answer | None:
        """Nothing new where what is asked for is what the paper of today says."""
        paper = await in_its_place(self.store, certificate_of(made.id))
        if is_being_made(paper):
            return None  # it is being made; look again
        holder = await self._holder(item, now)
        if not isinstance(holder, Person):
            return holder
        standing = await self._papers.standing(item)
        if standing is None:
            return await self._apply(item, now, context)
        of, catalogue = standing.of, await self._catalogue()
        type = catalogue.version(of.certificate_type, of.catalogue_version or 1)
        given, before = form_of(type, item.inputs), form_of(type, standing.inputs)
        names = {name for name in given.keys() | before.keys() if given.get(name) != before.get(name)}
        known, today = await known_of(self.pool, holder), day_in_china(now)
        filled = forms.complete(type, anew(type, item, standing), known, today).values
        body = item.inputs.get("issuing_body") or of.issuing_body_code
        is_another = holder.person != of.citizen or body != of.issuing_body_code
        if is_another or any(filled.get(name) != standing.form.get(name) for name in names):
            return await self._apply(item, now, context)
        return await self._issued(made.id, now)

    async def _change(
        self, made: Made, state: states.Open, item: ItemTaken, now: datetime, context: Context
    ) -> Answer | None:
        holder = await self._holder(item, now)
        if not isinstance(holder, Person):
            return holder
        of, catalogue = state.of, await self._catalogue()
        type = catalogue.version(of.certificate_type, of.catalogue_version)
        given, body = form_of(type, item.inputs), item.inputs.get("issuing_body")
        behind = form_of(type, await self._papers.inputs_behind(item, made.attempt, item.attempt))
        given = {**dict.fromkeys(behind.keys() - given.keys(), ""), **given}  # what is asked for no more
        known, today = await known_of(self.pool, holder), day_in_china(now)
        kept = {name: value for name, value in of.form.items() if (one := type.field(name)) and one.editable}
        filled = forms.complete(type, {**kept, **given}, known, today).values
        changed = {name for name in given if filled.get(name) != of.form.get(name)}
        is_another = holder.person != of.citizen or (body or of.issuing_body) != of.issuing_body
        if not changed and not is_another:
            return await self._stands(made, item, now)
        if is_another or changed & type.fixed or isinstance(state, states.InReview):
            await self._withdraw(state, now, context.step("withdraw"))
            return await self._apply(item, now, context)
        change = Change({name: given[name] for name in changed}, acting=Acting(of.citizen))
        applying = Applying(self.store, self.pool, catalogue)
        await applying.resubmit(made.id, _desk(holder, item, now), change, now, context.step("resubmit"))
        return AnswerWaiting(IN_REVIEW, now)

    async def _withdraw(self, state: states.Open, now: datetime, context: Context) -> None:
        command = WithdrawApplication(state.of.citizen, now)
        await self.store.execute(APPLICATION.stream(state.of.application), APPLICATION, command, context)

    async def _apply(self, item: ItemTaken, now: datetime, context: Context) -> Answer | None:
        catalogue = await self._catalogue()
        type = _type(catalogue, item, day_in_china(now))
        holder = await self._holder(item, now)
        if not isinstance(holder, Person):
            return holder
        standing = await self._papers.standing(item)
        wish = Wish(
            type.code,
            anew(type, item, standing) if standing else form_of(type, item.inputs),
            acting=Acting(holder.person),
            version=type.version,
            issuing_body=item.inputs.get("issuing_body"),
            replaces=standing.of.certificate if standing else None,
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
        """The paper of today; not before the one that it takes the place of is superseded."""
        paper = await in_its_place(self.store, certificate_of(application))
        if isinstance(paper, NotIssued):
            return None  # the sweep makes it
        if not isinstance(paper, Living):
            return AnswerRefused("no_longer_valid", NO_LONGER_VALID, now, may_retry=True)
        of = paper.as_issued
        before = await self.store.load(CERTIFICATE.stream(of.replaces), CERTIFICATE) if of.replaces else None
        if before and isinstance(before.state, Living):
            return None  # the sweep settles it
        return AnswerDone({"certificate": of.identifier}, now)

    async def _died(self, item: ItemTaken, now: datetime) -> AnswerRefused:
        catalogue = await self._catalogue()
        type = _type(catalogue, item, day_in_china(now))
        body = catalogue.body(type.issuer, item.inputs.get("issuing_body", ""))
        return AnswerRefused("applicant_died", holder_died(type.issuer, body), now)

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


def _said(refusal: Refused | Invalid) -> Words:
    """The sentence, and of a form what is wrong with each field."""
    if not isinstance(refusal, Invalid) or not refusal.fields:
        return words(refusal.text)
    return Words(
        zh="；".join(f"{name}：{text.zh}" for name, text in refusal.fields.items()),
        en="; ".join(f"{name}: {text.en}" for name, text in refusal.fields.items()),
    )
