"""One certificate takes another's place: a corrected version, or a newer one for the same.

Two streams, so two steps: the next version is issued, then the one before is superseded. Every id follows from the
event that decided it. Should the process be killed in between, the leader's sweep over `to_replace` goes on from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from services.certificates.applicant import what_is_known
from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.documents import Documents
from services.certificates.domain import forms
from services.certificates.domain.application import APPLICATION
from services.certificates.domain.application_state import NotSubmitted
from services.certificates.domain.certificate import CERTIFICATE, IssueCertificate
from services.certificates.domain.certificate_life import (
    CorrectCertificate,
    SettleSuccession,
    SupersedeCertificate,
)
from services.certificates.domain.certificate_state import Issued, NotIssued, State, Suspended
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.life_events import CorrectionDecided
from services.certificates.domain.life_refusals import no_such_certificate
from services.certificates.domain.next_version import next_version
from services.certificates.domain.officer import Officer
from services.certificates.instances import living_for_the_same
from services.certificates.read_models.to_replace import next_to_correct, next_to_settle
from shared.contracts.certificates import CertificateIssued
from shared.contracts.errors import Broken, TongbanError
from shared.department.sweeping import Clock, go_through, utc_now
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store, repeated
from shared.messaging.reacting import context_of
from shared.standards.errors import NotValid

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Replacing:
    store: Store
    pool: Pool
    catalogue: Catalogue  # as the release ships it
    documents: Documents
    at_once: int = 100  # certificates a page of the sweep

    async def correct(
        self,
        certificate: UUID,
        officer: Officer,
        given: Mapping[str, str],
        reason: str,
        now: datetime,
        context: Context,
    ) -> Done[State]:
        """Decide what the next version says. Fields not given stay, those of the register are fetched again.

        Raises what the rules, the form, or signature and seal say no to; then nothing is decided.
        """
        stream = CERTIFICATE.stream(certificate)
        loaded = await self.store.load(stream, CERTIFICATE)
        if repeat := repeated(loaded, context):
            return repeat
        if isinstance(loaded.state, NotIssued):
            raise no_such_certificate()
        of = loaded.state.as_issued
        type = await self._type(of)
        before = await self._form_behind(of)
        known = await what_is_known(self.pool, of.citizen)
        form = forms.corrected(type, before, given, known, day_in_china(now))
        command = CorrectCertificate(officer, form, before, reason, now)
        CERTIFICATE.decide(loaded.state, command)  # what the rules refuse is said before anything is drawn
        await self.documents.require_possible(next_version(of, type, form.values, officer.id, now), type, officer.id)
        return await self.store.execute(stream, CERTIFICATE, command, context)

    async def replace(self, certificate: UUID, now: datetime) -> Done[State] | None:
        """Issue the next version of one that is being corrected, now or before. None: its life is over meanwhile."""
        loaded = await self.store.load(CERTIFICATE.stream(certificate), CERTIFICATE)
        state = loaded.state
        if not isinstance(state, Issued | Suspended) or state.correction is None:
            return None
        decided = next(event for event in loaded.events if isinstance(event.data, CorrectionDecided))
        context = context_of(decided, self.store.registry.department, "replace")
        type = await self._type(state.as_issued)
        by = state.correction.decided_by
        says = next_version(state.as_issued, type, state.correction.form, by, now)
        stream = CERTIFICATE.stream(says.certificate)
        issued = await self.store.load(stream, CERTIFICATE)
        done = Done(stream, issued.state, issued.version, ())
        if isinstance(issued.state, NotIssued):
            says = await self.documents.with_status(says, day_in_china(now), context.step("status"))
            sealed = await self.documents.make(says, type, by)
            command = IssueCertificate(says, sealed)
            done = await self.store.execute(stream, CERTIFICATE, command, context.step("certificate"))
        await self.settle(says.certificate, now)
        return done

    async def settle(self, successor: UUID, now: datetime) -> None:
        """Supersede whatever lives beside the newest certificate for the same, then remember that it is done."""
        loaded = await self.store.load(CERTIFICATE.stream(successor), CERTIFICATE)
        if isinstance(loaded.state, NotIssued):
            raise Broken("what was never issued takes nobody's place")
        of = loaded.state.as_issued
        context = context_of(loaded.events[0], self.store.registry.department, "settle")
        same = await living_for_the_same(self.store, self.pool, await self._type(of), of)
        for one in same[:-1]:
            command = SupersedeCertificate(same[-1].certificate, same[-1].identifier, now)
            stream = CERTIFICATE.stream(one.certificate)
            await self.store.execute(stream, CERTIFICATE, command, context.step(str(one.certificate)))
        stream = CERTIFICATE.stream(successor)
        await self.store.execute(stream, CERTIFICATE, SettleSuccession(), context.step("settled"))

    async def _form_behind(self, of: CertificateIssued) -> Mapping[str, str]:
        """The form that a certificate follows from: its application's, or the correction's that it came of."""
        if of.version > 1 and of.replaces:
            before = await self.store.load(CERTIFICATE.stream(of.replaces), CERTIFICATE)
            return next(event.data.form for event in before.events if isinstance(event.data, CorrectionDecided))
        application = (await self.store.load(APPLICATION.stream(of.application), APPLICATION)).state
        if isinstance(application, NotSubmitted):
            raise Broken("a certificate without its application")
        return application.of.form

    async def _type(self, of: CertificateIssued) -> CertificateType:
        catalogue = await with_published(self.catalogue, self.pool)
        return catalogue.version(of.certificate_type, of.catalogue_version or 1)

    async def replace_now(self, certificate: UUID, now: datetime) -> Done[State] | None:
        """As `replace`; None when that is not possible at the moment: the sweep tries on."""
        try:
            return await self.replace(certificate, now)
        except (TongbanError, NotValid):
            log.exception("next version not issued yet", certificate=str(certificate))
            return None

    async def sweep(self, clock: Clock = utc_now) -> None:
        """Issue whatever correction waits, settle whatever succession does, the longest waiting first."""
        await self.correct_waiting(clock)
        await self.settle_waiting(clock)

    async def correct_waiting(self, clock: Clock = utc_now) -> None:
        await go_through(
            "certificates to correct",
            next_to_correct,
            lambda place: self.replace(place.id, clock()),
            self.pool,
            clock,
            a_page=self.at_once,
        )

    async def settle_waiting(self, clock: Clock = utc_now) -> None:
        await go_through(
            "successions to settle",
            next_to_settle,
            lambda place: self.settle(place.id, clock()),
            self.pool,
            clock,
            a_page=self.at_once,
        )
