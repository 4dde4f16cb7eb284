"""One certificate takes another's place: a corrected version, or a newer one for the same.

Two streams, so two steps: the next version is issued, then the one before is superseded. Every id follows from the
event that decided it. Should the process be killed in between, the leader's sweep over `to_replace` goes on from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from services.certificates.applicant import what_is_known
from services.certificates.catalogue import Catalogue
from services.certificates.catalogue_now import with_published
from services.certificates.documents import Documents
from services.certificates.domain import forms
from services.certificates.domain.certificate import CERTIFICATE, IssueCertificate
from services.certificates.domain.certificate_life import (
    CorrectCertificate,
    SettleSuccession,
    SupersedeCertificate,
)
from services.certificates.domain.certificate_state import Issued, NotIssued, State, Superseded, Suspended
from services.certificates.domain.certificate_type import CertificateType
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.life_events import CorrectionDecided
from services.certificates.domain.life_refusals import no_such_certificate
from services.certificates.domain.next_version import next_version, next_version_of
from services.certificates.domain.officer import Officer
from services.certificates.domain.review_chain import REVIEWERS
from services.certificates.following import compare
from services.certificates.instances import living_for_the_same
from services.certificates.read_models.to_replace import next_to_correct, next_to_settle
from services.certificates.use_cases.forms_behind import form_behind
from services.certificates.use_cases.numbering import claim_number
from services.certificates.use_cases.present import in_its_place
from services.certificates.use_cases.register_known import Paper, known_now, subjects_of
from shared.contracts.certificates import CertificateIssued
from shared.contracts.errors import Broken, Invalid, Refused, TongbanError
from shared.department.staff import appointed_at
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
        told = await known_now(self.pool, await subjects_of(self.pool, type, Paper(of.application, of.citizen, before)))
        differs = compare(type, before, told)
        form = forms.corrected(type, {**before, **differs.now}, given, known, day_in_china(now))
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
        decided, cause = next(
            (event, event.data.cause) for event in loaded.events if isinstance(event.data, CorrectionDecided)
        )
        context = context_of(decided, self.store.registry.department, "replace")
        type = await self._type(state.as_issued)
        by = state.correction.decided_by
        stream = CERTIFICATE.stream(next_version_of(certificate))
        issued = await self.store.load(stream, CERTIFICATE)
        done = Done(stream, issued.state, issued.version, ())
        if isinstance(issued.state, NotIssued):
            number = await self._number(state.as_issued, type, now, context) if type.renumbered else None
            says = next_version(state.as_issued, type, state.correction.form, by, now, number=number)
            if cause is not None:
                by = await self._who_signs(says, type, by)
                says = says.model_copy(update={"reviewer": by})
            says = await self.documents.with_status(says, day_in_china(now), context.step("status"))
            counter = says.counter_reviewer if cause is not None else None  # else two would have to decide it
            sealed = await self.documents.make(says, type, by, counter)
            command = IssueCertificate(says, sealed)
            done = await self.store.execute(stream, CERTIFICATE, command, context.step("certificate"))
        await self.settle(next_version_of(certificate), now)
        return done

    async def _number(self, of: CertificateIssued, type: CertificateType, now: datetime, context: Context) -> str:
        issuer = (of.issuing_body_code, of.division)
        subject, day = next_version_of(of.certificate), day_in_china(now)
        return await claim_number(self.store, type, issuer, subject, day, context.step("number"))

    async def _who_signs(self, says: CertificateIssued, type: CertificateType, before: UUID) -> UUID:
        """Nobody decides what the register says: who signed the one before signs this one, or a colleague who may.

        Raises Refused when none of them may sign at this moment; then the sweep tries on.
        """
        colleagues = await appointed_at(self.pool, says.division, [REVIEWERS[type.issuer]])
        problem: Refused | None = None
        for officer in dict.fromkeys([before, *colleagues]):
            try:
                await self.documents.require_possible(says, type, officer, says.counter_reviewer)
            except Invalid:
                raise
            except Refused as refused:
                problem = problem or refused
            else:
                return officer
        raise problem or Broken("who signed before is asked first")

    async def settle(self, successor: UUID, now: datetime) -> None:
        """Supersede whatever lives beside the newest certificate for the same, then remember that it is done."""
        loaded = await self.store.load(CERTIFICATE.stream(successor), CERTIFICATE)
        if isinstance(loaded.state, NotIssued):
            raise Broken("what was never issued takes nobody's place")
        of = loaded.state.as_issued
        context = context_of(loaded.events[0], self.store.registry.department, "settle")
        await self._give_way(of, loaded.state, now, context)
        same = await living_for_the_same(self.store, self.pool, await self._type(of), of)
        latest = same[-1] if same else of
        for one in [*(await self._replaced(of, same)), *same[:-1]]:
            command = SupersedeCertificate(latest.certificate, latest.identifier, now)
            stream = CERTIFICATE.stream(one.certificate)
            await self.store.execute(stream, CERTIFICATE, command, context.step(str(one.certificate)))
        stream = CERTIFICATE.stream(successor)
        await self.store.execute(stream, CERTIFICATE, SettleSuccession(), context.step("settled"))

    async def _replaced(self, of: CertificateIssued, same: Sequence[CertificateIssued]) -> list[CertificateIssued]:
        """What it says that it replaces, where that was for something else, such as a child's former name."""
        if of.replaces is None or of.replaces in {one.certificate for one in same}:
            return []
        state = (await self.store.stand(CERTIFICATE.stream(of.replaces), CERTIFICATE)).state
        return [state.as_issued] if isinstance(state, Issued | Suspended) else []

    async def _give_way(self, of: CertificateIssued, state: State, now: datetime, context: Context) -> None:
        """Two took the same one's place at once: what was applied for stays, not what was corrected by itself."""
        if of.replaces is None or not isinstance(state, Issued | Suspended):
            return
        before = (await self.store.stand(CERTIFICATE.stream(of.replaces), CERTIFICATE)).state
        other = await in_its_place(self.store, of.replaces) if isinstance(before, Superseded) else None
        if not isinstance(other, Issued | Suspended) or not isinstance(before, Superseded):
            return
        if other.as_issued.certificate == of.certificate:
            return
        pair = [of, other.as_issued]
        stays = next((one for one in pair if one.application != before.as_issued.application), of)
        goes = next(one for one in pair if one is not stays)
        command = SupersedeCertificate(stays.certificate, stays.identifier, now)
        await self.store.execute(CERTIFICATE.stream(goes.certificate), CERTIFICATE, command, context.step("gives way"))

    async def _form_behind(self, of: CertificateIssued) -> Mapping[str, str]:
        form = await form_behind(self.store, of)
        if form is None:
            raise Broken("a certificate without its application")
        return form

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
