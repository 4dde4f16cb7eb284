"""From a refusal to its notice: effectively once, because all follows from the refusal's event.

The request that refuses makes it at once. Should it be killed in between, the leader's sweep over `to_notify` does it.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.document.making import Signers, signed_and_sealed
from services.certificates.document.notice import NoticePage, Refusal, notice_page, render_notice
from services.certificates.document.rendering import Pictures
from services.certificates.documents import PDF
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import InReview, Particulars, Refused
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.issuer import Issuer
from services.certificates.domain.notice import IssueNotice, notice_of
from services.certificates.domain.notice_issued import NoticeIssued
from services.certificates.domain.remedy import RefusalTerms, terms_of
from services.certificates.domain.review import RefuseApplication
from services.certificates.domain.serials import (
    NOTICES,
    SERIAL,
    ClaimSerial,
    as_document_number,
    claim_id,
    notice_numbers,
)
from services.certificates.read_models.to_notify import next_to_notify
from services.certificates.sealing import signing_pair
from shared.contracts.certificates import ApplicationRefused, ReviewStep
from shared.contracts.errors import Broken, Misconfigured, TongbanError
from shared.contracts.errors import Refused as NotAllowedNow
from shared.department import files
from shared.department.key_store import KeyStore
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.reacting import context_of
from shared.standards.divisions import level_of
from shared.standards.errors import NotValid

log = structlog.get_logger(__name__)


NOT_YET = as_document_number("000000000000")  # stands for the number while there is none


@dataclass(frozen=True, slots=True)
class Draft:
    page: NoticePage
    signers: Signers


@dataclass(frozen=True, slots=True)
class Noticing:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it
    keys: KeyStore
    at_once: int = 100  # refusals a page of the sweep

    async def require_possible(self, state: InReview, refuse: RefuseApplication, reason: str) -> None:
        """What would keep the notice from being made is said to the reviewer before they refuse.

        Raises Invalid "missing_glyph"; and where the notice is all that the applicant is told by, Refused for a reason
        of `signing_pair`. Other notices follow when there is a seal.
        """
        if refuse.terms is None:
            return
        refusal = await self._refusal(state.of, state.step, reason, refuse.terms)
        notice_page(refusal, NOT_YET, reviewer="", at=refuse.now).require_glyphs()
        try:
            draft = await self._drafted(refusal, refuse.reviewer.id, NOT_YET, refuse.now)
        except NotAllowedNow:
            if refusal.type.refusal_notice:
                raise
            return
        draft.page.require_glyphs()

    async def issue(self, application: UUID, now: datetime) -> None:
        """The notice of a refusal, made now or before; nothing where it has none. Raises as `require_possible`."""
        stream = APPLICATION.stream(application)
        loaded = await self.store.load(stream, APPLICATION)
        state = loaded.state
        if not isinstance(state, Refused):
            raise Broken("only a refusal leads to a notice")
        if state.has_notice or (terms := await self._terms(state)) is None:
            return
        event = next(event for event in loaded.events if isinstance(event.data, ApplicationRefused))
        context = context_of(event, self.store.registry.department, "notice")
        refusal = await self._refusal(state.of, state.by, state.reason, terms)
        number = await self._number(refusal.body, application, now, context.step("number"))
        draft = await self._drafted(refusal, state.reviewer, number, now)
        page, signers = draft.page, draft.signers
        page.require_glyphs()
        pictures = Pictures(signers.signature.image, signers.seal.image)
        drawn = await asyncio.to_thread(render_notice, page, pictures, now)
        made = await signed_and_sealed(drawn, signers, self.keys, now)
        await files.put(self.pool, PDF, made.pdf)
        issued = NoticeIssued(
            application=application,
            notice=notice_of(application),
            issuing_body=refusal.body.name,
            issuing_body_code=refusal.body.credit_code,
            reviewer=state.reviewer,
            signature=made.sealed.signature,
            seal=made.sealed.seal,
            document=made.sealed.document,
            sm2_seal=made.sealed.sm2_seal,
            issued_at=now,
            number=number,
        )
        command = IssueNotice(issued, made.sealed.signed, made.sealed.sealed)
        await self.store.execute(stream, APPLICATION, command, context)

    async def issue_now(self, application: UUID, now: datetime) -> None:
        """As `issue`; what is not possible at the moment is logged, and the sweep tries on."""
        try:
            await self.issue(application, now)
        except (TongbanError, NotValid) as problem:
            log.warning("notice not issued yet", application=str(application), problem=type(problem).__name__)

    async def sweep(self, clock: Clock = utc_now) -> None:
        """Make whatever notice is due, the longest waiting first."""
        catalogue = await with_published(self.catalogue, self.pool)
        codes = [code for code, versions in catalogue.types.items() if any(one.refusal_notice for one in versions)]
        await go_through(
            "notices to issue",
            partial(next_to_notify, codes=codes),
            lambda place: self.issue(place.id, clock()),
            self.pool,
            clock,
            a_page=self.at_once,
        )

    async def _drafted(self, refusal: Refusal, reviewer: UUID, number: str, now: datetime) -> Draft:
        signature, seal = await signing_pair(
            self.pool, self.store, issuer_code=refusal.body.credit_code, reviewer=reviewer, now=now
        )
        page = notice_page(refusal, number, reviewer=signature.owner_name, at=now)
        return Draft(page, Signers(reviewer, signature, seal))

    async def _terms(self, state: Refused) -> RefusalTerms | None:
        """As pinned; of a refusal stored before they were, those of today where its type has always had a notice."""
        if state.terms:
            return state.terms
        catalogue = await with_published(self.catalogue, self.pool)
        type = catalogue.version(state.of.certificate_type, state.of.catalogue_version)
        return terms_of(catalogue.remedies[type.issuer], type) if type.refusal_notice else None

    async def _refusal(self, of: Particulars, step: ReviewStep | None, reason: str, terms: RefusalTerms) -> Refusal:
        catalogue = await with_published(self.catalogue, self.pool)
        type = catalogue.version(of.certificate_type, of.catalogue_version)
        body = refusing_body(catalogue, type, of, step)
        if body is None:
            raise Misconfigured(f"nobody issues {type.code} in {of.division} any more, and there are applications")
        remedy = catalogue.remedies[body.issuer_class]
        return Refusal(type, of.form, of.submitted_at, reason, terms, remedy, body)

    async def _number(self, body: Issuer, application: UUID, now: datetime, context: Context) -> str:
        """文号: the first of the application's numbers that this body gave to nobody else."""
        for number in notice_numbers(application, day_in_china(now).year):
            stream = SERIAL.stream(claim_id(body.credit_code, NOTICES, number))
            claim = await self.store.execute(stream, SERIAL, ClaimSerial(application), context)
            if claim.state == application:
                return as_document_number(number)
        raise Broken("candidates came to an end")


def refusing_body(
    catalogue: Catalogue, type: CertificateType, of: Particulars, step: ReviewStep | None
) -> Issuer | None:
    """The issuing body, or the township where its reviewer refuses. None: the catalogue has neither any more."""
    issuer = catalogue.issuer_of(type, of.division, of.issuing_body)
    if issuer and step and step.division != issuer.division and level_of(step.division) == "township":
        return catalogue.issuer("township", step.division) or issuer
    return issuer
