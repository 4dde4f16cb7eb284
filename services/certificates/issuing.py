"""From an approval to its certificate: effectively once, because everything follows from the approval's event.

Should the applicant die before, his application is terminated.

The request that approves issues at once. Should it be killed in between, the leader's sweep over `to_issue` does it.
Both use ids that follow from the approval, so both together still make one serial number and one certificate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import structlog

from services.certificates.applicant import register_now
from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.documents import Documents
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import Approved, InReview
from services.certificates.domain.application_state import Particulars as Submitted
from services.certificates.domain.certificate import (
    CERTIFICATE,
    IssueCertificate,
    Particulars,
    certificate_of,
    drawn_up,
)
from services.certificates.domain.certificate_state import NotIssued, State
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.issuer import Issuer
from services.certificates.domain.still_true import require_still_true
from services.certificates.domain.termination import TerminateApplication
from services.certificates.following import Following
from services.certificates.instances import in_place_of_another
from services.certificates.read_models.to_issue import next_to_issue
from services.certificates.use_cases.numbering import claim_number
from shared.contracts.certificates import ApplicationApproved, TerminationReason
from shared.contracts.errors import Broken, Misconfigured, Refused, TongbanError
from shared.contracts.event import Metadata
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store, repeated
from shared.messaging.reacting import context_of
from shared.standards.errors import NotValid

log = structlog.get_logger(__name__)

ENDS: Mapping[str, TerminationReason] = {
    "applicant_died": "applicant_died",
    "entry_annulled": "entry_annulled",
    "fact_changed": "fact_changed",
}
"""Refusals that do not pass: what was approved comes to an end."""
NOT_YET = "0"  # stands for the serial while there is none


@dataclass(frozen=True, slots=True)
class Issuing:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it
    documents: Documents
    at_once: int = 100  # applications a page of the sweep

    async def require_issuable(self, state: InReview, reviewer: UUID, now: datetime) -> None:
        """What would keep the certificate from being issued is said to the reviewer before he approves.

        Raises Refused for a reason of `signing_pair` or of `require_still_true`, Invalid "missing_glyph", and
        Misconfigured as `issue`.
        """
        type, issuer = await self._terms(state.of)
        await self._require_still_true(state.of, type)
        second = await self._countersigner(type, state.of)
        says = drawn_up(_particulars(state.of, type, issuer, second, serial=NOT_YET, day=day_in_china(now), now=now))
        first, counter = _signers(type, (*state.passed_by, reviewer))
        await self.documents.require_possible(says, type, first, counter)

    async def issue(self, application: UUID, now: datetime) -> Done[State]:
        """The certificate of an approved application, issued now or before.

        Raises Broken when it is not approved, Misconfigured when type version or issuer are gone from the catalogue,
        Refused when it no longer agrees with the register, or signature or seal may not sign now, and what the store
        raises.
        """
        loaded = await self.store.load(APPLICATION.stream(application), APPLICATION)
        state = loaded.state
        if not isinstance(state, Approved):
            raise Broken("only an approved application leads to a certificate")
        approval = next(event for event in loaded.events if isinstance(event.data, ApplicationApproved))
        context = context_of(approval, self.store.registry.department, "issue")
        stream, step = CERTIFICATE.stream(certificate_of(application)), context.step("certificate")
        before = await self.store.load(stream, CERTIFICATE)
        if not isinstance(before.state, NotIssued):
            return repeated(before, step) or Done(stream, before.state, before.version, ())
        type, issuer = await self._terms(state.of)
        await self._require_still_true(state.of, type)
        day = day_in_china(state.approved_at)
        serial = await claim_number(
            self.store, type, (issuer.credit_code, issuer.division), application, day, context.step("serial")
        )
        second = await self._countersigner(type, state.of)
        says = drawn_up(_particulars(state.of, type, issuer, second, serial=serial, day=day, now=now))
        says = await in_place_of_another(self.store, self.pool, type, says, state.of.replaces)
        says = await self.documents.with_status(says, day, context.step("status"))
        first, counter = _signers(type, (*state.passed_by, state.decided_by))
        sealed = await self.documents.make(says, type, first, counter)
        return await self.store.execute(stream, CERTIFICATE, IssueCertificate(says, sealed), step)

    async def _require_still_true(self, of: Submitted, type: CertificateType) -> None:
        if register := await register_now(self.pool, of.citizen, of.filled_at):
            require_still_true(of, type, register)

    async def _terms(self, of: Submitted) -> tuple[CertificateType, Issuer]:
        catalogue = await with_published(self.catalogue, self.pool)
        type = catalogue.version(of.certificate_type, of.catalogue_version)
        issuer = catalogue.issuer_of(type, of.division, of.issuing_body)
        if issuer is None:
            raise Misconfigured(
                f"nobody issues {type.code} in {of.division} any more, and there are approved applications"
            )
        return type, issuer

    async def _countersigner(self, type: CertificateType, of: Submitted) -> Issuer | None:
        """The second body, of the last review's place."""
        if type.countersigner is None:
            return None
        catalogue = await with_published(self.catalogue, self.pool)
        if body := catalogue.issuer(type.countersigner, of.chain[-1].division):
            return body
        raise Misconfigured(f"no {type.countersigner} countersigns {type.code} in {of.chain[-1].division}")

    async def issue_now(self, application: UUID, now: datetime) -> Done[State] | None:
        """As `issue`; None when its applicant died, or it is not possible at the moment: then the sweep tries on."""
        try:
            return await self._issue_or_terminate(application, now)
        except Refused as refused:
            log.warning("certificate not issued yet", application=str(application), refused=refused.code)
            return None
        except (TongbanError, NotValid):
            log.exception("certificate not issued yet", application=str(application))
            return None

    async def _issue_or_terminate(self, application: UUID, now: datetime) -> Done[State] | None:
        try:
            return await self.issue(application, now)
        except Refused as refused:
            reason = ENDS.get(refused.code)
            if reason is None:
                raise
        if reason == "fact_changed" and (again := await self._refilled(application, now)):
            return again
        stream = APPLICATION.stream(application)
        context = Context(
            Metadata(actor=f"department:{self.store.registry.department}"), key=f"{application}\nterminate"
        )
        await self.store.execute(stream, APPLICATION, TerminateApplication(reason, now), context)
        log.info("approved application terminated", application=str(application), reason=reason)
        return None

    async def _refilled(self, application: UUID, now: datetime) -> Done[State] | None:
        """Issued by what the register says now. None: it differs in what cannot be filled anew, such as its place."""
        following = Following(self.store, self.pool, self.catalogue)
        key = f"{application}\nrefill {now.isoformat()}"
        actor = Metadata(actor=f"department:{self.store.registry.department}")
        await following.refill(application, now, Context(actor, key=key))
        try:
            return await self.issue(application, now)
        except Refused as refused:
            if refused.code != "fact_changed":
                raise
            return None

    async def sweep(self, clock: Clock = utc_now) -> int:
        """Issue whatever is approved and not issued, the longest waiting first. Returns how many it issued."""
        issued = await go_through(
            "certificates to issue",
            next_to_issue,
            lambda place: self._issue_or_terminate(place.id, clock()),
            self.pool,
            clock,
            a_page=self.at_once,
        )
        if issued:
            log.info("approved before, issued by the sweep", certificates=issued)
        return issued


def _signers(type: CertificateType, decided: Sequence[UUID]) -> tuple[UUID, UUID | None]:
    """Who signs: the last who decided; where a second body signs too, the one before, and then the last."""
    return (decided[-2], decided[-1]) if type.countersigner else (decided[-1], None)


def _particulars(
    of: Submitted,
    type: CertificateType,
    issuer: Issuer,
    countersigner: Issuer | None,
    *,
    serial: str,
    day: date,
    now: datetime,
) -> Particulars:
    return Particulars(
        application=of.application,
        citizen=of.citizen,
        type=type,
        issuer=issuer,
        serial=serial,
        form=of.form,
        day=day,
        now=now,
        guardian=of.guardian,
        countersigner=countersigner,
    )
