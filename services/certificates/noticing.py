"""From a refusal to its notice, where the type has one: effectively once, because all follows from the refusal's event.

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
from services.certificates.document.notice import NoticePage, notice_page, render_notice
from services.certificates.document.rendering import Pictures
from services.certificates.documents import PDF
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import InReview, Particulars, Refused
from services.certificates.domain.issuer import Issuer
from services.certificates.domain.notice import IssueNotice, notice_of
from services.certificates.domain.notice_issued import NoticeIssued
from services.certificates.read_models.to_notify import next_to_notify
from services.certificates.sealing import signing_pair
from shared.contracts.certificates import ApplicationRefused
from shared.contracts.errors import Broken, Misconfigured, TongbanError
from shared.department import files
from shared.department.key_store import KeyStore
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.database import Pool
from shared.eventstore.store import Store
from shared.messaging.reacting import context_of
from shared.standards.errors import NotValid

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    page: NoticePage
    issuer: Issuer
    signers: Signers


@dataclass(frozen=True, slots=True)
class Noticing:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it
    keys: KeyStore
    at_once: int = 100  # refusals a page of the sweep

    async def require_possible(self, state: InReview, reviewer: UUID, reason: str, now: datetime) -> None:
        """What would keep the notice from being made is said to the reviewer before he refuses.

        Raises Refused for a reason of `signing_pair`, Invalid "missing_glyph".
        """
        if draft := await self._drafted(state.of, reviewer, reason, now):
            draft.page.require_glyphs()

    async def issue(self, application: UUID, now: datetime) -> None:
        """The notice of a refusal, made now or before; nothing for a type without one. Raises as `require_possible`."""
        stream = APPLICATION.stream(application)
        loaded = await self.store.load(stream, APPLICATION)
        state = loaded.state
        if not isinstance(state, Refused):
            raise Broken("only a refusal leads to a notice")
        draft = None if state.has_notice else await self._drafted(state.of, state.reviewer, state.reason, now)
        if draft is None:
            return
        page, signers = draft.page, draft.signers
        page.require_glyphs()
        pictures = Pictures(signers.signature.image, signers.seal.image)
        drawn = await asyncio.to_thread(render_notice, page, pictures, now)
        made = await signed_and_sealed(drawn, signers, self.keys, now)
        await files.put(self.pool, PDF, made.pdf)
        issued = NoticeIssued(
            application=application,
            notice=notice_of(application),
            issuing_body=draft.issuer.name,
            issuing_body_code=draft.issuer.credit_code,
            reviewer=state.reviewer,
            signature=made.sealed.signature,
            seal=made.sealed.seal,
            document=made.sealed.document,
            sm2_seal=made.sealed.sm2_seal,
            issued_at=now,
        )
        refusal = next(event for event in loaded.events if isinstance(event.data, ApplicationRefused))
        context = context_of(refusal, self.store.registry.department, "notice")
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

    async def _drafted(self, of: Particulars, reviewer: UUID, reason: str, now: datetime) -> Draft | None:
        """None: a refusal of this type is told in the application alone."""
        catalogue = await with_published(self.catalogue, self.pool)
        type = catalogue.version(of.certificate_type, of.catalogue_version)
        if type.refusal_notice is None:
            return None
        issuer = catalogue.issuer_of(type, of.division, of.issuing_body)
        if issuer is None:
            raise Misconfigured(f"nobody issues {type.code} in {of.division} any more, and there are applications")
        signature, seal = await signing_pair(
            self.pool, self.store, issuer_code=issuer.credit_code, reviewer=reviewer, now=now
        )
        page = notice_page(
            notice_of(of.application), type, of.form, reason, issuer, reviewer=signature.owner_name, at=now
        )
        return Draft(page, issuer, Signers(reviewer, signature, seal))
